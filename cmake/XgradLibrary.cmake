# SPDX-License-Identifier: MIT
# xgrad_add_library(NAME SCALAR float|double) adds the library of one precision and its alias
# xgrad::NAME. Both libraries are built from the same sources.

set(XGRAD_PARTS core autograd nn optim datasets train)
set(XGRAD_SOURCES)
foreach(part IN LISTS XGRAD_PARTS)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${part}/*.cpp
       ${PROJECT_SOURCE_DIR}/${part}/internal/*.cpp)
  list(APPEND XGRAD_SOURCES ${sources})
endforeach()
set(XGRAD_KERNEL_SOURCES core/internal/kernels/elementwise.cpp core/internal/kernels/extremes.cpp
                         core/internal/kernels/products.cpp core/internal/kernels/rows.cpp
                         core/internal/kernels/windows.cpp optim/internal/kernels/updates.cpp)
include(XgradBundledData)
include(CheckLinkerFlag)
check_linker_flag(CXX LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/xgrad.map
                  XGRAD_HAS_VERSION_SCRIPT)

# The flags of every compilation; nothing here reaches a consumer. They come after the flags of the
# including project and of CMAKE_CXX_FLAGS, so the first lines undo those that would change results
# or language features that xgrad relies on: -ffast-math, -Ofast and their parts, -fno-exceptions.
add_library(xgrad_build_flags INTERFACE)
target_compile_options(xgrad_build_flags INTERFACE
  -fno-fast-math -fno-finite-math-only -fno-associative-math -fno-reciprocal-math -fsigned-zeros
  -fexceptions -frtti -fthreadsafe-statics
  "$<$<CXX_COMPILER_ID:GNU>:-fno-unsafe-math-optimizations;-ftrapping-math>"
  "$<$<CXX_COMPILER_ID:GNU>:-fno-single-precision-constant;-fno-allow-store-data-races>"
  # clang 14 would warn that -fno-fast-math also undoes the contraction of -ffast-math.
  "$<$<CXX_COMPILER_ID:Clang>:-fno-approx-func;-fdenormal-fp-math=ieee;-Wno-overriding-t-option>"
  -fno-math-errno -ffp-contract=off)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
  target_compile_options(xgrad_build_flags INTERFACE -mfpmath=sse)
endif()
# Fused multiply-adds change the last bit. They are used in kernels only, except those of the update
# rules: random numbers, parameter updates and everything that is read from files are the same on
# every processor.
add_library(xgrad_fused INTERFACE)
target_compile_options(xgrad_fused INTERFACE -ffp-contract=fast)
set_source_files_properties(optim/internal/kernels/updates.cpp PROPERTIES
                            COMPILE_OPTIONS -ffp-contract=off)
# Within another project, whose warning flags and -Werror are for its own sources, xgrad's are built
# without warnings.
add_library(xgrad_warnings INTERFACE)
if(PROJECT_IS_TOP_LEVEL OR XGRAD_WERROR)
  target_compile_options(xgrad_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<BOOL:${XGRAD_WERROR}>:-Werror>)
else()
  target_compile_options(xgrad_warnings INTERFACE -w)
endif()
add_library(xgrad_coverage INTERFACE)  # that leads a fuzzer; every sanitizer's runtime takes it
if(XGRAD_BUILD_FUZZERS)
  target_compile_options(xgrad_coverage INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(XGRAD_SANITIZE)
  add_compile_options(-fsanitize=${XGRAD_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${XGRAD_SANITIZE})
endif()

# Compiles the kernel sources for one instruction set. The library chooses an instruction set at run
# time. The flag is always -O3: an unoptimised build would contain out-of-line copies of inline
# functions that are compiled for a wide instruction set, and a machine without it could call them.
function(xgrad_add_kernels library arch)
  set(name ${library}_kernels_${arch})
  add_library(${name} OBJECT ${XGRAD_KERNEL_SOURCES})
  set(flags ${ARGN})
  list(POP_FRONT flags type)
  target_compile_definitions(${name} PRIVATE "XGRAD_KERNEL_ARCH=${type}")
  # gcc 12 warns about its own AVX-512 header (gcc bug 105593).
  target_link_libraries(${name} PRIVATE xgrad_warnings)
  # -fno-lto: link-time optimisation could keep the copy of an inline function that was compiled for
  # a wider instruction set, and call it on a narrower machine.
  target_compile_options(${name} PRIVATE ${flags} -O3 -fno-lto -fvisibility=hidden
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-uninitialized>")
  if(XGRAD_SANITIZE MATCHES "undefined")
    # xsimd's exp also casts NaN and 1e300 to an integer, but does not use the integer in that case.
    target_compile_options(${name} PRIVATE -fno-sanitize=float-cast-overflow)
  endif()
  get_target_property(definitions ${library} COMPILE_DEFINITIONS)
  if(definitions)
    target_compile_definitions(${name} PRIVATE ${definitions})
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include)
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE xgrad_build_flags xgrad_fused xsimd)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON
                                           INTERPROCEDURAL_OPTIMIZATION OFF)
  target_sources(${library} PRIVATE $<TARGET_OBJECTS:${name}>)
endfunction()

# What a shared library exports, whatever visibility the including project sets. A static library
# takes that project's setting, so that a plugin with hidden symbols hides xgrad's too.
function(xgrad_set_exports name)
  target_compile_options(${name} PRIVATE -fvisibility=default)
  # Linked with -ffast-math or -Ofast, it would turn off denormal numbers in every program that
  # loads it.
  target_link_options(${name} PRIVATE -O2 -fno-fast-math -fno-unsafe-math-optimizations)
  if(XGRAD_HAS_VERSION_SCRIPT)
    set(map ${PROJECT_SOURCE_DIR}/cmake/xgrad.map)
    target_link_options(${name} PRIVATE LINKER:--version-script=${map})
    set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${map})
  endif()
endfunction()

# What all libraries have in common.
function(xgrad_set_properties name)
  set_target_properties(${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON
    VISIBILITY_INLINES_HIDDEN ON
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(NOT PROJECT_IS_TOP_LEVEL)  # the including project's warning flags are not for xgrad's headers
    set_target_properties(${name} PROPERTIES SYSTEM ON)
  endif()
  if(BUILD_SHARED_LIBS)
    xgrad_set_exports(${name})
  endif()
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:xgrad_build_flags>
    $<BUILD_INTERFACE:xgrad_warnings> $<BUILD_INTERFACE:xgrad_coverage>)
endfunction()

# xgrad_add_distributed(NAME LIBRARY MPI_TARGET) adds the library of distributed/ for a library that
# xgrad_add_library() has added. Only this library links MPI.
function(xgrad_add_distributed name library mpi)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/distributed/*.cpp)
  add_library(${name} ${sources})
  xgrad_set_properties(${name})
  target_link_libraries(${name} PUBLIC ${library} PRIVATE ${mpi})
endfunction()

function(xgrad_add_library name)
  cmake_parse_arguments(ARG "" "SCALAR" "" ${ARGN})
  add_library(${name} ${XGRAD_SOURCES} ${XGRAD_BUNDLED_SOURCES})
  add_library(xgrad::${name} ALIAS ${name})
  # Two translation units, which two processors compile at once.
  set_target_properties(${name} PROPERTIES UNITY_BUILD_BATCH_SIZE 30)
  xgrad_set_properties(${name})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_include_directories(${name} SYSTEM PRIVATE ${XGRAD_CBLAS_INCLUDE_DIR})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  if(ARG_SCALAR STREQUAL "double")
    target_compile_definitions(${name} PUBLIC XGRAD_DOUBLE)
    # A unity build takes a third of the time. xgrad checks that each source compiles by itself.
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON)
  endif()
  target_compile_definitions(${name} PRIVATE XGRAD_VERSION="${PROJECT_VERSION}")
  if(XGRAD_HAS_OPENBLAS)
    target_compile_definitions(${name} PRIVATE XGRAD_OPENBLAS)
  endif()
  if(XGRAD_HAS_ONEDNN AND ARG_SCALAR STREQUAL "float")
    target_compile_definitions(${name} PRIVATE XGRAD_ONEDNN)
    target_include_directories(${name} SYSTEM PRIVATE ${XGRAD_ONEDNN_INCLUDE_DIR})
    target_link_libraries(${name} PRIVATE "$<BUILD_INTERFACE:${XGRAD_ONEDNN_LIBRARY}>"
                                          $<INSTALL_INTERFACE:xgrad::onednn>)
  endif()
  target_link_libraries(${name} PUBLIC xtensor)
  # BUILD_INTERFACE: needed to compile, not by a consumer's compile or link line.
  target_link_libraries(${name} PRIVATE "$<BUILD_INTERFACE:${XGRAD_BLAS_LIBRARIES}>"
    $<INSTALL_INTERFACE:xgrad::blas> ZLIB::ZLIB ${CMAKE_DL_LIBS}
    $<BUILD_INTERFACE:xsimd> $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)
  if(XGRAD_TBB)
    target_link_libraries(${name} PRIVATE TBB::tbb)
    target_compile_definitions(${name} PRIVATE XGRAD_TBB)
  elseif(XGRAD_THREADS)
    target_compile_definitions(${name} PRIVATE XGRAD_TBB_MISSING)
  endif()
  if(XGRAD_HAS_SPDLOG)
    target_link_libraries(${name} PRIVATE spdlog::spdlog)
    target_compile_definitions(${name} PRIVATE XGRAD_SPDLOG)
  endif()

  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
    target_compile_definitions(${name} PRIVATE XGRAD_X86_LEVELS)
    xgrad_add_kernels(${name} sse2 xsimd::sse2)
    xgrad_add_kernels(${name} avx2 xsimd::fma3<xsimd::avx2> -mavx2 -mfma)
    xgrad_add_kernels(${name} avx512 xsimd::avx512bw
                      -mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma)
  else()
    xgrad_add_kernels(${name} generic xsimd::default_arch)
  endif()
endfunction()
