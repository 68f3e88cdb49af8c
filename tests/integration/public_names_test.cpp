// SPDX-License-Identifier: MIT
// Uses every public name that programs outside of this repository compile against, with the
// arguments that they use. If a change breaks this file, it breaks those programs.
#include <xgrad/xgrad.hpp>

#include <support/scratch.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace xgrad {
namespace {

TEST(PublicNamesTest, ArraysAndTensors) {
  const Shape shape{2, 3};
  Scalar total = 0;
  for (const Tensor& each : {Tensor(zeros(shape)), Tensor(ones(shape)), Tensor(full(shape, 0.5)),
                             Tensor(arange(3)), Tensor(eye(3))}) {
    total += sum(each).item();
  }
  EXPECT_EQ(total, 0 + 6 + 3 + 3 + 3);
  const std::vector<Scalar> numbers{1, 2, 3, 4, 5, 6};
  const Tensor t(ones(shape), true), number(5), list{1, 2, 3}, matrix{{1, 2}, {3, 4}},
      from = Tensor::from(numbers, {2, 3});
  EXPECT_EQ(from.at(1, 2) + matrix.at(-1, 0) + number.item() + list[-1].item(), 6 + 3 + 5 + 3);
  Tensor x = t, leaf(zeros(shape));
  x += from, x -= leaf, x *= 2.0, x /= number;
  gradients(sum(x), {t});
  sum(x).backward();
  EXPECT_TRUE(t.has_grad() && t.requires_grad() && !x.detach().requires_grad());
  EXPECT_EQ(t.grad().size() + t.value().size() + t.size() + t.ndim() + t.shape().size(), 22u);
  leaf.assign(t.value());
  leaf.set_requires_grad(true);
  leaf.zero_grad();
  const NoGradGuard no_grad;
  std::ostringstream out;
  out << leaf;
  EXPECT_NE(out.str().find("requires_grad true"), std::string::npos) << out.str();
}

TEST(PublicNamesTest, OpsOnElementsAndReductions) {
  Rng rng(0);
  const Tensor x(rng.uniform({4, 3}, 0.1, 1)), y(rng.uniform({4, 3}, 0.1, 1));
  const Array mask = x.value() > 0.5;
  const Tensor arithmetic = (-x + y) * (x - y) / (1 + x) - 2 * y + 1 / x - 3;
  const Tensor functions = log(exp(x)) + log1p(sqrt(square(abs(sin(cos(tanh(x)))))));
  const Tensor activations = sigmoid(relu(leaky_relu(elu(gelu(silu(softplus(x)))))));
  const Tensor choices = where(mask, maximum(x, y), minimum(clamp(x, 0.2, 0.5), pow(y, 3)));
  const Tensor probabilities = softmax(x) + softmax(x, 0) + log_softmax(x) + log_softmax(x, 0);
  for (const Tensor& z : {arithmetic, functions, activations, choices, probabilities}) {
    EXPECT_EQ(z.shape(), x.shape());
  }
  const Tensor w(rng.uniform({2, 3, 4}, 0, 1));
  const bool keepdims = true;
  for (const Tensor& z : {sum(w), mean(w), var(w), max(w), min(w)}) EXPECT_EQ(z.size(), 1u);
  for (const Tensor& z :
       {sum(w, {0, 2}, keepdims), mean(w, {0, 2}, keepdims), var(w, {0, 2}, 1, keepdims),
        max(w, {0, 2}, keepdims), min(w, {0, 2}, keepdims)}) {
    EXPECT_EQ(z.shape(), (Shape{1, 3, 1}));
  }
  EXPECT_EQ(sum(w, -1).size() + mean(w, 1).size() + var(w, 0, 0).size(), 6u + 8u + 12u);
  EXPECT_EQ(argmax(w, 1).size() + argmin(w, -1).size(), 8u + 6u);
}

TEST(PublicNamesTest, OpsOnShapesAndMatrices) {
  Rng rng(0);
  const Tensor x(rng.normal({4, 3})), y(rng.normal({4, 3})), w(rng.normal({2, 3, 4}));
  EXPECT_EQ(matmul(w, x).shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(matmul(x[0], x[1]).shape(), Shape{});
  EXPECT_EQ(linear(x, ones({2, 3}), zeros({2})).shape(), (Shape{4, 2}));
  EXPECT_EQ(transpose(x).shape(), (Shape{3, 4}));
  EXPECT_EQ(transpose(w, 0, -1).shape(), (Shape{4, 3, 2}));
  EXPECT_EQ(permute(w, {2, 0, 1}).shape(), (Shape{4, 2, 3}));
  EXPECT_EQ(reshape(w, {6, 4}).shape(), (Shape{6, 4}));
  EXPECT_EQ(flatten(w).shape(), (Shape{2, 12}));
  EXPECT_EQ(squeeze(unsqueeze(w, 1), 1).shape(), w.shape());
  EXPECT_EQ(concatenate({x, y}, 0).shape(), (Shape{8, 3}));
  EXPECT_EQ(stack({x, y}, 0).shape(), (Shape{2, 4, 3}));
  EXPECT_EQ(slice(x, 0, 1, 3).shape(), (Shape{2, 3}));
  EXPECT_EQ(index_select(x, 0, {0, 2}).shape(), (Shape{2, 3}));
  EXPECT_EQ(gather(x, 1, {{0, 1}, {2, 0}}).shape(), (Shape{2, 2}));
  EXPECT_EQ(one_hot(Labels{0, 1, 2}, 3).shape(), (Shape{3, 3}));
  EXPECT_EQ(embedding(Indices{0, 1, 2}, x).shape(), (Shape{3, 3}));
}

TEST(PublicNamesTest, OpsOnImagesAndLosses) {
  Rng rng(0);
  const Tensor image(rng.normal({2, 3, 8, 8})), kernel(ones({4, 3, 3, 3})), bias(zeros({4}));
  EXPECT_EQ(conv2d(image, kernel, bias).shape(), (Shape{2, 4, 6, 6}));
  EXPECT_EQ(conv2d(image, kernel, bias, {.stride = {2, 1}, .padding = 1}).shape(),
            (Shape{2, 4, 4, 8}));
  EXPECT_EQ(max_pool2d(image, 2).shape(), (Shape{2, 3, 4, 4}));
  EXPECT_EQ(avg_pool2d(image, 3, {.stride = 1, .padding = 1}).shape(), image.shape());
  const Tensor scale(ones({3})), offset(zeros({3}));
  EXPECT_EQ(batch_norm(image, scale, offset).shape(), image.shape());
  const Tensor x(rng.normal({4, 3})), y(rng.uniform({4, 3}, 0, 1));
  const double eps = 1e-5;
  EXPECT_EQ(layer_norm(x, scale, offset, eps).shape(), x.shape());
  const Labels labels{0, 1, 2, 0};
  const std::vector<double> weights{1, 2, 3};
  for (const Tensor& loss :
       {cross_entropy(x, labels),
        cross_entropy(x, labels, {.class_weights = weights, .label_smoothing = 0.1}),
        mse_loss(x, y), l1_loss(x, y), huber_loss(x, y, 1),
        binary_cross_entropy_with_logits(x, y)}) {
    EXPECT_EQ(loss.size(), 1u);
  }
}

struct AffineNet : nn::Module {
  explicit AffineNet(Rng& rng)
      : hidden(register_module("hidden", nn::Linear(4, 3, rng))),
        scale(register_parameter("scale", ones({3}))),
        offset(register_buffer("offset", zeros({3}))) {}
  Tensor forward(const Tensor& x) override { return hidden(x) * scale + offset; }
  nn::Linear& hidden;
  Parameter scale, offset;
};

TEST(PublicNamesTest, ModulesAndInitialisers) {
  Rng rng(0);
  AffineNet net(rng), other(rng);
  net.register_forward_hook([](nn::Module&, const Tensor&, const Tensor&) {});
  net.train();
  EXPECT_EQ(net(ones({2, 4})).shape(), net.forward(ones({2, 4})).shape());
  net.eval();
  net.zero_grad();
  EXPECT_FALSE(net.is_training());
  EXPECT_EQ(net.parameters().size() + net.named_parameters().size(), 6u);
  EXPECT_EQ(net.buffers().size() + net.named_buffers().size() + net.named_modules().size(), 4u);
  for (const std::pair<std::string, Tensor>& each : net.named_buffers()) {
    EXPECT_EQ(each.first, "offset");
  }
  net.scale = full({3}, 2);
  net.scale = Tensor(ones({3}));
  nn::tie(net.hidden.weight, other.hidden.weight);
  using namespace nn;
  init::kaiming_uniform(net.hidden.weight, rng), init::kaiming_normal(net.hidden.weight, rng);
  init::xavier_uniform(net.hidden.weight, rng), init::xavier_normal(net.hidden.weight, rng);
  init::truncated_normal(net.hidden.weight, rng), init::constant(net.hidden.weight, 0.5);
  EXPECT_EQ(other.hidden.weight.at(0, 0), Scalar{0.5f});
  const std::string table = summary(net, {1, 4});
  EXPECT_NE(table.find("Linear(4, 3)"), std::string::npos) << table;
}

TEST(PublicNamesTest, LayersAndLosses) {
  Rng rng(0);
  nn::Sequential images{nn::Conv2d(1, 2, 3, rng, {.stride = 1, .padding = 1, .bias = false}),
                        nn::BatchNorm2d(2, {.eps = 1e-5, .momentum = 0.1}),
                        nn::MaxPool2d(2, {.stride = 2}),
                        nn::AvgPool2d(2, {.stride = 1}),
                        nn::Flatten(),
                        nn::Linear(18, 4, rng, {.bias = false}),
                        nn::BatchNorm1d(4),
                        nn::LayerNorm(4, {.eps = 1e-5})};
  nn::Sequential rows{nn::ReLU(),    nn::LeakyReLU(),      nn::ELU(),
                      nn::GELU(),    nn::SiLU(),           nn::Softplus(),
                      nn::Tanh(),    nn::Sigmoid(),        nn::Identity(),
                      nn::Softmax(), nn::Dropout(0.5, rng)};
  const Tensor y = rows(images(Tensor(rng.normal({2, 1, 8, 8}))));
  EXPECT_EQ(y.shape(), (Shape{2, 4}));
  EXPECT_EQ(nn::Embedding(10, 4, rng)(Tensor{1, 2}).shape(), (Shape{2, 4}));
  EXPECT_EQ(nn::SoftmaxCrossEntropy{}(y, {0, 1}).size(), 1u);
  const Tensor target(zeros({2, 4}));
  for (const Tensor& loss : {nn::MSELoss{}(y, target), nn::L1Loss{}(y, target),
                             nn::HuberLoss{}(y, target), nn::BCEWithLogitsLoss{}(y, target)}) {
    EXPECT_EQ(loss.size(), 1u);
  }
}

TEST(PublicNamesTest, Optimizers) {
  const Tensor p(ones({2}), true), q(ones({2}), true);
  const std::vector<Tensor> parameters{p, q};
  optim::SGD sgd(parameters, {.lr = 0.1, .weight_decay = 0.01});
  optim::Momentum momentum(parameters, {.lr = 0.1, .momentum = 0.9});
  optim::NAG nag(parameters, {.lr = 0.1, .momentum = 0.9});
  optim::AdaGrad adagrad(parameters, {.lr = 0.1, .eps = 1e-10});
  optim::RMSProp rmsprop(parameters, {.lr = 0.1, .rho = 0.9, .eps = 1e-8});
  optim::AdamW adamw(parameters);
  optim::NAdam nadam(parameters);
  optim::Adadelta adadelta(parameters);
  optim::Lion lion(parameters);
  const std::vector<optim::ParameterGroup> groups{
      {.parameters = {p}, .lr_scale = 0.5, .weight_decay = 0.1}, {.parameters = {q}}};
  const optim::AdamOptions options{.lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
  optim::Adam adam(parameters, options), grouped(groups, options);
  adam.zero_grad();
  sum(p).backward();
  adam.step();
  nag.eval();
  nag.train();
  adam.set_learning_rate(0);
  EXPECT_EQ(adam.learning_rate() + static_cast<double>(adam.step_count()), 1);
  optim::clip_grad_value(parameters, 0.5);
  EXPECT_NEAR(optim::clip_grad_norm(parameters, 10), std::sqrt(0.5), 1e-6);
  for (const std::string& name : optim::names()) {
    const std::unique_ptr<optim::Optimizer> made = optim::make(name, parameters, 0.1);
    EXPECT_EQ(optim::make(name, parameters, optim::default_options(name))->name(), name);
    EXPECT_NE(optim::formula(name), optim::formula(name, optim::Notation::latex));
    EXPECT_NE(optim::formula(name, optim::Notation::text),
              optim::formula(name, optim::Notation::mathml));
    EXPECT_FALSE(optim::explain(*made, p, {1}).empty());
  }
}

TEST(PublicNamesTest, DataSets) {
  using namespace datasets;
  const Labels labels{0, 1, 0, 1};
  const Array rows = ones({4, 3}), images = ones({4, 1, 2, 2});
  const std::vector<std::uint8_t> bytes(16, 1);
  const Transform transform{transforms::shift(2), transforms::flip_horizontal(),
                            transforms::normalize(0.5, 0.5)};
  Rng rng(0);
  for (const Dataset& data :
       {Dataset(images, labels, 2), Dataset(images, labels, {"cat", "dog"}),
        Dataset(Bytes{.values = bytes, .shape = {1, 2, 2}}, labels, {"cat", "dog"})}) {
    nn::Linear model(4, 2, rng);
    const nn::SoftmaxCrossEntropy criterion;
    DataLoader loader(
        data,
        {.batch_size = 2, .shuffle = true, .seed = 1, .drop_last = true, .transform = transform});
    for (auto& [x, y] : loader) EXPECT_EQ(criterion(model(x), y).size(), 1u);
  }
  for (const Dataset& data : {Dataset(rows, ones({4})), Dataset(rows, ones({4, 2}))}) {
    nn::Linear model(3, data.targets().shape()[1], rng);
    const nn::MSELoss criterion;
    DataLoader loader(data, {.batch_size = 2});
    for (auto& [x, y] : loader) EXPECT_EQ(criterion(model(x), y).size(), 1u);
  }
  EXPECT_EQ(digits(Split::train).row_shape(), (Shape{1, 8, 8}));
  EXPECT_EQ(iris(Split::test).classes() + wine(Split::test).classes(), 6u);
  EXPECT_EQ(breast_cancer(Split::test).classes(), 2u);
  EXPECT_THROW(mnist("no such folder", Split::train), DataError);
  EXPECT_THROW(csv("no such file", {.label = "class"}), DataError);
  EXPECT_THROW(npy("no such file", "no such file"), DataError);
  const Dataset table = parse_csv("a;price\n1;2\n?;3\n", "table",
                                  {.targets = {"price"},
                                   .header = Header::yes,
                                   .delimiter = ';',
                                   .standardize = true,
                                   .missing = Missing::mean});
  EXPECT_EQ(parse_csv("a;price\n1;2\n", "new", {.delimiter = ';', .like = table}).size(), 1u);
  EXPECT_NE(static_cast<Dataset (*)(Split)>(fashion_mnist), nullptr);
}

TEST(PublicNamesTest, Training) {
  using namespace train;
  const Scratch folder;
  Rng rng(0);
  nn::Linear model(4, 3, rng);
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  const datasets::Dataset test = datasets::iris(datasets::Split::test);
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  std::ostringstream out;
  ProgressReport report(out);
  EarlyStopping stopping;
  BestWeights best;
  Checkpoint checkpoint(folder / "run.safetensors");
  NaNGuard guard;
  CsvLog csv_log(folder / "run.csv");
  Log log;
  StopRequest stop;
  fit(model, optimizer, loader,
      {.epochs = 2,
       .validation = test,
       .criterion = nn::SoftmaxCrossEntropy{},
       .schedule = optim::cosine(0.01, 20),
       .clip_norm = 1,
       .callbacks = {&report, &stopping, &best, &checkpoint, &guard, &csv_log, &log, &stop}});
  const Progress progress = load_checkpoint(folder / "run.safetensors", model, optimizer);
  save_checkpoint(folder / "run.safetensors", model, optimizer, progress);
  AveragedWeights average(0.9);
  const auto smooth = [](const Tensor& output, const Target& y) {
    return cross_entropy(output, y, {.label_smoothing = 0.1});
  };
  fit(model, optimizer, loader, {.epochs = 3, .criterion = smooth, .resume = progress});
  fit(model, optimizer, loader,
      {.validation_fraction = 0.2, .callbacks = {&average}, .shards = 2, .world = nullptr});
  save_parameters(folder / "model.safetensors", model);
  load_parameters(folder / "model.safetensors", model);
  EXPECT_EQ(evaluate(model, test).count, evaluate(model, test, smooth).count);
  EXPECT_EQ(predict(model, test).shape(), (Shape{test.size(), 3}));
  EXPECT_EQ(confusion_matrix(model, test).counts.size(), 3u);
}

}  // namespace
}  // namespace xgrad
