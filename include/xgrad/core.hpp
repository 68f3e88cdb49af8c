// SPDX-License-Identifier: MIT
#pragma once

/// Arrays, shapes, errors, files, log messages, random numbers and threads.
#include <xgrad/core/array.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/core/log.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/core/system.hpp>
#include <xgrad/core/threads.hpp>
