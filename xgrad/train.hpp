// SPDX-License-Identifier: MIT
#pragma once

/// Evaluation, and parameters in files.
#include <xgrad/train/evaluate.hpp>
#include <xgrad/train/parameters.hpp>
