# SPDX-License-Identifier: MIT
# `conan create packaging/conan`, with Conan 2.
import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0"


class XgradConan(ConanFile):
    name = "xgrad"
    description = "A small reverse-mode autodiff framework over xtensor"
    license = "MIT"
    topics = ("autodiff", "machine-learning", "xtensor")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "f64": [True, False], "threads": [True, False], "spdlog": [True, False]}
    # XTENSOR_USE_XSIMD would change the type of every array, here and in consumers.
    default_options = {"shared": False, "f64": True, "threads": True, "spdlog": True, "xtensor/*:xsimd": False}

    def set_version(self):
        lists = load(self, os.path.join(self.recipe_folder, "..", "..", "CMakeLists.txt"))
        self.version = lists.split("project(xgrad VERSION ")[1].split()[0]

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..")
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "datasets/README.md", "include/*", "core/*", "autograd/*", "nn/*", "optim/*", "datasets/*.[ch]pp", "datasets/uci/*", "train/*"):
            copy(self, pattern, root, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def validate(self):
        check_min_cppstd(self, 20)

    def requirements(self):
        self.requires("xtensor/[>=0.24.3 <0.25]", transitive_headers=True)
        self.requires("xsimd/[>=8 <12]")  # private: in no installed header
        self.requires("nlohmann_json/[>=3.9 <4]")
        self.requires("openblas/[>=0.3.20 <1]")
        self.requires("zlib/[>=1.2.11 <2]")
        if self.options.threads:
            self.requires("onetbb/[>=2021.7 <2023]")
        if self.options.spdlog:
            self.requires("spdlog/[>=1.10 <2]")

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["XGRAD_F64"] = bool(self.options.f64)
        toolchain.cache_variables["XGRAD_THREADS"] = bool(self.options.threads)
        toolchain.cache_variables["XGRAD_SPDLOG"] = bool(self.options.spdlog)
        toolchain.cache_variables["XGRAD_ONEDNN"] = False
        toolchain.cache_variables["XGRAD_BUILD_TESTS"] = False
        toolchain.cache_variables["XGRAD_BUILD_EXAMPLES"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))  # Conan writes its own
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "xgrad")
        requires = ["xtensor::xtensor", "xsimd::xsimd", "nlohmann_json::nlohmann_json", "openblas::openblas", "zlib::zlib"]
        if self.options.threads:
            requires.append("onetbb::libtbb")
        if self.options.spdlog:
            requires.append("spdlog::spdlog")
        for component, library in (("f32", "xgrad"), ("f64", "xgrad_f64")):
            if component == "f64" and not self.options.f64:
                continue
            info = self.cpp_info.components[component]
            info.set_property("cmake_target_name", f"xgrad::{library}")
            info.set_property("pkg_config_name", library)
            info.libs = [library]
            info.requires = requires
            if component == "f64":
                info.defines = ["XGRAD_DOUBLE"]
            if self.settings.os == "Linux":
                info.system_libs = ["dl", "m", "pthread"]
