// SPDX-License-Identifier: MIT
// Buffers in files and in BestWeights; reading a part of a file.
#include "runs.hpp"

namespace xgrad::test {
namespace {

/// Adds a trained bias and counts its calls in training mode.
struct CountingBias : nn::Module {
  explicit CountingBias(std::size_t width) : bias(register_parameter("bias", zeros({width}))) {}
  Tensor forward(const Tensor& x) override {
    if (is_training()) calls = calls.value() + Scalar{1};
    return x + bias;
  }
  Parameter bias;
  Parameter calls = register_buffer("calls", zeros({}));
};

nn::Sequential counting_net(std::uint64_t seed) {
  Rng rng(seed);
  return nn::Sequential{nn::Linear(4, 3, rng), CountingBias(3)};
}

using Names = std::vector<std::string>;

template <class Value>
Names names_of(const std::map<std::string, Value>& map) {
  Names names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

TEST(BufferFilesTest, AParameterFileContainsTheBuffers) {
  const Scratch scratch;
  nn::Sequential saved = counting_net(1), loaded = counting_net(2);
  saved(Tensor(ones({2, 4})));
  train::save_parameters(scratch / "net", saved);
  EXPECT_EQ(train::load_parameters(scratch / "net", loaded), Names{});
  EXPECT_EQ(loaded.buffers()[0].item(), 1);
  EXPECT_TRUE(same_bits(values_of(loaded), values_of(saved)));
  EXPECT_EQ(names_of(train::parameter_shapes(scratch / "net")),
            (Names{"0.bias", "0.weight", "1.bias", "1.calls"}));
}

TEST(BufferFilesTest, ACheckpointContainsTheBuffers) {
  const Scratch scratch;
  nn::Sequential saved = counting_net(1), loaded = counting_net(2);
  optim::SGD optimizer(saved.parameters()), other(loaded.parameters());
  saved(Tensor(ones({2, 4})));
  train::save_checkpoint(scratch / "run", saved, optimizer, {});
  train::load_checkpoint(scratch / "run", loaded, other);
  EXPECT_EQ(loaded.buffers()[0].item(), 1);
  EXPECT_TRUE(same_bits(values_of(loaded), values_of(saved)));
}

TEST(BufferFilesTest, BestWeightsRestoresTheBuffersOfTheBestEpoch) {
  nn::Sequential model = counting_net(1);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  datasets::DataLoader loader(iris_test());  // one batch
  train::Run run{model, optimizer, loader};
  train::BestWeights best(train::Metric::train_loss);
  for (const double loss : {0.5, 0.7}) {
    model(Tensor(ones({2, 4})));
    run.end_step(loss, 1);
    run.end_epoch();
    best.on_epoch(run);
  }
  EXPECT_EQ(model.buffers()[0].item(), 2);
  best.restore(model, optimizer);
  EXPECT_EQ(model.buffers()[0].item(), 1);
}

TEST(TiedFilesTest, ATiedParameterIsSavedOnceAndLoadedIntoBothLayers) {
  struct Tied : nn::Module {
    explicit Tied(std::uint64_t seed) : rng(seed) { nn::tie(first.weight, second.weight); }
    Tensor forward(const Tensor& x) override { return second(first(x)); }
    Rng rng;
    nn::Linear& first = register_module("first", nn::Linear(3, 3, rng, {.bias = false}));
    nn::Linear& second = register_module("second", nn::Linear(3, 3, rng, {.bias = false}));
  };
  const Scratch scratch;
  const Tied saved(1);
  Tied loaded(2);
  train::save_parameters(scratch / "net", saved);
  EXPECT_EQ(names_of(train::parameter_shapes(scratch / "net")), Names{"first.weight"});
  train::load_parameters(scratch / "net", loaded);
  EXPECT_EQ(loaded.second.weight.value(), saved.first.weight.value());
}

TEST(ReadTensorsTest, ReturnsTheTensorsByName) {
  const Scratch scratch;
  const nn::Sequential model = counting_net(1);
  train::save_parameters(scratch / "net", model);
  const std::map<std::string, Array> tensors = train::read_tensors(scratch / "net");
  EXPECT_EQ(names_of(tensors), (Names{"0.bias", "0.weight", "1.bias", "1.calls"}));
  for (const auto& [name, tensor] : model.named_state()) {
    EXPECT_EQ(tensors.at(name), tensor.value()) << name;
  }
  EXPECT_EQ(names_of(train::read_tensors(scratch / "net", "0.")), (Names{"bias", "weight"}));
  EXPECT_TRUE(train::read_tensors(scratch / "net", "2.").empty());
}

TEST(ReadTensorsTest, APrefixReadsTheModelOfACheckpoint) {
  const Scratch scratch;
  nn::Sequential saved = counting_net(1), loaded = counting_net(2);
  const optim::Adam optimizer(saved.parameters());
  train::save_checkpoint(scratch / "run", saved, optimizer, {});
  EXPECT_EQ(train::read_tensors(scratch / "run", "model.").at("0.weight"),
            saved.parameters()[0].value());
  EXPECT_EQ(message_of<DataError>([&] { train::read_tensors(scratch / "run"); }),
            "[read_tensors] " + (scratch / "run").string() +
                ": \"crc32\" has dtype U8; F32 and F64 can be read");
  EXPECT_EQ(
      message_of<DataError>([&] { train::load_parameters(scratch / "run", loaded); }),
      "[load_parameters] " + (scratch / "run").string() +
          ": the model's \"0.weight\" is not in the file; set the option prefix to \"model.\"");
  train::load_parameters(scratch / "run", loaded, {.prefix = "model."});
  EXPECT_TRUE(same_bits(values_of(loaded), values_of(saved)));
}

TEST(LoadOptionsTest, WithoutStrictTheCommonTensorsAreLoaded) {
  const Scratch scratch;
  const std::string path = (scratch / "net").string();
  nn::Sequential saved = counting_net(1);
  train::save_parameters(path, saved);
  Rng rng(3);
  nn::Sequential loaded{nn::Linear(4, 3, rng), nn::ReLU(), nn::Linear(3, 2, rng)};
  const Array last = loaded.parameters()[2].value();
  EXPECT_EQ(message_of<DataError>([&] { train::load_parameters(path, loaded); }),
            "[load_parameters] " + path + ": the model's \"2.weight\" is not in the file");
  EXPECT_EQ(train::load_parameters(path, loaded, {.strict = false}), (Names{"2.weight", "2.bias"}));
  EXPECT_EQ(loaded.parameters()[0].value(), saved.parameters()[0].value());
  EXPECT_EQ(loaded.parameters()[2].value(), last);
}

TEST(LoadOptionsTest, WithoutStrictAnotherShapeOrNoCommonNameIsRejected) {
  const Scratch scratch;
  const std::string path = (scratch / "net").string();
  train::save_parameters(path, counting_net(1));
  Rng rng(3);
  nn::Sequential wider{nn::Linear(5, 3, rng)}, loaded{nn::Linear(4, 3, rng)};
  const Array before = loaded.parameters()[0].value();
  EXPECT_EQ(
      message_of<DataError>([&] { train::load_parameters(path, wider, {.strict = false}); }),
      "[load_parameters] " + path + ": \"0.weight\" has shape (3, 4), the model's has (3, 5)");
  EXPECT_EQ(message_of<DataError>(
                [&] { train::load_parameters(path, loaded, {.prefix = "net.", .strict = false}); }),
            "[load_parameters] " + path +
                ": none of the model's tensors is in the file, where their names must begin with "
                "\"net.\"");
  EXPECT_EQ(message_of<DataError>([&] { train::load_parameters(path, loaded); }),
            "[load_parameters] " + path + ": the file's \"1.bias\" is not in the model");
  EXPECT_EQ(loaded.parameters()[0].value(), before);
}

datasets::Dataset coloured_table() {
  return datasets::parse_csv("size,colour,kind\n1,red,a\n2,blue,b\n4,red,a\n", "table",
                             {.standardize = true});
}

TEST(EncoderFilesTest, AParameterFileContainsTheEncoderOfTheTrainingData) {
  const Scratch scratch;
  const datasets::RowEncoder encode(coloured_table());
  Rng rng(1);
  nn::Sequential saved{nn::Linear(3, 2, rng)}, loaded{nn::Linear(3, 2, rng)};
  train::save_parameters(scratch / "net", saved, encode);
  const datasets::RowEncoder read = train::read_encoder(scratch / "net");
  train::load_parameters(scratch / "net", loaded);
  const std::vector<std::string> row{"3", "blue"};
  EXPECT_EQ(loaded(Tensor(read(row))).value(), saved(Tensor(encode(row))).value());
  EXPECT_EQ(read.class_names(), (Names{"a", "b"}));
}

TEST(EncoderFilesTest, TheTensorsAreThoseOfAFileWithoutAnEncoder) {
  const Scratch scratch;
  const nn::Sequential model = counting_net(1);
  train::save_parameters(scratch / "with", model, datasets::RowEncoder(coloured_table()));
  train::save_parameters(scratch / "without", model);
  EXPECT_EQ(train::read_tensors(scratch / "with"), train::read_tensors(scratch / "without"));
  EXPECT_EQ(train::parameter_shapes(scratch / "with"),
            train::parameter_shapes(scratch / "without"));
  EXPECT_EQ(message_of<DataError>([&] { train::read_encoder(scratch / "without"); }),
            "[read_encoder] " + (scratch / "without").string() +
                ": contains no encoder; give save_parameters the encoder of the training data");
}

TEST(EncoderFilesTest, ADamagedEncoderIsAnErrorOfReadEncoderAlone) {
  const Scratch scratch;
  const std::string path = (scratch / "net").string();
  nn::Sequential model = counting_net(1);
  train::save_parameters(path, model, datasets::RowEncoder(coloured_table()));
  std::string bytes = read_bytes(path);
  bytes.replace(bytes.find("mean"), 4, "moan");
  write_bytes(path, bytes);
  EXPECT_EQ(message_of<DataError>([&] { train::read_encoder(path); }),
            "[read_encoder] " + path +
                ": xgrad_encoder is damaged: [RowEncoder] the text is not that of an encoder: "
                "[json.exception.out_of_range.403] key 'mean' not found");
  EXPECT_EQ(train::load_parameters(path, model), Names{});
}

}  // namespace
}  // namespace xgrad::test
