# SPDX-License-Identifier: MIT
# The install package: both libraries, the public headers and a config for find_package(xgrad).
include(CMakePackageConfigHelpers)

set(XGRAD_CONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/xgrad)

install(TARGETS xgrad xgrad_f64 EXPORT xgradTargets)
install(EXPORT xgradTargets NAMESPACE xgrad:: DESTINATION ${XGRAD_CONFIG_DIR})

# Each excluded header says in its head that it is not installed; the folder holds kernel sources.
install(DIRECTORY xgrad/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xgrad FILES_MATCHING
  PATTERN *.hpp
  PATTERN bundled_tables.hpp EXCLUDE
  PATTERN file.hpp EXCLUDE
  PATTERN node.hpp EXCLUDE
  PATTERN safetensors.hpp EXCLUDE
  PATTERN kernels EXCLUDE)

# What the config has to find again: a static library leaves its own needs to the final link.
configure_package_config_file(cmake/xgradConfig.cmake.in xgradConfig.cmake
  INSTALL_DESTINATION ${XGRAD_CONFIG_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(xgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/xgradConfig.cmake ${PROJECT_BINARY_DIR}/xgradConfigVersion.cmake
  DESTINATION ${XGRAD_CONFIG_DIR})
