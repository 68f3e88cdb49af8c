// SPDX-License-Identifier: MIT
// Mistakes in a model or a criterion that fit() finds in its first step.
#include "runs.hpp"

namespace xgrad::test {
namespace {

/// A layer that is a plain member. Its forward() is called, so that operator() cannot find it.
struct PlainMember : nn::Module {
  explicit PlainMember(Rng& rng)
      : hidden(4, 6, rng), output(register_module("output", nn::Linear(6, 3, rng))) {}
  Tensor forward(const Tensor& x) override { return output(relu(hidden.forward(x))); }
  nn::Linear hidden;
  nn::Linear& output;
};

/// A weight that is a Tensor and was not registered.
struct PlainTensor : nn::Module {
  explicit PlainTensor(Rng& rng)
      : weight(rng.normal({4, 5}), true),
        output(register_module("output", nn::Linear(5, 3, rng))) {}
  Tensor forward(const Tensor& x) override { return output(matmul(x, weight)); }
  Tensor weight;
  nn::Linear& output;
};

datasets::DataLoader iris_loader() {
  return datasets::DataLoader(datasets::iris(datasets::Split::train), {.batch_size = 32});
}

template <class E>
std::string fit_message(nn::Module& model, const train::FitOptions& options = {}) {
  optim::SGD optimizer(model.parameters());
  datasets::DataLoader loader = iris_loader();
  const std::string message = message_of<E>([&] { train::fit(model, optimizer, loader, options); });
  EXPECT_EQ(optimizer.step_count(), 0u);
  return message;
}

std::string unknown_tensor(const std::string& shape) {
  return "[fit] each tensor that forward() uses and that requires a gradient must be a parameter "
         "of the model or of the optimizer, but one of shape " +
         shape +
         " is not, so that it would not be trained; register its layer with register_module() or "
         "create it with register_parameter(), or detach() it";
}

TEST(MistakesTest, ALayerThatIsAPlainMemberIsFoundInTheFirstStep) {
  Rng rng(1);
  PlainMember model(rng);
  EXPECT_EQ(fit_message<Error>(model), unknown_tensor("(6, 4)"));
  EXPECT_EQ(fit_message<Error>(model, {.accumulate = 2}), unknown_tensor("(6, 4)"));
  EXPECT_EQ(fit_message<Error>(model, {.shards = 2}), unknown_tensor("(6, 4)"));
}

TEST(MistakesTest, ATensorInThePlaceOfAParameterIsFoundInTheFirstStep) {
  Rng rng(1);
  PlainTensor model(rng);
  EXPECT_EQ(fit_message<Error>(model), unknown_tensor("(4, 5)"));
}

TEST(MistakesTest, ATensorThatIsFrozenOrBelongsToTheOptimizerMayBeUsed) {
  Rng rng(1);
  PlainTensor frozen(rng), given(rng);
  frozen.weight.set_requires_grad(false);
  std::vector<Tensor> parameters = given.parameters();
  parameters.push_back(given.weight);
  optim::SGD some(frozen.parameters()), all(parameters);
  datasets::DataLoader loader = iris_loader();
  EXPECT_NO_THROW(train::fit(frozen, some, loader));
  EXPECT_NO_THROW(train::fit(given, all, loader));
}

TEST(MistakesTest, TheCriterionMayUseAnotherModel) {
  Rng rng(1);
  nn::Linear model(4, 3, rng), judge(3, 1, rng);
  EXPECT_NO_THROW({
    optim::SGD optimizer(model.parameters());
    datasets::DataLoader loader = iris_loader();
    train::fit(model, optimizer, loader, {.criterion = [&](const Tensor& output, const Target&) {
                 return mean(judge(output));
               }});
  });
}

TEST(MistakesTest, ALossThatIsNotOneNumberIsRefused) {
  Rng rng(1);
  nn::Linear model(4, 3, rng);
  const nn::SoftmaxCrossEntropy each_row({.reduction = Reduction::none});
  const auto message = [](const std::string& shape) {
    return "[criterion] the loss of a batch must be one number, got the shape " + shape +
           "; return the mean over the rows, as Reduction::mean does";
  };
  EXPECT_EQ(fit_message<ShapeError>(model, {.criterion = each_row}), message("(32,)"));
  EXPECT_EQ(fit_message<ShapeError>(model, {.criterion = each_row, .shards = 2}), message("(16,)"));
  EXPECT_EQ(message_of<ShapeError>([&] { train::evaluate(model, iris_test(), each_row); }),
            message("(30,)"));
}

}  // namespace
}  // namespace xgrad::test
