// SPDX-License-Identifier: MIT
#include <xgrad/optim/schedules.hpp>

#include <xgrad/core/internal/numbers.hpp>

#include <cmath>
#include <numbers>

namespace xgrad::inline XGRAD_ABI::optim {
namespace {

void require_steps(const char* where, const char* name, std::uint64_t steps) {
  require_positive(where, name, static_cast<double>(steps));
}

void require_factor(const char* where, double factor) {
  if (factor > 0 && factor <= 1) return;
  throw OptionError("[" + std::string(where) + "] factor must be in (0, 1], got " +
                    format_number(factor));
}

}  // namespace

Schedule constant(double lr) {
  require_non_negative("constant", "lr", lr);
  return [=](std::uint64_t) { return lr; };
}

Schedule step_decay(double lr, std::uint64_t every, double factor) {
  require_non_negative("step_decay", "lr", lr);
  require_steps("step_decay", "every", every);
  require_factor("step_decay", factor);
  return [=](std::uint64_t step) {
    const std::uint64_t drops = step / every;
    return lr * std::pow(factor, static_cast<double>(drops));
  };
}

Schedule exponential(double lr, double factor) {
  require_non_negative("exponential", "lr", lr);
  require_factor("exponential", factor);
  return [=](std::uint64_t step) { return lr * std::pow(factor, static_cast<double>(step)); };
}

Schedule cosine(double lr, std::uint64_t steps, double floor) {
  require_non_negative("cosine", "lr", lr);
  require_steps("cosine", "steps", steps);
  require_non_negative("cosine", "floor", floor);
  if (floor > lr) {
    throw OptionError("[cosine] floor must not be above lr, got " + format_number(floor) + " > " +
                      format_number(lr));
  }
  return [=](std::uint64_t step) {
    if (step >= steps) return floor;
    const double part = static_cast<double>(step) / static_cast<double>(steps);
    return floor + (lr - floor) * ((1 + std::cos(std::numbers::pi * part)) / 2);
  };
}

Schedule linear_warmup(std::uint64_t steps, Schedule after) {
  require_steps("linear_warmup", "steps", steps);
  if (!after) throw OptionError("[linear_warmup] the schedule `after` must not be empty");
  return [steps, after = std::move(after)](std::uint64_t step) {
    if (step >= steps) return after(step - steps);
    return after(0) * (static_cast<double>(step + 1) / static_cast<double>(steps));
  };
}

}  // namespace xgrad::inline XGRAD_ABI::optim
