# SPDX-License-Identifier: MIT
# What the library stands on. The examples and tests look for their own needs themselves.
find_package(xtensor 0.24 REQUIRED)
find_package(xsimd REQUIRED)  # asked for 8, its version file would refuse 9 and later
if(xsimd_VERSION VERSION_LESS 8)
  message(FATAL_ERROR "xgrad: xsimd 8 or newer is needed, found ${xsimd_VERSION} in ${xsimd_DIR}")
endif()
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3 REQUIRED)

# OpenBLAS first: through libblas.so one may silently get the reference BLAS, fifty times slower.
if(NOT BLA_VENDOR)
  set(BLA_VENDOR OpenBLAS)
  find_package(BLAS QUIET)
  unset(BLA_VENDOR)
endif()
if(NOT BLAS_FOUND)
  find_package(BLAS REQUIRED)
endif()
include(CheckCXXSourceCompiles)
include(CMakePushCheckState)
find_path(XGRAD_CBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas REQUIRED)
cmake_push_check_state(RESET)
set(CMAKE_REQUIRED_LIBRARIES BLAS::BLAS)
set(CMAKE_REQUIRED_INCLUDES ${XGRAD_CBLAS_INCLUDE_DIR})
check_cxx_source_compiles("#include <cblas.h>
int main() { return cblas_sdot(0, nullptr, 1, nullptr, 1) != 0; }" XGRAD_HAS_CBLAS)
check_cxx_source_compiles("#include <cblas.h>
int main() { return openblas_get_parallel() == OPENBLAS_OPENMP && openblas_get_num_threads() > 0; }"
  XGRAD_HAS_OPENBLAS)
cmake_pop_check_state()
if(NOT XGRAD_HAS_CBLAS)
  message(FATAL_ERROR "xgrad: ${BLAS_LIBRARIES} has no CBLAS interface; install OpenBLAS "
                      "(libopenblas-dev) or set BLA_VENDOR")
endif()
if(XGRAD_HAS_OPENBLAS)
  message(STATUS "xgrad: OpenBLAS in ${BLAS_LIBRARIES}")
else()
  message(WARNING "xgrad: ${BLAS_LIBRARIES} is not OpenBLAS; with the reference BLAS training is "
                  "some fifty times slower")
endif()

# Another package may have found TBB already: whether xgrad uses it is XGRAD_THREADS's to say.
set(XGRAD_TBB OFF)
if(XGRAD_THREADS)
  find_package(TBB 2021 QUIET)
  set(XGRAD_TBB ${TBB_FOUND})
  if(NOT XGRAD_TBB)
    message(STATUS "xgrad: no oneTBB (libtbb-dev); everything runs on one thread")
  endif()
endif()
