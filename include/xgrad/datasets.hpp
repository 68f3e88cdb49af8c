// SPDX-License-Identifier: MIT
#pragma once

/// Data sets from memory, files and the library itself, and the loader that makes batches of them.
#include <xgrad/datasets/bundled.hpp>
#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/dataset.hpp>
#include <xgrad/datasets/idx.hpp>
#include <xgrad/datasets/loader.hpp>
#include <xgrad/datasets/mnist.hpp>
#include <xgrad/datasets/standardizer.hpp>
