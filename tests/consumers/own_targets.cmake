# SPDX-License-Identifier: MIT
# A project's own choice of BLAS, with 64-bit integers, and targets of its own with the names of the
# packages that xgrad needs. BLAS::BLAS here is no BLAS at all.
set(BLA_VENDOR Generic)
set(BLA_SIZEOF_INTEGER 8)
add_library(BLAS::BLAS INTERFACE IMPORTED)
add_library(ZLIB::ZLIB INTERFACE IMPORTED)
set_target_properties(ZLIB::ZLIB PROPERTIES INTERFACE_LINK_LIBRARIES z)
add_library(TBB::tbb INTERFACE IMPORTED)
set_target_properties(TBB::tbb PROPERTIES INTERFACE_LINK_LIBRARIES tbb)
