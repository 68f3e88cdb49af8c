# SPDX-License-Identifier: MIT
# XGRAD_HARDEN: what a distribution builds its packages with, so that a bug that slips through ends
# the program instead of being used. Set for this folder and those below, so for xgrad's own libraries
# and programs alone: nothing here is exported, and an including project's targets do not see it.
# It costs training nothing that can be measured (docs/reliability.md).
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)

check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  string(MAKE_C_IDENTIFIER "XGRAD_HAS${flag}" has_flag)
  check_cxx_compiler_flag(${flag} ${has_flag})
  if(${has_flag})
    add_compile_options(${flag})
  endif()
endforeach()
foreach(keyword relro now noexecstack)
  check_linker_flag(CXX LINKER:-z,${keyword} XGRAD_HAS_Z_${keyword})
  if(XGRAD_HAS_Z_${keyword})
    add_link_options(LINKER:-z,${keyword})
  endif()
endforeach()
# Checked string and memory functions need an optimiser, and would hide calls from the sanitizers.
# First undefined: some distributions' compilers define it themselves.
if(NOT XGRAD_SANITIZE)
  add_compile_options(
    "$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
endif()
