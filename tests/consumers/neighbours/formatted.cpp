// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <string>

std::string formatted(double accuracy) { return fmt::format("test accuracy {:.2f}", accuracy); }
