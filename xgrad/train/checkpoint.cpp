// SPDX-License-Identifier: MIT
#include <xgrad/train/checkpoint.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/train/safetensors.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKey = "xgrad_checkpoint";
constexpr int kVersion = 1;

/// The names that the model gives to the optimizer's parameters.
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

// Doubles come back bit for bit: what is not finite has no JSON, so the sum is text.
Json json_of(const Progress& progress) {
  return {{"epoch", progress.epoch},
          {"step", progress.step},
          {"seed", progress.seed},
          {"loader", progress.loader.loader},
          {"loader_epoch", progress.loader.epoch},
          {"loader_batch", progress.loader.batch},
          {"rows", progress.rows},
          {"loss_sum", format_exactly(progress.loss_sum)},
          {"seconds", progress.seconds},
          {"history", to_csv(progress.history)}};
}

Progress progress_of(const Json& json) {
  return {.epoch = json.at("epoch"),
          .step = json.at("step"),
          .seed = json.at("seed"),
          .loader = {json.at("loader"), json.at("loader_epoch"), json.at("loader_batch")},
          .rows = json.at("rows"),
          .loss_sum = parse_number(json.at("loss_sum").get<std::string>()),
          .seconds = json.at("seconds"),
          .history = from_csv(json.at("history"))};
}

/// What the file says, checked, to be put into place without an error.
struct Contents {
  std::vector<Array> parameters;
  std::vector<optim::Optimizer::State> states;
  std::vector<Rng::State> rngs;
  std::uint64_t step_count = 0;
  double learning_rate = 0;
  bool evaluating = false;
  Progress progress;
};

void require_same(const SafetensorsFile& file, const char* what, const Json& saved,
                  const Json& own) {
  if (saved == own) return;
  file.fail(std::string(what) + " differs: " + saved.dump() + " in the file, here " + own.dump());
}

Contents read(const SafetensorsFile& file, const Json& json, const nn::Module& model,
              const optim::Optimizer& optimizer) {
  require_same(file, "the checkpoint's version", json.at("version"), kVersion);
  require_same(file, "the type of numbers", json.at("scalar"), kDtype);
  Contents result;
  result.parameters = file.read_parameters("model.", model);
  const auto names = names_of(optimizer, model, "load_checkpoint");
  require_same(file, "the optimizer", json.at("optimizer"), optimizer.description());
  require_same(file, "what the optimizer trains", json.at("trained"), names);
  for (const auto& [name, own] : optimizer.states()) {
    auto& state = result.states.emplace_back(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string key = key_of(name, names[i]);
      if (!file.contains(key)) continue;  // not needed so far
      state[i] = file.read(key, optimizer.parameters()[i].shape());
    }
  }
  const Json& rngs = json.at("rngs");
  require_same(file, "the number of random generators", rngs.size(), model.named_rngs().size());
  for (const auto& [name, rng] : model.named_rngs()) result.rngs.push_back(rngs.at(name));
  result.step_count = json.at("step_count");
  result.learning_rate = json.at("learning_rate");
  result.evaluating = json.at("evaluating");
  result.progress = progress_of(json.at("progress"));
  return result;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const nn::Module& model,
                     const optim::Optimizer& optimizer, const Progress& progress) {
  const auto names = names_of(optimizer, model, "save_checkpoint");
  NamedArrays tensors = parameters_of(model, "model.");
  for (const auto& [name, state] : optimizer.states()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if ((*state)[i]) tensors.emplace_back(key_of(name, names[i]), &*(*state)[i]);
    }
  }
  Json rngs = Json::object();
  for (const auto& [name, rng] : model.named_rngs()) rngs[name] = rng->state();
  const Json json{{"version", kVersion},
                  {"scalar", kDtype},
                  {"optimizer", optimizer.description()},
                  {"trained", names},
                  {"step_count", optimizer.step_count()},
                  {"learning_rate", optimizer.learning_rate()},
                  {"evaluating", optimizer.is_evaluating()},
                  {"rngs", std::move(rngs)},
                  {"progress", json_of(progress)}};
  // A name that is not UTF-8 is refused with the tensors.
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  write_safetensors("save_checkpoint", path, tensors, {{kKey, text}}, Checksum::crc32);
}

Progress load_checkpoint(const std::filesystem::path& path, nn::Module& model,
                         optim::Optimizer& optimizer) {
  const SafetensorsFile file("load_checkpoint", path);
  const auto found = file.metadata().find(kKey);
  if (found == file.metadata().end()) {
    file.fail("holds no checkpoint; load_parameters reads files of parameters alone");
  }
  file.require_checksum();
  Contents contents;
  try {
    contents = read(file, Json::parse(found->second), model, optimizer);
  } catch (const nlohmann::json::exception& error) {
    file.fail("\"" + std::string(kKey) + "\" is not what it should be: " + error.what());
  }
  optimizer.resume(contents.step_count, contents.learning_rate, contents.evaluating);
  const auto states = optimizer.states();
  for (std::size_t i = 0; i < states.size(); ++i) *states[i].second = std::move(contents.states[i]);
  std::vector<Tensor> parameters = model.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].assign(contents.parameters[i]);
  const auto rngs = model.named_rngs();
  for (std::size_t i = 0; i < rngs.size(); ++i) rngs[i].second->set_state(contents.rngs[i]);
  return std::move(contents.progress);
}

}  // namespace xgrad::inline XGRAD_ABI::train
