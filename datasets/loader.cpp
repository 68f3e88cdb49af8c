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
  std::iota(order_.begin(), order_.end(), std::size_t{0});
}

DataLoader::Iterator DataLoader::begin() {
  ++begun_;
  if (options_.shuffle && !is_whole()) shuffle();
  const std::size_t first = first_;
  if (first < batches()) load(first);
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
         ", drop_last " + std::to_string(options_.drop_last) + " over " +
         std::to_string(dataset_.size()) + " rows";
}

DataLoaderState DataLoader::state() const {
  return used_ > 0 ? DataLoaderState{describe(), running_, used_}
                   : DataLoaderState{describe(), epoch_, first_};
}

void DataLoader::set_state(const DataLoaderState& state) {
  if (state.loader != describe() || state.batch > batches()) {
    throw OptionError("[DataLoader] the state must come from a loader with " + describe() +
                      ", but it comes from one with " + state.loader);
  }
  set_epoch(state.epoch);
  first_ = static_cast<std::size_t>(state.batch);
  ++begun_;  // invalidates the iterators of the current loop
}

// Starts from the sorted order, so that the result does not depend on earlier epochs.
void DataLoader::shuffle() {
  Rng rng(Rng(options_.seed).next() + epoch_);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  rng.shuffle(order_);
}

void DataLoader::load(std::size_t batch) {
  if (is_whole()) return load_whole();
  const std::size_t begin = batch * batch_size_;
  const std::span rows = std::span(order_).subspan(begin, std::min(batch_size_, rows_ - begin));
  load_y(rows);
  batch_.x = Tensor();  // frees the old batch, so that the new one can reuse its memory
  Array x = empty(batch_shape(rows.size(), dataset_.row_shape()));
  dataset_.gather(rows, x.data(), nullptr);
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
  if (next < loader_->batches()) loader_->load(next);
  loader_->used_ = next < loader_->batches() ? next + 1 : 0;
  batch_ = next;
  return *this;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
