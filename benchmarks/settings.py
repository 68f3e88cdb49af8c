# SPDX-License-Identifier: MIT
"""The thread settings and OpenBLAS builds that PyTorch and LibTorch are run with."""
import dataclasses
import glob
import os
import subprocess
import sys


@dataclasses.dataclass(frozen=True)
class Setting:
    """A build of OpenBLAS and where it is, the threads of OpenMP, and those of OpenBLAS if set."""

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
    """What a program gets that does not ask; xgrad and the hand-written step set BLAS's threads."""
    return Setting("system", "", threads)


def has_torch():
    return subprocess.run([sys.executable, "-c", "import torch"], capture_output=True).returncode == 0


def torch_settings():
    """One and two threads of each kind, with every OpenBLAS build that Debian has and is installed.

    The build `openmp` takes its threads from OpenMP, so there the two numbers are one.
    """
    settings = []
    for build in ("pthread", "openmp"):
        for directory in glob.glob(f"/usr/lib/*/openblas-{build}"):
            if not is_loaded_from(directory):
                print(f"left out: PyTorch does not load {directory}", file=sys.stderr)
                continue
            for threads in (1, 2):
                for blas_threads in (1, 2) if build == "pthread" else (threads,):
                    settings.append(Setting(build, directory, threads, blas_threads))
    return settings or [Setting("system", "", threads, threads) for threads in (1, 2)]


def is_loaded_from(directory):
    """Asks a process that runs in this setting what it has mapped; true where there is no PyTorch."""
    program = "import torch; print([line for line in open('/proc/self/maps') if 'openblas' in line])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                         env=Setting("", directory, 1, 1).environment())
    return run.returncode != 0 or directory in run.stdout
