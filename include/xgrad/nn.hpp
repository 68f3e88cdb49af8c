// SPDX-License-Identifier: MIT
#pragma once

/// Layers, losses and initializers.
#include <xgrad/nn/activations.hpp>
#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/nn/conv.hpp>
#include <xgrad/nn/copy.hpp>
#include <xgrad/nn/embedding.hpp>
#include <xgrad/nn/eval_mode.hpp>
#include <xgrad/nn/init.hpp>
#include <xgrad/nn/layer_norm.hpp>
#include <xgrad/nn/linear.hpp>
#include <xgrad/nn/losses.hpp>
#include <xgrad/nn/module.hpp>
#include <xgrad/nn/parameter.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/nn/summary.hpp>
