// SPDX-License-Identifier: MIT
#include <xgrad/xgrad.hpp>

#include <limits>

using namespace xgrad;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class Expected, class Call>
bool throws(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return dynamic_cast<const Expected*>(&error) != nullptr;
  }
  return false;
}

}  // namespace

// Whether the library still finds NaN: in an option, in a loss, and in a metric, which is then no
// better than the one before.
bool errors_are_caught() {
  Rng rng(1);
  nn::Linear model(4, 3, rng);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  train::Run run{model, optimizer, loader};
  run.loss = kNaN;
  train::NaNGuard guard;
  train::EarlyStopping stopping(train::Metric::validation_loss, 2);
  const double losses[] = {1, kNaN, kNaN};
  for (const double loss : losses) {
    run.end_step(1, 16);
    run.end_epoch(train::Evaluation{loss, 0.5, 0.5, 16});
    stopping.on_epoch(run);
  }
  run.loss = kNaN;
  return run.stopped && throws<Error>([&] { guard.on_loss(run); }) &&
         throws<OptionError>([&] { optimizer.set_learning_rate(kNaN); }) && throws<ShapeError>([&] {
           model(Tensor(zeros({1, 5})));
         });
}
