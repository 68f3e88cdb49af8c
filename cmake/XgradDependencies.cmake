# SPDX-License-Identifier: MIT
# What the library stands on. The examples and tests look for their own needs themselves.
# Within a function, since xtensor's package looks for TBB's, which ends CMake beside a target TBB::tbb
# of the including project's own.
function(xgrad_find_xtensor)
  if(TARGET TBB::tbb)
    set(CMAKE_DISABLE_FIND_PACKAGE_TBB ON)
  endif()
  find_package(xtensor 0.24 REQUIRED)
endfunction()
xgrad_find_xtensor()
find_package(xsimd REQUIRED)  # asked for 8, its version file would refuse 9 and later
if(xsimd_VERSION VERSION_LESS 8)
  message(FATAL_ERROR "xgrad: xsimd 8 or newer is needed, found ${xsimd_VERSION} in ${xsimd_DIR}")
endif()
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3 REQUIRED)

# OpenBLAS first: through libblas.so one may silently get the reference BLAS, fifty times slower. Not
# by find_package(BLAS): the target BLAS::BLAS, BLA_VENDOR and BLA_SIZEOF_INTEGER are the including
# project's, and may mean a BLAS with 64-bit integers or without CBLAS.
function(xgrad_find_any_blas)
  if(NOT PROJECT_IS_TOP_LEVEL)
    unset(BLA_VENDOR)
  endif()
  set(BLA_SIZEOF_INTEGER 4)
  find_package(BLAS REQUIRED)
  set(XGRAD_BLAS_LIBRARIES ${BLAS_LIBRARIES} PARENT_SCOPE)
endfunction()
if(NOT (PROJECT_IS_TOP_LEVEL AND BLA_VENDOR))
  find_library(XGRAD_BLAS_LIBRARIES openblas
               DOC "The BLAS that xgrad links: CBLAS with 32-bit integers; a list of libraries")
endif()
if(NOT XGRAD_BLAS_LIBRARIES)
  xgrad_find_any_blas()
endif()
include(CheckCXXSourceCompiles)
include(CMakePushCheckState)
find_path(XGRAD_CBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas REQUIRED)
cmake_push_check_state(RESET)
set(CMAKE_REQUIRED_LIBRARIES ${XGRAD_BLAS_LIBRARIES})
set(CMAKE_REQUIRED_FLAGS -w)  # the including project's -Werror is not for these sources
set(CMAKE_REQUIRED_INCLUDES ${XGRAD_CBLAS_INCLUDE_DIR})
check_cxx_source_compiles("#include <cblas.h>
int main() { return cblas_sdot(0, nullptr, 1, nullptr, 1) != 0; }" XGRAD_HAS_CBLAS)
check_cxx_source_compiles("#include <cblas.h>
int main() { return openblas_get_parallel() == OPENBLAS_OPENMP && openblas_get_num_threads() > 0; }"
  XGRAD_HAS_OPENBLAS)
cmake_pop_check_state()
if(NOT XGRAD_HAS_CBLAS)
  message(FATAL_ERROR "xgrad: ${XGRAD_BLAS_LIBRARIES} has no CBLAS interface; install OpenBLAS "
                      "(libopenblas-dev) or set XGRAD_BLAS_LIBRARIES")
endif()
if(XGRAD_HAS_OPENBLAS)
  message(STATUS "xgrad: OpenBLAS in ${XGRAD_BLAS_LIBRARIES}")
else()
  message(WARNING "xgrad: ${XGRAD_BLAS_LIBRARIES} is not OpenBLAS; with the reference BLAS training is "
                  "some fifty times slower")
endif()

# oneDNN computes large products of floats faster than OpenBLAS on x86-64, where it generates machine
# code for them. On other processors it is not used. xgrad limits it to one thread by the OpenMP of
# the calling thread, so a oneDNN that splits its work with oneTBB is not used, either.
set(XGRAD_HAS_ONEDNN OFF)
if(XGRAD_ONEDNN)
  find_library(XGRAD_ONEDNN_LIBRARY dnnl DOC "The oneDNN that xgrad links")
  find_path(XGRAD_ONEDNN_INCLUDE_DIR oneapi/dnnl/dnnl.h)
  if(XGRAD_ONEDNN_LIBRARY AND XGRAD_ONEDNN_INCLUDE_DIR)
    cmake_push_check_state(RESET)
    set(CMAKE_REQUIRED_LIBRARIES ${XGRAD_ONEDNN_LIBRARY})
    set(CMAKE_REQUIRED_FLAGS -w)
    set(CMAKE_REQUIRED_INCLUDES ${XGRAD_ONEDNN_INCLUDE_DIR})
    check_cxx_source_compiles("#include <oneapi/dnnl/dnnl.h>
#if !defined(__x86_64__)
#error
#elif DNNL_CPU_THREADING_RUNTIME != DNNL_RUNTIME_OMP && DNNL_CPU_THREADING_RUNTIME != DNNL_RUNTIME_SEQ
#error
#endif
int main() { return dnnl_sgemm('N', 'N', 0, 0, 0, 1, nullptr, 1, nullptr, 1, 0, nullptr, 1); }"
      XGRAD_HAS_SGEMM_OF_ONEDNN)
    cmake_pop_check_state()
    set(XGRAD_HAS_ONEDNN ${XGRAD_HAS_SGEMM_OF_ONEDNN})
  endif()
  if(XGRAD_HAS_ONEDNN)
    message(STATUS "xgrad: oneDNN in ${XGRAD_ONEDNN_LIBRARY}")
  else()
    message(STATUS "xgrad: no oneDNN (libdnnl-dev) for x86-64 with OpenMP or without threads; BLAS "
                   "computes all products")
  endif()
endif()

# Only XGRAD_THREADS decides whether xgrad uses TBB, even if the including project has found it.
set(XGRAD_TBB OFF)
if(XGRAD_THREADS)
  if(NOT TARGET TBB::tbb)  # beside a target of the including project, TBB's own package ends CMake
    find_package(TBB 2021 QUIET)
  endif()
  if(TARGET TBB::tbb)
    set(XGRAD_TBB ON)
  endif()
  if(NOT XGRAD_TBB)
    message(STATUS "xgrad: no oneTBB (libtbb-dev); everything runs on one thread")
  endif()
endif()

set(XGRAD_HAS_SPDLOG OFF)
if(XGRAD_SPDLOG)
  if(NOT TARGET spdlog::spdlog)  # the including project's spdlog is the one that it logs with
    find_package(spdlog 1 QUIET)
  endif()
  if(TARGET spdlog::spdlog)
    set(XGRAD_HAS_SPDLOG ON)
  else()
    message(STATUS "xgrad: no spdlog (libspdlog-dev); only set_log_handler receives log messages")
  endif()
endif()

set(XGRAD_HAS_MPI OFF)
if(XGRAD_MPI)
  set(MPI_CXX_SKIP_MPICXX ON)  # the C++ bindings, which MPI-3 removed
  find_package(MPI QUIET COMPONENTS CXX)
  if(MPI_CXX_FOUND)  # FindMPI may define the target even if it found none
    set(XGRAD_HAS_MPI ON)
  else()
    message(STATUS "xgrad: no MPI (libopenmpi-dev or libmpich-dev); xgrad::distributed is left out")
  endif()
endif()
