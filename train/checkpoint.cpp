// SPDX-License-Identifier: MIT
#include <xgrad/train/checkpoint.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/file_log.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parse_json.hpp>
#include <xgrad/train/internal/safetensors.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

using nlohmann::json;

constexpr const char* kKey = "xgrad_checkpoint";
constexpr std::uint64_t kVersion = 2;

/// Returns the names that the model gives to the optimizer's parameters.
std::vector<std::string> names_of(const optim::Optimizer& optimizer, const nn::Module& model,
                                  const char* where) {
  std::vector<std::string> names;
  const auto named = model.named_parameters();
  for (const Tensor& p : optimizer.parameters()) {
    const auto found = std::find_if(named.begin(), named.end(),
                                    [&](const auto& entry) { return entry.second.is_same(p); });
    if (found == named.end()) {
      throw OptionError("[" + std::string(where) + "] parameter " + std::to_string(names.size()) +
                        " of the optimizer is not one of the model's");
    }
    names.push_back(found->first);
  }
  return names;
}

std::string key_of(const std::string& state, const std::string& parameter) {
  return "optimizer." + state + "." + parameter;
}

// No temporary below is an array or an object with elements, because destroying it would allocate
// memory (see JsonTree): `object[name] = list` would destroy one if object[name] throws.

/// JSON has no infinity and no NaN. They are the strings "inf", "-inf" and "nan".
json json_of(double number) {
  return std::isfinite(number) ? json(number) : json(format_number(number));
}

double to_double(const json& value) {
  using Limits = std::numeric_limits<double>;
  for (const double special : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
    if (value.is_string() && value.get_ref<const std::string&>() == format_number(special)) {
      return special;
    }
  }
  return value.get<double>();
}

void write_epoch(json& to, const EpochRecord& epoch) {
  to = json::object();
  to["train_loss"] = json_of(epoch.train_loss);
  to["learning_rate"] = json_of(epoch.learning_rate);
  to["seconds"] = json_of(epoch.seconds);
  json& validation = to["validation"];  // null without validation data
  if (!epoch.validation) return;
  validation = json::object();
  validation["loss"] = json_of(epoch.validation->loss);
  validation["accuracy"] = json_of(epoch.validation->accuracy);
  validation["accuracy_stderr"] = json_of(epoch.validation->accuracy_stderr);
  validation["count"] = epoch.validation->count;
  if (!std::isnan(epoch.validation->r2)) validation["r2"] = json_of(epoch.validation->r2);
}

EpochRecord to_epoch(const json& from) {
  const json& v = from.at("validation");
  EpochRecord epoch{to_double(from.at("train_loss")), to_double(from.at("learning_rate")),
                    to_double(from.at("seconds")), std::nullopt};
  if (!v.is_null()) {
    epoch.validation = {to_double(v.at("loss")), to_double(v.at("accuracy")),
                        to_double(v.at("accuracy_stderr")), to_unsigned(v.at("count"))};
    if (v.contains("r2")) epoch.validation->r2 = to_double(v.at("r2"));
  }
  return epoch;
}

void write_progress(json& to, const Progress& progress) {
  to = json::object();
  to["epoch"] = progress.epoch;
  to["step"] = progress.step;
  to["seed"] = progress.seed;
  to["loader"] = progress.loader.loader;
  to["loader_epoch"] = progress.loader.epoch;
  to["loader_batch"] = progress.loader.batch;
  to["rows"] = progress.rows;
  to["loss_sum"] = json_of(progress.loss_sum);
  to["seconds"] = json_of(progress.seconds);
  json& history = to["history"] = json::array();
  for (const EpochRecord& epoch : progress.history) write_epoch(history.emplace_back(), epoch);
  if (!progress.average) return;
  json& average = to["average"] = json::object();
  average["decay"] = progress.average->decay;
  average["steps"] = progress.average->steps;
}

Progress to_progress(const json& from) {
  const auto number = [&](const char* name) { return to_unsigned(from.at(name)); };
  Progress progress{.epoch = number("epoch"),
                    .step = number("step"),
                    .seed = number("seed"),
                    .loader = {from.at("loader"), number("loader_epoch"), number("loader_batch")},
                    .rows = number("rows"),
                    .loss_sum = to_double(from.at("loss_sum")),
                    .seconds = to_double(from.at("seconds"))};
  for (const json& epoch : from.at("history").get_ref<const json::array_t&>()) {
    progress.history.push_back(to_epoch(epoch));
  }
  if (from.contains("average")) {
    const json& average = from.at("average");
    progress.average = {to_double(average.at("decay")), to_unsigned(average.at("steps")), {}};
    require_fraction("load_checkpoint", "decay", progress.average->decay);
  }
  return progress;
}

/// Everything that load_checkpoint puts into place, read and checked.
struct Contents {
  NewValues tensors;  ///< of the model
  std::vector<optim::Optimizer::State> states;
  std::vector<Rng::State> rngs;
  std::vector<bool> frozen;  // for each parameter of the optimizer
  std::uint64_t step_count = 0;
  double learning_rate = 0;
  bool evaluating = false;
  Progress progress;
};

void require_same(const SafetensorsFile& file, const char* what, const json& saved,
                  const json& own) {
  if (saved == own) return;
  file.fail(std::string(what) + " differs: " + saved.dump() + " in the file, here " + own.dump());
}

std::vector<optim::Optimizer::State> read_states(const SafetensorsFile& file,
                                                 const optim::Optimizer& optimizer,
                                                 const std::vector<std::string>& names) {
  std::vector<optim::Optimizer::State> states;
  for (const auto& [name, own] : optimizer.states()) {
    auto& state = states.emplace_back(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string key = key_of(name, names[i]);
      if (!file.contains(key)) continue;  // the optimizer has not needed it yet
      state[i] = file.read(key, optimizer.parameters()[i].shape());
    }
  }
  return states;
}

Rng::State to_rng_state(const json& from) {
  const auto words = to_unsigned_list(from);
  Rng::State state{};
  if (words.size() != state.size()) {
    throw OptionError("[load_checkpoint] the state of a random generator must be four words");
  }
  std::copy(words.begin(), words.end(), state.begin());
  Rng(0).set_state(state);  // throws if the state is not valid
  return state;
}

Contents read(const SafetensorsFile& file, const json& from, const nn::Module& model,
              const optim::Optimizer& optimizer, const std::vector<std::string>& names) {
  require_same(file, "the checkpoint's version", from.at("version"), kVersion);
  require_same(file, "the type of numbers", from.at("scalar"), kDtype);
  Contents result;
  result.tensors = file.read_model(model, "model.", true);
  require_same(file, "the optimizer", from.at("optimizer"), optimizer.description());
  JsonTree own;
  own.root = names;
  require_same(file, "what the optimizer trains", from.at("trained"), own.root);
  result.states = read_states(file, optimizer, names);
  const auto& frozen = from.at("frozen").get_ref<const json::array_t&>();
  for (const std::string& name : names) {
    result.frozen.push_back(std::find(frozen.begin(), frozen.end(), name) != frozen.end());
  }
  const json& rngs = from.at("rngs");
  require_same(file, "the number of random generators", rngs.size(), model.named_rngs().size());
  for (const auto& [name, rng] : model.named_rngs()) {
    result.rngs.push_back(to_rng_state(rngs.at(name)));
  }
  result.step_count = to_unsigned(from.at("step_count"));
  result.learning_rate = to_double(from.at("learning_rate"));
  require_non_negative("load_checkpoint", "lr", result.learning_rate);
  result.evaluating = from.at("evaluating").get<bool>();
  result.progress = to_progress(from.at("progress"));
  if (result.progress.average) {
    for (const auto& [name, tensor] : model.named_state()) {
      result.progress.average->values.push_back(file.read("average." + name, tensor.shape()));
    }
  }
  return result;
}

/// Appends the averages under the names of the model's parameters and buffers.
void append_averages(NamedArrays& tensors, const nn::Module& model, const WeightAverage& average) {
  const auto named = model.named_state();
  if (average.values.size() != named.size()) {
    throw OptionError("[save_checkpoint] the progress must have one average for each of the " +
                      std::to_string(named.size()) + " parameters and buffers of the model, got " +
                      std::to_string(average.values.size()));
  }
  for (std::size_t i = 0; i < named.size(); ++i) {
    tensors.emplace_back("average." + named[i].first, &average.values[i]);
  }
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const nn::Module& model,
                     const optim::Optimizer& optimizer, const Progress& progress) {
  const FileLog log("save_checkpoint", path);
  const auto names = names_of(optimizer, model, "save_checkpoint");
  NamedArrays tensors = tensors_of(model, "model.");
  for (const auto& [name, state] : optimizer.states()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if ((*state)[i]) tensors.emplace_back(key_of(name, names[i]), &*(*state)[i]);
    }
  }
  if (progress.average) append_averages(tensors, model, *progress.average);
  JsonTree tree;
  json& root = tree.root;
  root["version"] = kVersion;
  root["scalar"] = kDtype;
  root["optimizer"] = optimizer.description();
  json& trained = root["trained"];
  trained = names;
  json& frozen = root["frozen"] = json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!optimizer.parameters()[i].requires_grad()) frozen.push_back(names[i]);
  }
  root["step_count"] = optimizer.step_count();
  root["learning_rate"] = optimizer.learning_rate();
  root["evaluating"] = optimizer.is_evaluating();
  json& rngs = root["rngs"] = json::object();
  for (const auto& [name, rng] : model.named_rngs()) {
    json& state = rngs[name];
    state = rng->state();
  }
  write_progress(root["progress"], progress);
  // Replaces what is not UTF-8, for example in the loader's text.
  const std::string text = root.dump(-1, ' ', false, json::error_handler_t::replace);
  write_safetensors("save_checkpoint", path, tensors, {{kKey, text}}, Checksum::crc32);
  log.saved();
}

Progress load_checkpoint(const std::filesystem::path& path, nn::Module& model,
                         optim::Optimizer& optimizer) {
  const FileLog log("load_checkpoint", path);
  const SafetensorsFile file("load_checkpoint", path);
  const auto found = file.metadata().find(kKey);
  if (found == file.metadata().end()) {
    file.fail("holds no checkpoint; load_parameters reads files of parameters alone");
  }
  file.require_checksum();
  JsonTree tree;
  const std::string error = parse_json(found->second, kKey, tree);
  if (!error.empty()) file.fail(error);
  const auto names = names_of(optimizer, model, "load_checkpoint");
  Contents contents;
  try {
    contents = read(file, tree.root, model, optimizer, names);
  } catch (const json::exception& not_as_written) {
    file.fail(std::string(kKey) + " is not valid: " + not_as_written.what());
  } catch (const OptionError& out_of_range) {
    file.fail(std::string(kKey) + " is not valid: " + out_of_range.what());
  }
  const auto states = optimizer.states();
  const auto rngs = model.named_rngs();
  // From here on nothing throws.
  optimizer.resume(contents.step_count, contents.learning_rate, contents.evaluating);
  for (std::size_t i = 0; i < states.size(); ++i) *states[i].second = std::move(contents.states[i]);
  for (auto& [tensor, value] : contents.tensors) tensor.assign(value);
  for (std::size_t i = 0; i < names.size(); ++i) {
    Tensor(optimizer.parameters()[i]).set_requires_grad(!contents.frozen[i]);
  }
  for (std::size_t i = 0; i < rngs.size(); ++i) rngs[i].second->set_state(contents.rngs[i]);
  log.loaded();
  return std::move(contents.progress);
}

}  // namespace xgrad::inline XGRAD_ABI::train
