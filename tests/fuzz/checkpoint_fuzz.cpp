// SPDX-License-Identifier: MIT
// Fuzzes load_checkpoint with files that have a correct checksum. If the first byte is odd, the
// optimizer is NAG, otherwise Adam. If the first byte is 64 or more, the rest of the input replaces
// the JSON in the header of a valid checkpoint; otherwise the rest is the whole file. A file that
// is rejected must change nothing. After a file that is accepted, training must be able to
// continue.
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/xgrad.hpp>

#include <fuzz/fuzz_file.hpp>

#include <support/safetensors.hpp>
#include <support/scratch.hpp>

#include <nlohmann/json.hpp>

#include <cstring>
#include <string>

namespace {

using namespace xgrad;

constexpr const char* kKey = "xgrad_checkpoint";

std::string with_json(const std::string& saved, std::string_view json) {
  std::uint64_t length = 0;
  std::memcpy(&length, saved.data(), sizeof length);
  auto header = nlohmann::ordered_json::parse(saved.substr(sizeof length, length));
  header["__metadata__"][kKey] = json;
  const std::string text =
      header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return test::safetensors(text, saved.substr(sizeof length + length));
}

/// A model and an optimizer after one step, with their checkpoint.
class Training {
 public:
  explicit Training(const std::string& rule)
      : optimizer_(optim::make(rule, model_.parameters(), 0.1)) {
    step();
    const Scratch scratch;
    train::save_checkpoint(scratch / "file", model_, *optimizer_,
                           {.loader = loader_.state(), .history = {{0.5, 0.1, 2, {}}}});
    saved_ = read_bytes(scratch / "file");
    numbers_ = numbers();
  }

  void read(const std::string& bytes) {
    const fuzz::MemoryFile file(bytes.size() < 4 ? bytes : test::with_checksum(bytes));
    train::Progress progress;
    if (!fuzz::succeeds(
            [&] { progress = train::load_checkpoint(file.path(), model_, *optimizer_); })) {
      return fuzz::require(numbers() == numbers_);
    }
    fuzz::succeeds([&] { loader_.set_state(progress.loader); });
    optimizer_->train();
    fuzz::succeeds([&] { step(); });  // may throw if the weights in the file make the loss NaN
    const fuzz::MemoryFile good(saved_);
    train::load_checkpoint(good.path(), model_, *optimizer_);
    fuzz::require(numbers() == numbers_);
  }

  const std::string& saved() const { return saved_; }

 private:
  void step() {
    for (auto& [x, y] : loader_) {
      optimizer_->zero_grad();
      cross_entropy(model_(x), y).backward();
      optimizer_->step();
      break;
    }
  }

  /// Returns the bytes of everything that load_checkpoint restores.
  std::string numbers() const {
    std::string bytes;
    const auto add = [&bytes](const void* data, std::size_t size) {
      bytes.append(static_cast<const char*>(data), size);
    };
    for (const Tensor& p : model_.parameters()) {
      add(p.value().data(), p.size() * sizeof(Scalar));
    }
    for (const auto& [name, state] : optimizer_->states()) {
      for (const auto& array : *state) {
        if (array) add(array->data(), array->size() * sizeof(Scalar));
      }
    }
    const Rng::State state = model_.named_rngs()[0].second->state();
    add(state.data(), sizeof state);
    return bytes + std::to_string(optimizer_->step_count()) + " " +
           format_exactly(optimizer_->learning_rate()) +
           (optimizer_->is_evaluating() ? " evaluating" : "");
  }

  Rng rng_{1};
  nn::Sequential model_{nn::Linear(4, 3, rng_), nn::Dropout(0.5, rng_)};
  std::unique_ptr<optim::Optimizer> optimizer_;
  datasets::DataLoader loader_{datasets::iris(datasets::Split::train), {.batch_size = 8}};
  std::string saved_, numbers_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Training adam("adam"), nag("nag");
  if (size == 0) return -1;
  Training& training = data[0] % 2 == 0 ? adam : nag;
  const std::string_view rest = fuzz::text_of(data + 1, size - 1);
  training.read(data[0] < 64 ? std::string(rest) : with_json(training.saved(), rest));
  return 0;
}
