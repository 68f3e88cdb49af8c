// SPDX-License-Identifier: MIT
#pragma once

/// Training on several processes. This is an optional component: link xgrad::distributed, or
/// xgrad::distributed_f64 with double precision.
#include <xgrad/distributed/world.hpp>
