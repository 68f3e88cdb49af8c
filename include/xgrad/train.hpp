// SPDX-License-Identifier: MIT
#pragma once

/// Training, evaluation, parameter files and checkpoints.
#include <xgrad/train/callbacks.hpp>
#include <xgrad/train/checkpoint.hpp>
#include <xgrad/train/confusion_matrix.hpp>
#include <xgrad/train/evaluate.hpp>
#include <xgrad/train/fit.hpp>
#include <xgrad/train/history.hpp>
#include <xgrad/train/log.hpp>
#include <xgrad/train/metric.hpp>
#include <xgrad/train/parameters.hpp>
#include <xgrad/train/predict.hpp>
#include <xgrad/train/process_group.hpp>
#include <xgrad/train/run.hpp>
#include <xgrad/train/sharded_step.hpp>
#include <xgrad/train/weights.hpp>
