# SPDX-License-Identifier: MIT
# A oneTBB for the preset tsan: the thread sanitizer cannot see how the real one, which is not built
# with it, hands work to its threads, and would report every part. What xgrad calls of it, on threads
# that the sanitizer sees.
if(TARGET TBB::tbb)
  return()
endif()
add_library(TBB::tbb INTERFACE IMPORTED)
find_package(Threads REQUIRED)
set_target_properties(TBB::tbb PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_CURRENT_LIST_DIR}"
  INTERFACE_LINK_LIBRARIES Threads::Threads)
