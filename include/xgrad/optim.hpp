// SPDX-License-Identifier: MIT
#pragma once

/// The six rules, schedules for their learning rate, gradient clipping.
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/optim/rules.hpp>
#include <xgrad/optim/schedules.hpp>
