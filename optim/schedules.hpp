// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/config.hpp>

#include <cstdint>
#include <functional>

namespace xgrad::inline XGRAD_ABI::optim {

/// A function that returns the learning rate of a step. Steps are counted from 0. Before each step,
/// call `optimizer.set_learning_rate(schedule(optimizer.step_count()))`.
/// The functions below throw OptionError if an argument is out of range. A learning rate of 0 is in
/// range, and every optimizer accepts every rate that these schedules return.
using Schedule = std::function<double(std::uint64_t step)>;

/// Returns a schedule that is always lr.
Schedule constant(double lr);
/// Returns the schedule lr * factor^floor(step / every), with 0 < factor <= 1.
Schedule step_decay(double lr, std::uint64_t every, double factor = 0.1);
/// Returns the schedule lr * factor^step, with 0 < factor <= 1.
Schedule exponential(double lr, double factor);
/// Returns the schedule floor + (lr - floor) * (1 + cos(pi step / steps)) / 2, which is `floor` for
/// step >= steps. (Loshchilov and Hutter 2017, one cycle)
Schedule cosine(double lr, std::uint64_t steps, double floor = 0);
/// Returns a schedule that rises linearly for `steps` steps and then follows `after`:
/// after(0) * (step + 1) / steps if step < steps, else after(step - steps).
Schedule linear_warmup(std::uint64_t steps, Schedule after);

}  // namespace xgrad::inline XGRAD_ABI::optim
