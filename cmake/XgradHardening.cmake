# SPDX-License-Identifier: MIT
# XGRAD_HARDEN: the hardening flags with which distributions build their packages, so that a
# remaining bug ends the program instead of being exploitable. The flags apply to this folder and
# its subfolders, that is, only to xgrad's own libraries and programs. They are not exported, and
# the targets of an including project do not get them. Their cost in training is not measurable
# (docs/reliability.md).
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
# The checked string and memory functions need optimisation, and would hide calls from the
# sanitizers. The macro is undefined first, because the compilers of some distributions define it
# themselves.
if(NOT XGRAD_SANITIZE)
  add_compile_options(
    "$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
endif()
