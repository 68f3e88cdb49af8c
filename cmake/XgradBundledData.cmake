# SPDX-License-Identifier: MIT
# Generates a C++ source with the text of each table datasets/uci/NAME.csv, so that the bundled data
# sets need no file at run time.
set(XGRAD_BUNDLED_SOURCES)
foreach(table digits iris wine breast_cancer)
  set(csv ${PROJECT_SOURCE_DIR}/datasets/uci/${table}.csv)
  set(source ${PROJECT_BINARY_DIR}/bundled/${table}.cpp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${csv})
  file(READ ${csv} text)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [=[
// Generated from datasets/uci/@table@.csv.
#include <xgrad/datasets/internal/bundled_tables.hpp>
namespace xgrad::inline XGRAD_ABI::datasets::bundled {
extern const std::string_view @table@ = R"csv(@text@)csv"sv;
}
]=])
  list(APPEND XGRAD_BUNDLED_SOURCES ${source})
endforeach()

# The larger tables datasets/uci/NAME.csv.gz are read at run time, from the sources or from where
# they are installed.
set(source ${PROJECT_BINARY_DIR}/bundled/folders.cpp)
file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [=[
#include <xgrad/datasets/internal/bundled_tables.hpp>
namespace xgrad::inline XGRAD_ABI::datasets::bundled {
extern const std::string_view installed_folder = R"path(@CMAKE_INSTALL_FULL_DATADIR@/xgrad)path"sv;
}
]=])
list(APPEND XGRAD_BUNDLED_SOURCES ${source})
