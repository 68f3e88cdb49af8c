// SPDX-License-Identifier: MIT
#include <xgrad/train/checkpoint.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/file_log.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/train/internal/json.hpp>
#include <xgrad/train/internal/safetensors.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

constexpr const char* kKey = "xgrad_checkpoint";
constexpr std::uint64_t kVersion = 1;

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

// What is not finite has no JSON, so the sum of the losses is text.
std::string json_of_progress(const Progress& progress) {
  return json_object({{"epoch", json_of(progress.epoch)},
                      {"step", json_of(progress.step)},
                      {"seed", json_of(progress.seed)},
                      {"loader", json_text(progress.loader.loader)},
                      {"loader_epoch", json_of(progress.loader.epoch)},
                      {"loader_batch", json_of(progress.loader.batch)},
                      {"rows", json_of(progress.rows)},
                      {"loss_sum", json_text(format_exactly(progress.loss_sum))},
                      {"seconds", json_of(progress.seconds)},
                      {"history", json_text(to_csv(progress.history))}});
}

Progress progress_of(const JsonValue& json) {
  const auto number = [&](const char* name) { return json.at(name).get<std::uint64_t>(); };
  const auto text = [&](const char* name) { return json.at(name).get<std::string>(); };
  return {.epoch = number("epoch"),
          .step = number("step"),
          .seed = number("seed"),
          .loader = {text("loader"), number("loader_epoch"), number("loader_batch")},
          .rows = number("rows"),
          .loss_sum = parse_number(text("loss_sum")),
          .seconds = json.at("seconds").get<double>(),
          .history = from_csv(text("history"))};
}

std::string json_of_names(const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  for (const std::string& name : names) texts.push_back(json_text(name));
  return json_array(texts);
}

std::string json_of_rngs(const nn::Module& model) {
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& [name, rng] : model.named_rngs()) {
    std::vector<std::string> words;
    for (const std::uint64_t word : rng->state()) words.push_back(json_of(word));
    members.emplace_back(name, json_array(words));
  }
  return json_object(members);
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

/// Compares two pieces of JSON.
void require_same(const SafetensorsFile& file, const char* what, const std::string& saved,
                  const std::string& own) {
  if (saved == own) return;
  file.fail(std::string(what) + " differs: " + saved + " in the file, here " + own);
}

/// What a call gives; its errors as errors of the file.
template <class Call>
auto checked(Call call) {
  try {
    return call();
  } catch (const Error& error) {
    throw JsonError(error.what());
  }
}

Rng::State rng_state_of(const JsonValue& json) {
  const auto words = json.get_array<std::uint64_t>();
  Rng::State state{};
  if (words.size() != state.size()) throw JsonError("[json] a random generator has four words");
  std::copy(words.begin(), words.end(), state.begin());
  checked([&] { Rng(0).set_state(state); });
  return state;
}

Contents read(const SafetensorsFile& file, const JsonValue& json, const nn::Module& model,
              const optim::Optimizer& optimizer) {
  const auto text = [&](const char* name) { return json.at(name).text(); };
  require_same(file, "the checkpoint's version", text("version"), json_of(kVersion));
  require_same(file, "the type of numbers", text("scalar"), json_text(kDtype));
  Contents result;
  result.parameters = file.read_parameters("model.", model);
  const auto names = names_of(optimizer, model, "load_checkpoint");
  require_same(file, "the optimizer", text("optimizer"), json_text(optimizer.description()));
  require_same(file, "what the optimizer trains", text("trained"), json_of_names(names));
  for (const auto& [name, own] : optimizer.states()) {
    auto& state = result.states.emplace_back(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string key = key_of(name, names[i]);
      if (!file.contains(key)) continue;  // not needed so far
      state[i] = file.read(key, optimizer.parameters()[i].shape());
    }
  }
  const JsonValue& rngs = json.at("rngs");
  require_same(file, "the number of random generators", json_of(rngs.members().size()),
               json_of(model.named_rngs().size()));
  for (const auto& [name, rng] : model.named_rngs()) {
    result.rngs.push_back(rng_state_of(rngs.at(name)));
  }
  result.step_count = json.at("step_count").get<std::uint64_t>();
  result.learning_rate = json.at("learning_rate").get<double>();
  checked([&] { require_non_negative("load_checkpoint", "lr", result.learning_rate); });
  result.evaluating = json.at("evaluating").get<bool>();
  result.progress = checked([&] { return progress_of(json.at("progress")); });
  return result;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const nn::Module& model,
                     const optim::Optimizer& optimizer, const Progress& progress) {
  const FileLog log("save_checkpoint", path);
  const auto names = names_of(optimizer, model, "save_checkpoint");
  NamedArrays tensors = parameters_of(model, "model.");
  for (const auto& [name, state] : optimizer.states()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if ((*state)[i]) tensors.emplace_back(key_of(name, names[i]), &*(*state)[i]);
    }
  }
  const std::string text = json_object({{"version", json_of(kVersion)},
                                        {"scalar", json_text(kDtype)},
                                        {"optimizer", json_text(optimizer.description())},
                                        {"trained", json_of_names(names)},
                                        {"step_count", json_of(optimizer.step_count())},
                                        {"learning_rate", json_of(optimizer.learning_rate())},
                                        {"evaluating", json_of(optimizer.is_evaluating())},
                                        {"rngs", json_of_rngs(model)},
                                        {"progress", json_of_progress(progress)}});
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
  Contents contents;
  try {
    contents = read(file, JsonValue::parse(found->second), model, optimizer);
  } catch (const JsonError& error) {
    file.fail("\"" + std::string(kKey) + "\" is not what it should be: " + error.what());
  }
  const auto states = optimizer.states();
  std::vector<Tensor> parameters = model.parameters();
  const auto rngs = model.named_rngs();
  // From here on nothing throws.
  optimizer.resume(contents.step_count, contents.learning_rate, contents.evaluating);
  for (std::size_t i = 0; i < states.size(); ++i) *states[i].second = std::move(contents.states[i]);
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].assign(contents.parameters[i]);
  for (std::size_t i = 0; i < rngs.size(); ++i) rngs[i].second->set_state(contents.rngs[i]);
  log.loaded();
  return std::move(contents.progress);
}

}  // namespace xgrad::inline XGRAD_ABI::train
