// SPDX-License-Identifier: MIT
// Tests that loading a checkpoint that does not fit throws an error that names the difference, and
// changes nothing.
#include "runs.hpp"

#include <support/safetensors.hpp>

#include <cstring>

namespace xgrad::test {
namespace {

/// Returns the file with `word` replaced by `other` and a correct checksum.
std::string forged(std::string bytes, const std::string& word, const std::string& other) {
  EXPECT_EQ(word.size(), other.size());
  EXPECT_NE(bytes.find(word), std::string::npos) << word;
  bytes.replace(bytes.find(word), word.size(), other);
  return with_checksum(bytes);
}

constexpr std::string_view kKey = R"("xgrad_checkpoint":")";

/// Returns the JSON text of a checkpoint, with the escapes of a string in JSON.
std::string text_of(const std::string& bytes) {
  const std::size_t begin = bytes.find(kKey) + kKey.size();
  return bytes.substr(begin, bytes.find("}\"", begin) + 1 - begin);
}

/// Returns the checkpoint with another text, a valid length of the header and a valid checksum.
std::string with_text(const std::string& bytes, const std::string& text) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  std::string header = bytes.substr(sizeof length, length);
  header.replace(header.find(kKey) + kKey.size(), text_of(bytes).size(), text);
  return with_checksum(safetensors(header, bytes.substr(sizeof length + length)));
}

/// Returns the checkpoint with another value for the first member of this name, which is a leaf.
std::string with_member(const std::string& bytes, const std::string& name,
                        const std::string& value) {
  std::string text = text_of(bytes);
  const std::string quoted = R"(\")" + name + R"(\":)";
  const std::size_t begin = text.find(quoted) + quoted.size();
  EXPECT_GE(begin, quoted.size()) << name;
  return with_text(bytes, text.replace(begin, text.find_first_of(",}", begin) - begin, value));
}

/// Tests with a checkpoint of a run with Adam.
class BadCheckpointTest : public ::testing::Test {
 protected:
  BadCheckpointTest() {
    Training saved("adam");
    saved.train_to(5);
    saved.progress.history = {{0.5, 0.05, 1.5, train::Evaluation{0.25, 0.75, 0.125, 30}}};
    saved.progress.average = {0.5, 5, values_of(saved.model)};
    saved.save(file);
    good = read_bytes(file);
  }

  /// Loads the file and returns the error. Fails if loading has changed something.
  std::string refusal(nn::Module& model, optim::Optimizer& optimizer, Rng& rng) {
    const std::vector<Array> values = values_of(model);
    const Rng::State state = rng.state();
    const auto moments = [&] {
      std::vector<Array> all;
      for (const auto& [name, arrays] : optimizer.states()) {
        for (const auto& array : *arrays) all.push_back(array ? *array : Array{});
      }
      return all;
    };
    const std::vector<Array> before = moments();
    const std::uint64_t steps = optimizer.step_count();
    std::string text =
        message_of<DataError>([&] { train::load_checkpoint(file, model, optimizer); });
    EXPECT_TRUE(same_bits(values_of(model), values)) << text;
    EXPECT_TRUE(same_bits(moments(), before)) << text;
    EXPECT_EQ(optimizer.step_count(), steps) << text;
    EXPECT_EQ(rng.state(), state) << text;
    const std::string start = "[load_checkpoint] " + file.string() + ": ";
    EXPECT_EQ(text.rfind(start, 0), 0u) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text.substr(std::min(text.size(), start.size()));
  }
  std::string refusal_of(const std::string& bytes) {
    write_bytes(file, bytes);
    return refusal(setup.model, *setup.optimizer, setup.rng);
  }

  const Scratch scratch;
  const std::filesystem::path file = scratch / "run";
  std::string good;
  Training setup{"adam", 2};
};

TEST_F(BadCheckpointTest, TheErrorDescribesAnotherArchitecture) {
  Rng rng(3);
  nn::Sequential wide(nn::Linear(4, 7, rng), nn::Dropout(0.3, rng), nn::Tanh(),
                      nn::Linear(7, 3, rng));
  nn::Sequential deep(nn::Linear(4, 6, rng), nn::Dropout(0.3, rng), nn::Tanh(),
                      nn::Linear(6, 3, rng), nn::Linear(3, 3, rng));
  nn::Sequential shallow(nn::Linear(4, 6, rng), nn::Dropout(0.3, rng));
  nn::Sequential dry(nn::Linear(4, 6, rng), nn::Tanh(), nn::Tanh(), nn::Linear(6, 3, rng));
  const std::pair<nn::Sequential*, std::string> cases[] = {
      {&wide, "\"model.0.weight\" has shape (6, 4), the model's has (7, 4)"},
      {&deep, "the model's \"model.4.weight\" is not in the file"},
      {&shallow, "the file's \"model.3.bias\" is not in the model"},
      {&dry, "the number of random generators differs: 1 in the file, here 0"}};
  for (const auto& [model, message] : cases) {
    optim::Adam optimizer(model->parameters());
    EXPECT_EQ(refusal(*model, optimizer, rng), message);
  }
}

TEST_F(BadCheckpointTest, TheErrorDescribesAnotherUpdateRuleOrOption) {
  optim::RMSProp other(setup.model.parameters());
  EXPECT_EQ(refusal(setup.model, other, setup.rng),
            "the optimizer differs: \"adam, beta1 0.9, beta2 0.999, eps 1e-08, weight_decay 0\" in "
            "the file, here \"rmsprop, rho 0.9, eps 1e-08, weight_decay 0\"");
  const optim::AdamOptions options[] = {
      {.beta1 = 0.8}, {.beta2 = 0.99900000000000011}, {.eps = 1e-7}, {.weight_decay = 0.1}};
  for (const optim::AdamOptions& each : options) {
    optim::Adam adam(setup.model.parameters(), each);
    EXPECT_NE(refusal(setup.model, adam, setup.rng).find("the optimizer differs: "),
              std::string::npos);
  }
}

TEST_F(BadCheckpointTest, AnotherLearningRateIsNotAnError) {
  optim::Adam other(setup.model.parameters(), {.lr = 0.3});
  train::load_checkpoint(file, setup.model, other);
  EXPECT_NE(other.learning_rate(), 0.3);
}

TEST_F(BadCheckpointTest, AFileTruncatedAtAnyByteIsRejected) {
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(refusal_of(good.substr(0, size)), "") << size;
  }
  EXPECT_EQ(refusal_of(good.substr(0, good.size() - 1)).substr(0, 21), "cut short: \"crc32\" en");
  EXPECT_EQ(refusal_of(good + "x").substr(0, 31), "the last tensor \"crc32\" ends at");
}

TEST_F(BadCheckpointTest, AChangeOfAnyBitIsDetected) {
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    EXPECT_NE(refusal_of(bytes), "") << at;
  }
  std::string bytes = good;
  bytes[good.size() - 100] ^= 1;
  EXPECT_EQ(refusal_of(bytes),
            "the checksum at its end does not fit: the file was cut short or altered");
}

TEST_F(BadCheckpointTest, TheErrorNamesAnotherVersionOrScalar) {
  EXPECT_EQ(refusal_of(forged(good, R"(\"version\":2)", R"(\"version\":3)")),
            "the checkpoint's version differs: 3 in the file, here 2");
  EXPECT_EQ(refusal_of(forged(good, R"(\"scalar\":\"F32\")", R"(\"scalar\":\"F64\")")),
            "the type of numbers differs: \"F64\" in the file, here \"F32\"");
}

TEST_F(BadCheckpointTest, InvalidContentsWithAValidChecksumAreRejected) {
  EXPECT_EQ(refusal_of(forged(good, "xgrad_checkpoint", "xgrad_checkpaint")),
            "holds no checkpoint; load_parameters reads files of parameters alone");
  for (const char* word :
       {"version", "trained", "step_count", "learning_rate", "evaluating", "history",
        "loader_batch", "loss_sum", "1.rng", "train_loss", "validation", "accuracy_stderr", "count",
        "decay", "steps", "average.3.bias"}) {
    std::string other = word;
    other.back() = 'x';
    EXPECT_NE(refusal_of(forged(good, word, other)), "") << word;
  }
}

TEST_F(BadCheckpointTest, AFileOfVersion1IsNamed) {
  // The start of the text that version 1 of the format had under "xgrad_checkpoint".
  const std::string text =
      R"({\"version\":1,\"scalar\":\"F32\",\"optimizer\":\"sgd, weight_decay 0\"})";
  EXPECT_EQ(refusal_of(with_text(good, text)),
            "the checkpoint's version differs: 1 in the file, here 2");
}

TEST_F(BadCheckpointTest, ANumberOfTheWrongKindIsRefused) {
  write_bytes(file, with_member(good, "step_count", "5"));
  setup.load(file);
  for (const char* bad : {"-1", "-0", "1e300", "1.0", "1e2", "18446744073709551616", "null", "true",
                          R"(\"1\")", "[1]", "{}"}) {
    for (const char* name : {"step_count", "epoch", "step", "seed", "rows", "loader_epoch",
                             "loader_batch", "count", "steps"}) {
      EXPECT_NE(refusal_of(with_member(good, name, bad)), "") << name << " " << bad;
    }
  }
  for (const char* bad : {"-0.5", "1", R"(\"nan\")", "null"}) {
    EXPECT_NE(refusal_of(with_member(good, "decay", bad)), "") << bad;
  }
  for (const char* bad : {"null", "true", R"(\"1\")", R"(\"Inf\")", "[1]", "1e999", "NaN"}) {
    for (const char* name : {"learning_rate", "loss_sum", "seconds", "train_loss", "accuracy"}) {
      EXPECT_NE(refusal_of(with_member(good, name, bad)), "") << name << " " << bad;
    }
  }
}

TEST_F(BadCheckpointTest, ANegativeLearningRateIsRefused) {
  write_bytes(file, with_member(good, "learning_rate", "0.5"));
  setup.load(file);
  EXPECT_EQ(setup.optimizer->learning_rate(), 0.5);
  EXPECT_NE(refusal_of(with_member(good, "learning_rate", "-0.5")), "");
}

TEST_F(BadCheckpointTest, ATextThatIsNotOneFlatEnoughObjectIsRefused) {
  const auto nested = [](std::size_t depth) {
    return R"({\"a\":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(refusal_of(with_text(good, nested(16))).substr(0, 30),
            "xgrad_checkpoint is not valid:");
  for (const std::size_t depth : {17u, 100'000u}) {
    EXPECT_EQ(refusal_of(with_text(good, nested(depth))),
              "xgrad_checkpoint is nested more than 16 levels deep");
  }
  for (const char* text : {"", "[]", "1", "null", R"({\"version\":2)", R"({\"version\":2}{})"}) {
    EXPECT_EQ(refusal_of(with_text(good, text)), "xgrad_checkpoint is not a JSON object") << text;
  }
  EXPECT_EQ(refusal_of(with_text(good, R"({\"version\":2,\"version\":2})")),
            "xgrad_checkpoint has the name \"version\" twice");
}

TEST_F(BadCheckpointTest, AParameterFileIsNotACheckpoint) {
  train::save_parameters(file, setup.model);
  EXPECT_EQ(refusal(setup.model, *setup.optimizer, setup.rng),
            "holds no checkpoint; load_parameters reads files of parameters alone");
}

TEST_F(BadCheckpointTest, TheErrorNamesAFileThatCannotBeReadOrWritten) {
  const std::filesystem::path missing = scratch / "no-folder/run";
  EXPECT_EQ(message_of<DataError>([&] { setup.load(missing); }),
            "[load_checkpoint] " + missing.string() + ": no such file");
  EXPECT_EQ(
      message_of<DataError>([&] { setup.save(missing); }),
      "[save_checkpoint] " + missing.string() + ": cannot be written: No such file or directory");
}

}  // namespace
}  // namespace xgrad::test
