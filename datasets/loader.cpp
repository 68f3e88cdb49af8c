// SPDX-License-Identifier: MIT
#include <xgrad/datasets/loader.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/datasets/internal/features.hpp>

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

/// Throws unless each class of the data set has a row and the order is random.
void require_balance(const Dataset& dataset, bool shuffle) {
  if (!shuffle) throw OptionError("[DataLoader] balance needs shuffle to be true");
  if (!dataset.has_labels()) {
    throw DataError("[DataLoader] balance needs class labels, but the data set holds targets");
  }
  const auto by_class = rows_by_class(dataset);
  const auto unused =
      std::find_if(by_class.begin(), by_class.end(), [](const auto& rows) { return rows.empty(); });
  if (unused == by_class.end()) return;
  const auto label = static_cast<std::size_t>(unused - by_class.begin());
  throw DataError("[DataLoader] balance needs a row of each class, but class \"" +
                  dataset.class_names()[label] + "\" has none");
}

/// Draws the rows of an epoch. Each class gets its share of the rows of an epoch. A row occurs
/// again only after all other rows of its class. The first classes get the remainder of the
/// division.
void draw_balanced(const Dataset& dataset, std::vector<std::size_t>& order, Rng& rng) {
  auto by_class = rows_by_class(dataset);
  for (std::vector<std::size_t>& rows : by_class) rng.shuffle(rows);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t turn = i / by_class.size();
    std::vector<std::size_t>& rows = by_class[i % by_class.size()];
    if (turn > 0 && turn % rows.size() == 0) rng.shuffle(rows);
    order[i] = rows[turn % rows.size()];
  }
}

}  // namespace

DataLoader::DataLoader(const Dataset& dataset, const DataLoaderOptions& options)
    : dataset_(dataset),
      options_(options),
      batch_size_(std::min(options.batch_size, dataset.size())),
      rows_(dataset.size()),
      order_(dataset.size()) {
  if (options.batch_size == 0) {
    throw OptionError(
        "[DataLoader] batch_size must be at least 1, got 0; full_batch puts all rows into one "
        "batch");
  }
  if (options.drop_last && options.batch_size != full_batch) {
    rows_ -= rows_ % options.batch_size;
    if (rows_ == 0) {
      throw OptionError("[DataLoader] drop_last leaves no batch: batch_size is " +
                        std::to_string(options.batch_size) + ", the data set has " +
                        std::to_string(dataset.size()) + " rows");
    }
  }
  if (options.balance) require_balance(dataset, options.shuffle);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
}

DataLoader::Iterator DataLoader::begin() {
  ++begun_;
  if (options_.balance || (options_.shuffle && !has_one_batch())) shuffle();
  const std::size_t first = first_;
  if (first < batches()) load(first, epoch_);
  // load() may throw std::bad_alloc. The state changes only after it, so that the epoch is still
  // the next one in that case.
  running_ = epoch_++;
  first_ = 0;
  used_ = first < batches() ? first + 1 : 0;
  return Iterator(*this, first);
}

void DataLoader::set_epoch(std::uint64_t epoch) {
  epoch_ = epoch;
  first_ = used_ = 0;
}

std::string DataLoader::describe() const {
  return "batch_size " + std::to_string(options_.batch_size) + ", shuffle " +
         std::to_string(options_.shuffle) + ", seed " + std::to_string(options_.seed) +
         ", drop_last " + std::to_string(options_.drop_last) +
         (options_.balance ? ", balance 1" : "") +
         (!options_.transform.empty() ? ", transform " + options_.transform.name() : "") +
         " over " + std::to_string(dataset_.size()) + " rows";
}

DataLoaderState DataLoader::state() const {
  return used_ > 0 ? DataLoaderState{describe(), running_, used_} : next_loop();
}

DataLoaderState DataLoader::next_loop() const { return {describe(), epoch_, first_}; }

void DataLoader::set_state(const DataLoaderState& state) {
  if (state.loader != describe() || state.batch > batches()) {
    throw OptionError("[DataLoader] the state must come from a loader with " + describe() +
                      ", but it comes from one with " + state.loader);
  }
  set_epoch(state.epoch);
  first_ = static_cast<std::size_t>(state.batch);
  ++begun_;  // invalidates the iterators of the current loop
}

void DataLoader::set_shards(const Shards& shards) {
  if (shards.begin >= shards.end || shards.end > shards.count) {
    throw OptionError("[DataLoader] shards must be a range of some of the " +
                      std::to_string(shards.count) + " shards, got [" +
                      std::to_string(shards.begin) + ", " + std::to_string(shards.end) + ")");
  }
  shards_ = shards;
}

// Starts from the sorted order, so that the result does not depend on earlier epochs.
void DataLoader::shuffle() {
  Rng rng(Rng(options_.seed).next() + epoch_);
  if (options_.balance) {
    draw_balanced(dataset_, order_, rng);
  } else {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }
  rng.shuffle(order_);
}

void DataLoader::load(std::size_t batch, std::uint64_t epoch) {
  const std::size_t first = batch * batch_size_;
  batch_rows_ = std::min(batch_size_, rows_ - first);
  if (is_whole()) return load_whole();
  const std::size_t begin = shard_begin(batch_rows_, shards_.begin, shards_.count);
  const std::size_t end = shard_begin(batch_rows_, shards_.end, shards_.count);
  const std::span rows = std::span(order_).subspan(first + begin, end - begin);
  load_y(rows);
  batch_.x = Tensor();  // frees the old batch, so that the new one can reuse its memory
  Array x = empty(batch_shape(rows.size(), dataset_.row_shape()));
  dataset_.gather(rows, x.data(), nullptr);
  if (!options_.transform.empty() && !rows.empty()) {
    const std::uint64_t key = Rng(Rng(~options_.seed).next() + epoch).next();
    options_.transform.apply({x.data(), x.size()}, dataset_.row_shape(), rows, key);
  }
  batch_.x = Tensor(std::move(x));
}

// Keeps the memory for two numbers of labels: those of a full batch and of the last batch.
void DataLoader::load_y(std::span<const std::size_t> rows) {
  if (dataset_.has_labels()) {
    if (batch_.y.size() != rows.size()) std::swap(batch_.y, other_y_);
    Labels& y = batch_.y.renew_labels(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) y(i) = dataset_.labels()(rows[i]);
    return;
  }
  batch_.y = Tensor();
  Array y = empty({rows.size(), dataset_.targets().shape(1)});
  dataset_.gather_targets(rows, y.data());
  batch_.y = Tensor(std::move(y));
}

// The loss of a batch is a mean over its rows and does not depend on their order. So a batch of all
// rows is created once, and each epoch gets new leaves that share its elements.
void DataLoader::load_whole() {
  if (!whole_) {
    whole_ = Batch{Tensor(dataset_.gather_all()), dataset_.has_labels()
                                                      ? Target(dataset_.labels())
                                                      : Target(Tensor(dataset_.targets()))};
  }
  batch_.x = whole_->x.detach();
  batch_.y = whole_->y.has_labels() ? whole_->y : Target(whole_->y.values().detach());
}

DataLoader::Iterator& DataLoader::Iterator::operator++() {
  if (begun_ != loader_->begun_) {
    throw Error(
        "[DataLoader] a loop must end before another one over the same loader begins; use two "
        "loaders for nested loops");
  }
  const std::size_t next = batch_ + 1;
  if (next < loader_->batches()) loader_->load(next, loader_->running_);
  loader_->used_ = next < loader_->batches() ? next + 1 : 0;
  batch_ = next;
  return *this;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
