// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/datasets/dataset.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Rows that are trained on together.
struct Batch {
  Tensor x;  ///< (rows, features)
  Labels y;  ///< (rows)
};

/// The batch size that puts all rows into one batch.
inline constexpr std::size_t full_batch = std::numeric_limits<std::size_t>::max();

/// How a data set is cut into batches.
struct DataLoaderOptions {
  std::size_t batch_size = 64;  ///< rows of a batch: 1, some, or full_batch
  bool shuffle = true;          ///< a new order in each epoch, instead of the order of the rows
  std::uint64_t seed = 0;       ///< of the orders
  bool drop_last = false;       ///< leave out a last batch that is not full
};

/// Where a loader stands: batch `batch` of epoch `epoch` comes next.
struct DataLoaderState {
  std::string loader;       ///< its options and rows, in words
  std::uint64_t epoch = 0;  ///< from 0
  std::uint64_t batch = 0;  ///< from 0
};

/// The rows of a data set in batches, each row once per epoch:
///
///     for (auto& [x, y] : loader) { ... }
///
/// Every loop is one epoch, and its order is a function of the seed and the epoch's number alone: a
/// run that resumes at epoch n with set_epoch(n) sees what the uninterrupted one would have seen.
/// Each x is a tensor of its own that may be kept; y is overwritten by the next batch. Where one
/// batch holds everything, no epoch shuffles, and the x of all epochs share one value: assign() to
/// it would reach them all. Where there is no memory for a batch, std::bad_alloc leaves the state
/// as it was: a loop after set_state(state()) goes on with that batch.
class DataLoader {
 public:
  class Iterator;

  /// Keeps the handle of the data set, which need not be named. Throws OptionError for batch_size 0
  /// and where drop_last leaves no batch.
  DataLoader(const Dataset& dataset, const DataLoaderOptions& options = {});

  /// Starts the next epoch. An iterator of an epoch before throws Error when it is moved on.
  Iterator begin();
  /// What an iterator is compared with.
  static std::default_sentinel_t end() { return {}; }

  /// Batches of one epoch.
  std::size_t batches() const { return (rows() + batch_size_ - 1) / batch_size_; }
  /// Rows of one epoch: all, or with drop_last those that fill batches.
  std::size_t rows() const { return rows_; }

  /// The number of the epoch that the next loop starts; 0 at first.
  std::uint64_t epoch() const { return epoch_; }
  /// The next loop starts this epoch, at its first batch.
  void set_epoch(std::uint64_t epoch);

  /// Where this loader stands. In the body of a loop, the batch at hand counts as used.
  DataLoaderState state() const;
  /// Goes there: the next loop takes what is left of that epoch, which is nothing after its last
  /// batch. Throws OptionError, and changes nothing, where the state is not one of a loader with
  /// the same options over as many rows.
  void set_state(const DataLoaderState& state);

  /// Returns the data set that the batches are made of.
  const Dataset& dataset() const& { return dataset_; }
  Dataset dataset() const&& { return dataset_; }  ///< Returns another handle of it.
  /// Returns the options as they were given.
  const DataLoaderOptions& options() const& { return options_; }
  DataLoaderOptions options() const&& { return options_; }  ///< Returns a copy.

 private:
  bool is_whole() const { return batch_size_ == dataset_.size(); }
  std::string describe() const;
  void shuffle();
  void load(std::size_t batch);
  void load_whole();
  void resize_labels(std::size_t rows);

  Dataset dataset_;
  DataLoaderOptions options_;
  std::size_t batch_size_;  ///< at most the rows there are
  std::size_t rows_;
  std::uint64_t epoch_ = 0;         ///< that the next loop starts
  std::size_t first_ = 0;           ///< batch that it starts with
  std::uint64_t running_ = 0;       ///< epoch of the loop under way
  std::size_t used_ = 0;            ///< its batches so far; 0 where no loop is under way
  std::uint64_t begun_ = 0;         ///< how often begin() was called
  std::vector<std::size_t> order_;  ///< row numbers of this epoch
  Batch batch_;
  Labels other_labels_;          ///< memory for labels of a batch of another size
  std::optional<Tensor> whole_;  ///< the x of a batch of all rows, made at first use
};

/// Stands at one batch of an epoch.
class DataLoader::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;  ///< each epoch is passed once
  using value_type = Batch;                           ///< what it points at
  using difference_type = std::ptrdiff_t;             ///< as iterators have it

  /// The batch at hand.
  Batch& operator*() const { return loader_->batch_; }
  /// Likewise.
  Batch* operator->() const { return &loader_->batch_; }
  /// Goes to the next batch.
  Iterator& operator++();
  /// Likewise.
  void operator++(int) { ++*this; }
  /// Whether the epoch has ended.
  bool operator==(std::default_sentinel_t) const { return batch_ == loader_->batches(); }

 private:
  friend class DataLoader;
  Iterator(DataLoader& loader, std::size_t batch)
      : loader_(&loader), begun_(loader.begun_), batch_(batch) {}

  DataLoader* loader_;
  std::uint64_t begun_;
  std::size_t batch_;
};

}  // namespace xgrad::inline XGRAD_ABI::datasets
