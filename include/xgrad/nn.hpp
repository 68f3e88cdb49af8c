// SPDX-License-Identifier: MIT
#pragma once

/// Layers, losses and initializers.
#include <xgrad/nn/activations.hpp>
#include <xgrad/nn/init.hpp>
#include <xgrad/nn/linear.hpp>
#include <xgrad/nn/losses.hpp>
#include <xgrad/nn/module.hpp>
#include <xgrad/nn/parameter.hpp>
#include <xgrad/nn/sequential.hpp>
