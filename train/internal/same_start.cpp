// SPDX-License-Identifier: MIT
#include <xgrad/train/internal/same_start.hpp>

#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/core/system.hpp>
#include <xgrad/core/threads.hpp>

#include <algorithm>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

/// The hash function FNV-1a, as 16 hexadecimal digits.
class Hash {
 public:
  void add(const void* bytes, std::size_t n) {
    const auto* const b = static_cast<const unsigned char*>(bytes);
    for (std::size_t i = 0; i < n; ++i) value_ = (value_ ^ b[i]) * 0x100000001b3;
  }
  void add(const std::string& text) { add(text.data(), text.size() + 1); }
  void add(const Array& array) {
    add(to_string(array.shape()));
    add(array.data(), array.size() * sizeof(Scalar));
  }
  std::string text() const {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[value_ >> shift & 15];
    return "hash " + digits;
  }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

/// Hashes the labels or targets, and some rows: a process should not read them all.
std::string hash_of(const datasets::Dataset& data) {
  Hash hash;
  for (const std::string& name : data.class_names()) hash.add(name);
  if (data.has_labels()) {
    hash.add(data.labels().data(), data.labels().size() * sizeof(std::int32_t));
  } else {
    hash.add(data.targets());
  }
  constexpr std::size_t kRows = 64;
  std::vector<double> row(data.features());
  for (std::size_t i = 0; i < std::min(kRows, data.size()); ++i) {
    data.read_row(i * data.size() / std::min(kRows, data.size()), row);
    hash.add(row.data(), row.size() * sizeof(double));
  }
  return hash.text();
}

/// Hashes the names and values of the parameters, buffers and generators.
std::string hash_of(const nn::Module& model) {
  Hash hash;
  for (const auto& [name, tensor] : model.named_state()) {
    hash.add(name);
    hash.add(tensor.value());
  }
  for (const auto& [name, rng] : model.named_rngs()) {
    hash.add(name);
    const Rng::State state = rng->state();
    hash.add(state.data(), sizeof state);
  }
  return hash.text();
}

std::string hash_of(const optim::Optimizer& optimizer) {
  Hash hash;
  for (const auto& [name, state] : optimizer.states()) {
    for (const std::optional<Array>& each : *state) {
      hash.add(name);
      if (each) hash.add(*each);
    }
  }
  return hash.text();
}

std::string shapes_of(const nn::Module& model) {
  std::string text;
  for (const auto& [name, tensor] : model.named_state()) {
    text += (text.empty() ? "" : ", ") + name + " " + to_string(tensor.shape());
  }
  return text;
}

}  // namespace

void require_same_start(GuardedGroup& group, const nn::Module& model,
                        const optim::Optimizer& optimizer, const datasets::DataLoader& loader,
                        const ShardOptions& options) {
  const std::pair<const char*, std::string> own[] = {
      {"version of xgrad", version()},
      {"type of numbers", sizeof(Scalar) == sizeof(float) ? "float" : "double"},
      {"instruction set", simd_name()},
      {"BLAS", blas_name()},
      {"number of threads", std::to_string(num_threads())},
      {"number of shards", std::to_string(options.shards)},
      {"number of batches in a step", std::to_string(options.accumulate)},
      {"norm for clipping", options.clip_norm ? format_exactly(*options.clip_norm) : "none"},
      {"loader", loader.state().loader},
      {"position of the loader", "epoch " + std::to_string(loader.state().epoch) + ", batch " +
                                     std::to_string(loader.state().batch)},
      {"data", hash_of(loader.dataset())},
      {"model", shapes_of(model)},
      {"values of the model", hash_of(model)},
      {"optimizer", optimizer.description()},
      {"learning rate", format_exactly(optimizer.learning_rate())},
      {"number of steps", std::to_string(optimizer.step_count())},
      {"state of the optimizer", hash_of(optimizer)}};
  for (const auto& [what, value] : own) {
    const std::vector<std::string> values = group.all_texts(value);
    for (std::size_t rank = 1; rank < values.size(); ++rank) {
      if (values[rank] == values[0]) continue;
      throw OptionError("[fit] all processes must have the same " + std::string(what) +
                        ", but process 0 has " + values[0] + ", and process " +
                        std::to_string(rank) + " has " + values[rank]);
    }
  }
  const auto processes = static_cast<std::size_t>(group.size());
  if (options.shards > 0 && options.shards % processes == 0) return;
  throw OptionError("[fit] shards must be a multiple of the number of processes, " +
                    std::to_string(processes) + ", got " + std::to_string(options.shards));
}

}  // namespace xgrad::inline XGRAD_ABI::train
