// SPDX-License-Identifier: MIT
#include "compare/demo.hpp"
