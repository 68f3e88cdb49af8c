// SPDX-License-Identifier: MIT
#pragma once

// A row for each call of xgrad that is compared with the same call of PyTorch, and the conversion
// of what the calls return to numbers. tests/reference/pytorch_calls.py converts the results of
// PyTorch in the same way.

#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <support/scratch.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad {
namespace {

struct Numbers {
  std::string name;  ///< an input, or a call of PyTorch
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

inline const std::vector<Numbers> kInputs = {
#include <reference/pytorch_inputs.inc>
};

inline Array array_of(const Numbers& numbers) {
  Array result = empty(Shape(numbers.shape.begin(), numbers.shape.end()));
  std::copy(numbers.values.begin(), numbers.values.end(), result.data());
  return result;
}

inline Tensor input(const std::string& name) {
  const auto found = std::find_if(kInputs.begin(), kInputs.end(),
                                  [&](const Numbers& each) { return each.name == name; });
  return Tensor(array_of(*found), true);
}

inline Indices to_indices(const Tensor& x) {
  Indices result = Indices::from_shape(x.shape());
  std::transform(x.value().begin(), x.value().end(), result.begin(),
                 [](Scalar each) { return static_cast<std::int32_t>(each); });
  return result;
}

/// Writes fixed numbers into all parameters, so that both models start with the same values.
inline void fill(nn::Module& model) {
  std::size_t k = 0;
  for (Tensor& p : model.parameters()) {
    Array values = empty(p.shape());
    for (Scalar& value : values) value = (static_cast<Scalar>(7 * k++ % 11) - 5) / 8;
    p.assign(values);
  }
}

/// The operands of the calls. Each call has its own.
struct Inputs {
  Inputs() {
    fill(layer);
    fill(net);
  }

  Tensor x = input("x"), y = input("y"), p = input("p"), v = input("v"), m = input("m"),
         w = input("w"), b = input("b"), s = input("s"), t = input("t"), ties = input("ties"),
         logits = input("logits"), target = input("target"), image = input("image");
  Indices index = to_indices(input("index"));
  Labels labels = to_indices(input("labels"));
  std::vector<Scalar> numbers{1, 2, 3, 4, 5, 6};
  Rng rng{1};
  nn::Linear layer{4, 2, rng};
  nn::Sequential net{nn::Linear(4, 5, rng), nn::Tanh(), nn::Linear(5, 3, rng)},
      other{nn::Linear(4, 5, rng), nn::Tanh(), nn::Linear(5, 3, rng)};
  optim::SGD optimizer{net.parameters(), {.lr = 0.1}};
  Scratch folder;
  std::filesystem::path path = folder / "net.safetensors";
};

inline Array to_array(const Tensor& x) { return x.value(); }
inline Array to_array(const Array& x) { return x; }
template <class N>
requires std::is_arithmetic_v<N> Array to_array(N x) { return full({}, static_cast<Scalar>(x)); }
template <class List>
Array array_of_list(const List& list) {
  Array result = empty({list.size()});
  std::copy(list.begin(), list.end(), result.begin());
  return result;
}
inline Array to_array(const Shape& shape) { return array_of_list(shape); }
inline Array to_array(const std::vector<Scalar>& values) { return array_of_list(values); }
inline Array to_array(const Indices& x) {
  Array result = empty(Shape(x.shape().begin(), x.shape().end()));
  std::copy(x.begin(), x.end(), result.data());
  return result;
}

/// Returns the output of a layer with fixed parameters in evaluation mode, after one call in
/// training mode.
template <std::derived_from<nn::Module> Layer>
Array to_array(Layer&& layer) {
  fill(layer);
  const Tensor x = input(std::is_same_v<Layer, nn::Embedding>     ? "index"
                         : std::is_same_v<Layer, nn::BatchNorm1d> ? "x"
                                                                  : "image");
  layer(x);
  layer.eval();
  return layer(x).value();
}

/// Returns the learning rates of the first eight steps.
inline Array to_array(const optim::Schedule& schedule) {
  std::vector<double> rates;
  for (std::uint64_t step = 0; step < 8; ++step) rates.push_back(schedule(step));
  return array_of_list(rates);
}

/// Returns the parameters after three steps on the sum of their fourth powers.
inline Array to_array(optim::Optimizer&& optimizer) {
  for (int step = 0; step < 3; ++step) {
    optimizer.zero_grad();
    Tensor loss(0);
    for (const Tensor& p : optimizer.parameters()) loss += sum(pow(p, 4));
    loss.backward();
    optimizer.step();
  }
  std::vector<Tensor> values;
  for (const Tensor& p : optimizer.parameters()) values.push_back(flatten(p.detach(), 0));
  return to_array(concatenate(values, 0));
}

struct Row {
  std::string pytorch, xgrad;
  std::function<Array()> call;
};

/// Returns the text of a call without the space that a line break in the source leaves behind "(".
inline std::string on_one_line(std::string call) {
  for (std::size_t at; (at = call.find("( ")) != std::string::npos;) call.erase(at + 1, 1);
  return call;
}

// The text of both calls and the call of xgrad.
#define ROW(pytorch, ...)                                \
  Row {                                                  \
    pytorch, on_one_line(#__VA_ARGS__), [] {             \
      struct Call : Inputs {                             \
        Array result() { return to_array(__VA_ARGS__); } \
      };                                                 \
      return Call().result();                            \
    }                                                    \
  }

// A row with statements before the call.
#define ROW_AFTER(pytorch, statements, ...)                   \
  Row {                                                       \
    pytorch, on_one_line(#statements "; " #__VA_ARGS__), [] { \
      struct Call : Inputs {                                  \
        Array result() {                                      \
          statements;                                         \
          return to_array(__VA_ARGS__);                       \
        }                                                     \
      };                                                      \
      return Call().result();                                 \
    }                                                         \
  }

}  // namespace
}  // namespace xgrad
