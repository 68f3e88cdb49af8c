# SPDX-License-Identifier: MIT
"""The numbers of threads and the builds of OpenBLAS with which the programs are measured."""
import dataclasses
import glob
import os
import subprocess
import sys


@dataclasses.dataclass(frozen=True)
class Setting:
    """A build of OpenBLAS, its directory, and the numbers of threads of OpenMP and of OpenBLAS.

    An empty directory stands for the default OpenBLAS. If blas_threads is None, OpenBLAS is not told
    how many threads to use.
    """

    build: str
    directory: str
    threads: int
    blas_threads: int | None = None

    def environment(self):
        variables = dict(os.environ)
        variables["OMP_NUM_THREADS"] = str(self.threads)
        if self.blas_threads:
            variables["OPENBLAS_NUM_THREADS"] = str(self.blas_threads)
        if self.directory:
            variables["LD_LIBRARY_PATH"] = self.directory
        return variables

    def __str__(self):
        return f"{self.build} {self.threads}/{self.blas_threads or '-'}"


def system(threads):
    """Returns a setting for programs that use the default OpenBLAS and set its threads."""
    return Setting("system", "", threads)


def has_torch():
    return subprocess.run([sys.executable, "-c", "import torch"], capture_output=True).returncode == 0


def torch_settings():
    """Returns the settings for PyTorch and LibTorch.

    They combine one and two threads of OpenMP and of OpenBLAS with each installed OpenBLAS build of
    Debian. The build `openmp` takes its number of threads from OpenMP, so both numbers are equal.
    """
    settings = []
    for build in ("pthread", "openmp"):
        for directory in glob.glob(f"/usr/lib/*/openblas-{build}"):
            if not is_loaded_from(directory):
                print(f"skipped: PyTorch does not load OpenBLAS from {directory}", file=sys.stderr)
                continue
            for threads in (1, 2):
                for blas_threads in (1, 2) if build == "pthread" else (threads,):
                    settings.append(Setting(build, directory, threads, blas_threads))
    return settings or [Setting("system", "", threads, threads) for threads in (1, 2)]


def is_loaded_from(directory):
    """Returns whether PyTorch loads OpenBLAS from `directory`; True if there is no PyTorch."""
    program = "import torch; print([line for line in open('/proc/self/maps') if 'openblas' in line])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                         env=Setting("", directory, 1, 1).environment())
    return run.returncode != 0 or directory in run.stdout
