// SPDX-License-Identifier: MIT
#pragma once

/// Includes all of xgrad.
#include <xgrad/autograd.hpp>
#include <xgrad/core.hpp>
#include <xgrad/datasets.hpp>
#include <xgrad/nn.hpp>
#include <xgrad/optim.hpp>
#include <xgrad/train.hpp>
