// SPDX-License-Identifier: MIT
#pragma once

/// Update rules, learning rate schedules and gradient clipping.
#include <xgrad/optim/clip.hpp>
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/optim/rules.hpp>
#include <xgrad/optim/schedules.hpp>
