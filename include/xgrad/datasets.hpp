// SPDX-License-Identifier: MIT
#pragma once

/// Data sets from memory and files, the bundled data sets, and the loader that splits them into
/// batches.
#include <xgrad/datasets/bundled.hpp>
#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/dataset.hpp>
#include <xgrad/datasets/idx.hpp>
#include <xgrad/datasets/loader.hpp>
#include <xgrad/datasets/mnist.hpp>
#include <xgrad/datasets/npy.hpp>
#include <xgrad/datasets/row_encoder.hpp>
#include <xgrad/datasets/rows.hpp>
#include <xgrad/datasets/standardizer.hpp>
#include <xgrad/datasets/target.hpp>
#include <xgrad/datasets/transform.hpp>
