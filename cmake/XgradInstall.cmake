# SPDX-License-Identifier: MIT
# Installs the libraries, the public headers, and the files that find_package and pkg-config read.
# No installed file contains an absolute path, so the installed package can be moved.
include(CMakePackageConfigHelpers)

set(XGRAD_CONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/xgrad)
set(XGRAD_PKGCONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The dependencies of the final link. A shared library contains its own list of them.
# Requires.private does not work: `pkg-config --libs` ignores it, and with `--static` openblas.pc
# requires gfortran.
set(requires "xtensor >= 0.24")
set(libs)
if(NOT BUILD_SHARED_LIBS)
  string(APPEND requires ", zlib")
  if(XGRAD_HAS_OPENBLAS)
    string(APPEND requires ", openblas")
  else()
    string(APPEND requires ", blas")
  endif()
  if(XGRAD_TBB)
    string(APPEND requires ", tbb >= 2021")
  endif()
  if(XGRAD_HAS_SPDLOG)
    string(APPEND requires ", spdlog")
  endif()
  list(TRANSFORM CMAKE_DL_LIBS PREPEND " -l" OUTPUT_VARIABLE libs)
endif()

# The names of the BLAS libraries without folder, "lib" and suffix; flags such as -lm as they are.
set(XGRAD_BLAS_NAMES)
foreach(library ${XGRAD_BLAS_LIBRARIES})
  if(NOT library MATCHES "^-")
    get_filename_component(library "${library}" NAME_WE)
    string(REGEX REPLACE "^lib" "" library "${library}")
  endif()
  list(APPEND XGRAD_BLAS_NAMES "${library}")
endforeach()

# The prefix follows from the place of the .pc file, unless that has an absolute path of its own; then
# it is known only when the package is installed, which replaces the second pair of @ signs.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pc_prefix "@CMAKE_INSTALL_PREFIX@")
else()
  file(RELATIVE_PATH pc_prefix "/${XGRAD_PKGCONFIG_DIR}" /)
  set(pc_prefix "\${pcfiledir}/${pc_prefix}")
endif()
foreach(dir LIBDIR INCLUDEDIR)
  set(pc_${dir} "${CMAKE_INSTALL_${dir}}")
  if(NOT IS_ABSOLUTE "${pc_${dir}}")
    string(PREPEND pc_${dir} "\${prefix}/")
  endif()
endforeach()

# xgrad_install(COMPONENT NAME [NEEDED...]) installs a library, and a .pc file that requires the
# modules NEEDED or, by default, those of the final link.
function(xgrad_install component name)
  if(ARGN)
    set(requires ${ARGN})
    set(libs)
  endif()
  install(TARGETS ${name} EXPORT xgrad-${component})
  install(EXPORT xgrad-${component} NAMESPACE xgrad:: DESTINATION ${XGRAD_CONFIG_DIR})
  get_property(cflags TARGET ${name} PROPERTY INTERFACE_COMPILE_DEFINITIONS)
  list(TRANSFORM cflags PREPEND " -D")
  set(pc_libs "${libs}")
  if(XGRAD_HAS_ONEDNN AND component STREQUAL f32 AND NOT BUILD_SHARED_LIBS)
    string(PREPEND pc_libs " -ldnnl")
  endif()
  set(pc_library "@library@")  # with a CMAKE_DEBUG_POSTFIX, if there is one
  configure_file(cmake/xgrad.pc.in ${name}.pc.in @ONLY)
  set(pc ${PROJECT_BINARY_DIR}/${name}.pc)
  install(CODE "set(library $<TARGET_LINKER_FILE_BASE_NAME:${name}>)
                configure_file([[${pc}.in]] [[${pc}]] @ONLY)" COMPONENT pkgconfig)
  install(FILES ${pc} DESTINATION ${XGRAD_PKGCONFIG_DIR} COMPONENT pkgconfig)
endfunction()
xgrad_install(f32 xgrad)
if(XGRAD_F64)
  xgrad_install(f64 xgrad_f64)
endif()
if(XGRAD_HAS_MPI)  # its .pc file does not name MPI: a program is compiled with mpicxx
  list(APPEND XGRAD_PARTS distributed)
  set_target_properties(xgrad_distributed PROPERTIES EXPORT_NAME distributed)
  xgrad_install(distributed xgrad_distributed xgrad)
  if(XGRAD_F64)
    set_target_properties(xgrad_distributed_f64 PROPERTIES EXPORT_NAME distributed_f64)
    xgrad_install(distributed_f64 xgrad_distributed_f64 xgrad_f64)
  endif()
endif()

# Private headers are in the folders called internal/, which these globs do not enter.
file(GLOB headers CONFIGURE_DEPENDS include/xgrad/*.hpp)
if(NOT XGRAD_HAS_MPI)
  list(FILTER headers EXCLUDE REGEX "/distributed\\.hpp$")
endif()
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xgrad)
foreach(part IN LISTS XGRAD_PARTS)
  file(GLOB headers CONFIGURE_DEPENDS ${part}/*.hpp)
  install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xgrad/${part})
endforeach()

configure_package_config_file(cmake/xgradConfig.cmake.in xgradConfig.cmake
  INSTALL_DESTINATION ${XGRAD_CONFIG_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(xgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/xgradConfig.cmake ${PROJECT_BINARY_DIR}/xgradConfigVersion.cmake
  DESTINATION ${XGRAD_CONFIG_DIR})

install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB tables CONFIGURE_DEPENDS datasets/uci/*.csv.gz)
install(FILES ${tables} DESTINATION ${CMAKE_INSTALL_DATADIR}/xgrad/uci)
install(FILES datasets/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME bundled-data.md)
install(FILES train/xgrad_parameters.py DESTINATION ${CMAKE_INSTALL_DATADIR}/xgrad)
