// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstdint>
#include <functional>

namespace xgrad::inline XGRAD_ABI::optim {

/// A learning rate as a function of the step, counted from 0:
/// `optimizer.set_learning_rate(schedule(optimizer.step_count()))` before each step.
/// An optimizer takes every rate that these schedules give, down to 0, at any step. Every maker
/// throws OptionError if an argument is out of range; a rate of 0 is in range.
using Schedule = std::function<double(std::uint64_t step)>;

/// lr
Schedule constant(double lr);
/// lr factor^floor(step / every), 0 < factor <= 1
Schedule step_decay(double lr, std::uint64_t every, double factor = 0.1);
/// lr factor^step, 0 < factor <= 1
Schedule exponential(double lr, double factor);
/// floor + (lr - floor) (1 + cos(pi step / steps)) / 2, and `floor` from `steps` on.
/// (Loshchilov and Hutter 2017, one cycle)
Schedule cosine(double lr, std::uint64_t steps, double floor = 0);
/// Rises in `steps` equal parts to the rate that `after` gives at its own step 0, then follows it:
/// after(0) (step + 1) / steps while step < steps, after(step - steps) later.
Schedule linear_warmup(std::uint64_t steps, Schedule after);

}  // namespace xgrad::inline XGRAD_ABI::optim
