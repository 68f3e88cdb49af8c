// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/datasets/dataset.hpp>
#include <xgrad/datasets/target.hpp>
#include <xgrad/datasets/transform.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Some rows of a data set.
struct Batch {
  Tensor x;  ///< features: the shape is (rows) followed by the shape of a row
  Target y;  ///< labels of shape (rows), or targets of shape (rows, targets)
};

/// The batch size that puts all rows into one batch.
inline constexpr std::size_t full_batch = std::numeric_limits<std::size_t>::max();

/// Options of DataLoader.
struct DataLoaderOptions {
  std::size_t batch_size = 64;  ///< number of rows in a batch; full_batch means all rows
  bool shuffle = true;          ///< whether each epoch has a new random order of the rows
  std::uint64_t seed = 0;       ///< seed of the random orders
  bool drop_last = false;       ///< whether to leave out the last batch if it is not full
  Transform transform{};        ///< changes the features of each row; see Transform
  /// Whether each class is drawn equally often: an epoch has as many rows as the data set, so rows
  /// of small classes occur several times in it, and some rows of large classes do not.
  bool balance = false;
};

/// The position of a loader: its next batch.
struct DataLoaderState {
  std::string loader;       ///< options and number of rows of the loader, as text
  std::uint64_t epoch = 0;  ///< number of the epoch, from 0
  std::uint64_t batch = 0;  ///< number of the next batch in this epoch, from 0
};

/// Some of the shards of each batch. A batch of n rows is split into `count` shards of rows that
/// follow each other: shard s begins with row shard_begin(n, s, count).
struct Shards {
  std::size_t begin = 0;  ///< number of the first shard
  std::size_t end = 1;    ///< number after the last shard
  std::size_t count = 1;  ///< number of all shards
};

/// Returns the number of the first row of a shard of a batch.
inline std::size_t shard_begin(std::size_t rows, std::size_t shard, std::size_t shards) {
  return rows * shard / shards;
}

/// Iterates over the rows of a data set in batches. Each loop is one epoch:
///
///     for (auto& [x, y] : loader) { ... }
///
/// The order of the rows depends only on the seed and the epoch's number. So a run that resumes at
/// epoch n with set_epoch(n) gets the same batches as an uninterrupted run. A copy of x or y may be
/// kept: later batches do not change it. If one batch contains all rows, they are not shuffled, and
/// the tensors of all epochs share their memory, so do not assign() to them. If there is no memory
/// for a batch, std::bad_alloc is thrown and the state does not change: after set_state(state()), a
/// new loop resumes with that batch.
class DataLoader {
 public:
  class Iterator;

  /// Keeps a copy of the handle `dataset`, so a temporary is fine. Throws OptionError if batch_size
  /// is 0, if drop_last leaves no batch, or if `balance` is given without `shuffle`. With
  /// `balance`, throws DataError if the data set has targets, or a class without a row.
  DataLoader(const Dataset& dataset, const DataLoaderOptions& options = {});

  /// Starts the next epoch. Iterators of earlier epochs throw Error when they are incremented.
  Iterator begin();
  /// Returns the sentinel that an iterator is compared with.
  static std::default_sentinel_t end() { return {}; }

  /// Returns the number of batches in one epoch.
  std::size_t batches() const { return (rows() + batch_size_ - 1) / batch_size_; }
  /// Returns the number of rows in one epoch. With drop_last, only rows of full batches count.
  std::size_t rows() const { return rows_; }

  /// Returns the number of the epoch that the next loop starts, from 0.
  std::uint64_t epoch() const { return epoch_; }
  /// Makes the next loop start the given epoch at its first batch.
  void set_epoch(std::uint64_t epoch);

  /// Returns the position of this loader. In the body of a loop, and after a loop that was left
  /// early, this is the batch after the current one.
  DataLoaderState state() const;
  /// Returns the position at which the next loop starts. After a loop that was left early, this is
  /// the first batch of the next epoch.
  DataLoaderState next_loop() const;
  /// Makes the next loop run over the remaining batches of the epoch at the given position; it is
  /// empty if none remains. Throws OptionError, and changes nothing, if the state comes from a
  /// loader with other options or another number of rows.
  void set_state(const DataLoaderState& state);

  /// Makes the loader read only some shards of each batch. A batch then contains their rows, which
  /// may be none. Throws OptionError unless begin < end <= count.
  void set_shards(const Shards& shards);
  /// Returns the number of rows of the current batch, including the shards that are not read.
  std::size_t batch_rows() const { return batch_rows_; }

  /// Returns the data set.
  const Dataset& dataset() const& { return dataset_; }
  Dataset dataset() const&& { return dataset_; }  ///< Returns a copy of the handle.
  /// Returns the options that were given to the constructor.
  const DataLoaderOptions& options() const& { return options_; }
  DataLoaderOptions options() const&& { return options_; }  ///< Returns a copy.

 private:
  bool has_one_batch() const { return batch_size_ == dataset_.size(); }
  bool is_whole() const {
    const bool has_all_shards = shards_.end - shards_.begin == shards_.count;
    return has_one_batch() && !options_.balance && options_.transform.empty() && has_all_shards;
  }
  std::string describe() const;
  void shuffle();
  void load(std::size_t batch, std::uint64_t epoch);
  void load_whole();
  void load_y(std::span<const std::size_t> rows);

  Dataset dataset_;
  DataLoaderOptions options_;
  std::size_t batch_size_;  ///< options_.batch_size, or the number of rows if that is smaller
  std::size_t rows_;
  std::uint64_t epoch_ = 0;    ///< number of the epoch that the next loop starts
  std::size_t first_ = 0;      ///< number of the batch that the next loop starts with
  std::uint64_t running_ = 0;  ///< number of the epoch of the current loop
  std::size_t used_ = 0;       ///< batches used in the current loop; 0 outside a loop
  Shards shards_{};
  std::size_t batch_rows_ = 0;
  std::uint64_t begun_ = 0;         ///< number of calls of begin() and set_state()
  std::vector<std::size_t> order_;  ///< row numbers in the order of the current epoch
  Batch batch_;
  Target other_y_;              ///< memory for the labels of a batch of another size
  std::optional<Batch> whole_;  ///< the batch of all rows, created at its first use
};

/// An input iterator over the batches of one epoch.
class DataLoader::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;  ///< an epoch can be iterated once
  using value_type = Batch;                           ///< type of the elements
  using difference_type = std::ptrdiff_t;             ///< required of every iterator
  /// Returns the current batch.
  Batch& operator*() const { return loader_->batch_; }
  /// Accesses a member of the current batch.
  Batch* operator->() const { return &loader_->batch_; }
  /// Loads the next batch.
  Iterator& operator++();
  /// Loads the next batch.
  void operator++(int) { ++*this; }
  /// Returns whether the epoch has ended.
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
