// SPDX-License-Identifier: MIT
#include <xgrad/train/sharded_step.hpp>

#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/train/internal/batch_loss.hpp>
#include <xgrad/train/internal/gradient_exchange.hpp>
#include <xgrad/train/internal/model_state.hpp>
#include <xgrad/train/internal/same_start.hpp>

#include <cmath>
#include <exception>
#include <map>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {
struct ShardedStep::Contents {
  /// The rows that this process reads of a batch.
  struct Part {
    datasets::Batch batch;
    std::size_t rows;  ///< number of rows of the whole batch
  };

  Contents(nn::Module& m, optim::Optimizer& o, datasets::DataLoader& l, const ShardOptions& given)
      : model(m), optimizer(o), loader(l), options(given), group(given.world) {
    try {
      start();
    } catch (const std::exception& e) {
      group.leave(e.what());
      throw;
    }
  }

  void start() {
    if (options.clip_norm) require_positive("ShardedStep", "clip_norm", *options.clip_norm);
    require_same_start(group, model, optimizer, loader, options);
    state.emplace(model);
    const auto processes = static_cast<std::size_t>(group.size());
    const auto rank = static_cast<std::size_t>(group.rank());
    shards = {options.shards * rank / processes, options.shards * (rank + 1) / processes,
              options.shards};
    exchange.emplace(optimizer, group, options.shards);
    loader.set_shards(shards);
  }

  /// Returns the rows [begin, end) of a shard in a whole batch.
  std::pair<std::size_t, std::size_t> rows_of_shard(const Part& part, std::size_t shard) const {
    return {datasets::shard_begin(part.rows, shard, shards.count),
            datasets::shard_begin(part.rows, shard + 1, shards.count)};
  }
  double rows_of_step() const {
    double rows = 0;
    for (const Part& part : parts) rows += static_cast<double>(part.rows);
    return rows;
  }
  /// Adds the gradient of one shard of each batch. Appends the losses and the buffers to the note.
  void compute_shard(std::size_t shard, const Criterion& criterion) {
    optimizer.zero_grad();
    state->begin_shard(shard);
    for (const Part& part : parts) {
      note.push_back(0);
      const auto [begin, end] = rows_of_shard(part, shard);
      if (begin == end) continue;
      const std::size_t first = datasets::shard_begin(part.rows, shards.begin, shards.count);
      const Tensor x(datasets::rows_of(part.batch.x.value(), begin - first, end - first));
      Target& y = targets.try_emplace({shard, end - begin}).first->second;
      y.assign_rows(part.batch.y, begin - first, end - first);
      const Tensor loss = criterion(model(x), y);
      note.back() = number_of(loss);
      if (std::isnan(note.back())) continue;  // backward() would throw on this process only
      const double weight = static_cast<double>(end - begin) / rows_of_step();
      (weight == 1 ? loss : loss * weight).backward();
    }
    state->append_buffers(note);
    exchange->add_shard(shard);
  }
  /// Reads the losses and the buffers of all shards, and adds them in their order.
  void read_notes(const std::vector<double>& notes) {
    losses.assign(parts.size(), 0);
    changes.assign(state->buffer_elements(), 0);
    const std::vector<double> old = state->old_values();
    auto from = notes.begin();
    for (std::size_t shard = 0; shard < shards.count; ++shard) {
      double rows_of_all = 0;
      for (std::size_t b = 0; b < parts.size(); ++b) {
        const auto [begin, end] = rows_of_shard(parts[b], shard);
        const auto rows = static_cast<double>(end - begin);
        if (begin < end) losses[b] += rows / static_cast<double>(parts[b].rows) * *from;
        ++from;
        rows_of_all += rows;
      }
      for (std::size_t i = 0; i < changes.size(); ++i) {
        changes[i] += rows_of_all / rows_of_step() * (*from++ - old[i]);
      }
    }
  }

  nn::Module& model;
  optim::Optimizer& optimizer;
  datasets::DataLoader& loader;
  ShardOptions options;
  GuardedGroup group;
  datasets::Shards shards{};  ///< those of this process
  std::optional<ModelState> state{};
  std::optional<GradientExchange> exchange{};
  std::vector<Part> parts{};                                        ///< the batches of the step
  std::map<std::pair<std::size_t, std::size_t>, Target> targets{};  ///< memory, by shard and rows
  std::vector<double> note{}, losses{}, changes{};
};

ShardedStep::ShardedStep(nn::Module& model, optim::Optimizer& optimizer,
                         datasets::DataLoader& loader, const ShardOptions& options)
    : contents_(std::make_unique<Contents>(model, optimizer, loader, options)) {}

ShardedStep::~ShardedStep() { contents_->loader.set_shards({}); }

double ShardedStep::operator()(const datasets::Batch& batch, const Criterion& criterion) {
  add(batch);
  compute(criterion ? criterion : default_criterion(contents_->loader.dataset()));
  const double loss = losses()[0];
  if (std::isnan(loss)) throw Error("[ShardedStep] the loss must be a number, but it is NaN");
  clip();
  take(false);
  return loss;
}

void ShardedStep::add(const datasets::Batch& batch) {
  contents_->parts.push_back({batch, contents_->loader.batch_rows()});
}

bool ShardedStep::compute(const Criterion& criterion) {
  Contents& c = *contents_;
  c.note.clear();
  try {
    c.state->begin_step();
    c.exchange->begin();
    for (std::size_t shard = c.shards.begin; shard < c.shards.end; ++shard) {
      c.compute_shard(shard, criterion);
    }
    c.state->restore();  // take() sets the new state
    c.exchange->prepare(c.note);
    const bool goes_on = !agree(false);
    if (goes_on) c.read_notes(c.exchange->exchange(c.options.clip_norm.has_value()));
    c.parts.clear();
    return goes_on;
  } catch (...) {
    c.state->restore();
    c.parts.clear();
    throw;
  }
}

const std::vector<double>& ShardedStep::losses() const& { return contents_->losses; }

void ShardedStep::clip() {
  if (contents_->options.clip_norm) contents_->exchange->clip(*contents_->options.clip_norm);
}

bool ShardedStep::take(bool stop) {
  Contents& c = *contents_;
  c.optimizer.prepare_step();
  if (agree(stop)) return false;
  // From here on nothing throws, unless the transport fails.
  c.optimizer.step();
  c.exchange->gather_parameters();
  c.state->end_step(c.changes);
  return true;
}

bool ShardedStep::agree(bool stop) { return contents_->group.agree(stop); }

void ShardedStep::leave(std::string_view why) noexcept { contents_->group.leave(why); }

void ShardedStep::save_checkpoint(const std::filesystem::path& path, const Progress& progress) {
  const Contents& c = *contents_;
  contents_->exchange->with_whole_states(
      [&] { train::save_checkpoint(path, c.model, c.optimizer, progress); });
}

void ShardedStep::finish() {
  contents_->exchange->restore_whole_states();
  contents_->loader.set_shards({});
}

bool ShardedStep::is_first() const { return contents_->group.rank() == 0; }

ProcessGroup& ShardedStep::group() { return contents_->group; }

}  // namespace xgrad::inline XGRAD_ABI::train
