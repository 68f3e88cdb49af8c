// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/rng.hpp>

#include <concepts>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {

/// What a DataLoader does to the features of each row before the model sees them: one or more
/// steps, such as `{shift(2), flip_horizontal(), normalize(0.13, 0.31)}`.
///
/// A random step gets a generator that depends only on the seed of the loader, on the epoch and on
/// the number of the row. So the same rows are changed in the same way in a run that was resumed,
/// and on another number of threads.
class Transform {
 public:
  /// Changes nothing.
  Transform() = default;
  /// Does several transforms, one after the other.
  Transform(std::initializer_list<Transform> steps);
  /// Calls a function with each row. It returns the new row, an array of the same shape, or throws.
  /// The loader calls it on one thread.
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, Transform> &&
           std::is_invocable_r_v<Array, F&, const Array&>) Transform(F row)
      : Transform(Function(std::move(row))) {}
  /// Calls a function with each row and the generator of this row: a random step.
  template <class F>
  requires(std::is_invocable_r_v<Array, F&, const Array&, Rng&>) Transform(F row)
      : Transform(RandomFunction(std::move(row))) {}

  /// Returns whether there are no steps.
  bool empty() const { return steps_.empty(); }
  /// Returns the steps that are not random, which evaluation needs too.
  Transform without_random_steps() const;
  /// Returns the names of the steps: "shift(2), flip_horizontal". A function is called "function".
  std::string name() const;

  /// Changes rows of shape `shape`, which lie in `x` one after the other. `rows` are their numbers,
  /// and `key` is a number for the seed and the epoch. Throws ShapeError if a step needs images and
  /// the shape is that of vectors, or if a function returns another shape.
  void apply(std::span<Scalar> x, const Shape& shape, std::span<const std::size_t> rows,
             std::uint64_t key) const;

 private:
  friend Transform shift(std::size_t pixels);
  friend Transform flip_horizontal();
  friend Transform normalize(std::vector<double> mean, std::vector<double> stddev);
  using Function = std::function<Array(const Array&)>;
  using RandomFunction = std::function<Array(const Array&, Rng&)>;
  struct Step {
    std::string name;
    bool is_random;
    std::function<void(const Shape&)> check;  ///< throws if it cannot change rows of this shape
    /// Changes a row. It throws nothing and runs on several threads, unless it is a function.
    std::function<void(std::span<Scalar>, const Shape&, Rng&)> change;
    bool is_function = false;  ///< whether it calls a function of the user
  };
  explicit Transform(Step step) : steps_{std::move(step)} {}
  explicit Transform(Function row);
  explicit Transform(RandomFunction row);
  std::vector<Step> steps_;
};

/// Moves each image by up to `pixels` pixels in both directions, drawn uniformly. Pixels that come
/// from outside are 0. The last two axes of a row are height and width.
Transform shift(std::size_t pixels);
/// Mirrors the last axis of half of the images, chosen at random.
Transform flip_horizontal();
/// Computes (x - mean) / stddev. Throws OptionError unless mean is finite and stddev is positive.
Transform normalize(double mean, double stddev);
/// Computes (x - mean) / stddev with numbers for each channel, which is the first axis of a row.
Transform normalize(std::vector<double> mean, std::vector<double> stddev);

namespace transforms {
using datasets::flip_horizontal;
using datasets::normalize;
using datasets::shift;
}  // namespace transforms

}  // namespace xgrad::inline XGRAD_ABI::datasets
