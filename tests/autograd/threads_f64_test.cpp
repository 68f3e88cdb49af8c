// SPDX-License-Identifier: MIT
// Ops on sizes that are split over threads must compute the same as on one thread. Several threads
// may build one graph, and may read one tensor.
#include <xgrad/autograd.hpp>
#include <xgrad/autograd/testing.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/core/threads.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <thread>

namespace xgrad {
namespace {

class SplitOpsTest : public testing::Test {
 protected:
  ~SplitOpsTest() override { set_num_threads(before_); }

  // Returns the gradients of the loss f(x) and then its value, computed with `threads` threads.
  static std::vector<Array> results(int threads, const std::vector<Tensor>& x,
                                    const std::function<Tensor(const std::vector<Tensor>&)>& f) {
    set_num_threads(threads);
    const Tensor loss = f(x);
    std::vector<Array> all = gradients(loss, x);
    all.push_back(loss.value());
    return all;
  }

  static void expect_threads_do_not_matter(
      const std::vector<Shape>& shapes,
      const std::function<Tensor(const std::vector<Tensor>&)>& f) {
    Rng rng(5);
    std::vector<Tensor> x;
    for (const Shape& shape : shapes) x.emplace_back(rng.normal(shape, 0, 0.2), true);
    const std::vector<Array> one = results(1, x, f), four = results(4, x, f);
    EXPECT_EQ(four, results(4, x, f)) << "the same number of threads gives the same bits";
    for (std::size_t i = 0; i < one.size(); ++i) {
      ASSERT_EQ(one[i].shape(), four[i].shape());
      for (std::size_t k = 0; k < one[i].size(); ++k) {
        const double a = one[i].data()[k], b = four[i].data()[k];
        ASSERT_NEAR(a, b, 1e-12 * std::max(1.0, std::fabs(a)))
            << "result " << i << ", element " << k;
      }
    }
  }

 private:
  int before_ = num_threads();
};

using X = const std::vector<Tensor>&;

TEST_F(SplitOpsTest, LinearAndItsThreeGradients) {
  expect_threads_do_not_matter({{700, 300}, {210, 300}, {210}},
                               [](X x) { return mean(tanh(linear(x[0], x[1], x[2]))); });
}

TEST_F(SplitOpsTest, BatchesOfMatricesHaveTheSameBitsForEveryNumberOfThreads) {
  const std::vector<std::vector<Shape>> operands = {
      {{40, 60, 50}, {40, 50, 70}}, {{1, 60, 50}, {40, 50, 70}}, {{8, 1, 60, 50}, {5, 50, 70}}};
  for (const std::vector<Shape>& shapes : operands) {
    Rng rng(6);
    const std::vector<Tensor> x{Tensor(rng.normal(shapes[0]), true),
                                Tensor(rng.normal(shapes[1]), true)};
    const auto product = [](X in) { return sum(square(matmul(in[0], in[1]))); };
    const std::vector<Array> one = results(1, x, product);
    for (const int threads : {2, 3, 7}) EXPECT_EQ(results(threads, x, product), one) << threads;
  }
}

TEST_F(SplitOpsTest, ElementwiseOpsWithBroadcasting) {
  expect_threads_do_not_matter({{3, 50000}, {50000}, {3, 1}}, [](X x) {
    return mean(exp(x[0] * x[1] + x[2]) / (2 + sigmoid(x[0])));
  });
}

TEST_F(SplitOpsTest, ReductionsAlongEachAxis) {
  expect_threads_do_not_matter({{600, 500}}, [](X x) {
    return sum(pow(sum(x[0], 0), 2)) + sum(pow(mean(x[0], 1), 2)) + max(sum(x[0], 1));
  });
}

TEST_F(SplitOpsTest, ReductionsAlongAMiddleAxisHaveTheSameBitsForEveryNumberOfThreads) {
  Rng rng(7);
  const std::vector<Tensor> x{Tensor(rng.normal({50, 60, 70}), true)};
  for (const auto& f : std::vector<std::function<Tensor(X)>>{
           [](X in) { return sum(in[0], 1); }, [](X in) { return var(in[0], 1); },
           [](X in) { return max(in[0], 1); }, [](X in) { return softmax(in[0], 1); },
           [](X in) { return log_softmax(in[0], 1); }}) {
    const auto loss = [&](X in) { return sum(square(f(in))); };
    const std::vector<Array> one = results(1, x, loss);
    for (const int threads : {2, 3, 7}) EXPECT_EQ(results(threads, x, loss), one) << threads;
  }
}

TEST_F(SplitOpsTest, SoftmaxAndCrossEntropyOfManyRows) {
  Labels labels = Labels::from_shape({5000});
  for (std::size_t i = 0; i < labels.size(); ++i) labels(i) = static_cast<std::int32_t>(i % 11);
  expect_threads_do_not_matter({{5000, 11}}, [&](X x) {
    return cross_entropy(x[0] * 5, labels) + sum(pow(softmax(x[0]), 2)) -
           mean(log_softmax(x[0], 0) * x[0]);
  });
}

/// Returns f(), computed by a new thread.
Tensor in_new_thread(const std::function<Tensor()>& f) {
  Tensor result;
  std::thread([&] { result = f(); }).join();
  return result;
}

TEST(GraphOfThreadsTest, OneGraphMayContainTensorsOfSeveralThreads) {
  const std::size_t before = live_tensors();
  {
    const Tensor x(Rng(3).normal({2, 3}), true);
    Tensor h = x;
    for (int i = 0; i < 100; ++i) h = h + 0.01;  // its id is above those of new threads
    const Tensor u = in_new_thread([&] { return tanh(h); });
    const Tensor v = in_new_thread([&] { return h * h; });
    const Tensor w = in_new_thread([&] { return exp(u * v); });
    const Tensor loss = sum(w) + sum(h);
    // A result that has a smaller number than its input would end the walk before its terms arrive.
    const Array g = gradients(loss, {x})[0];
    loss.backward();
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double t = h.value().data()[i], y = std::tanh(t);
      const double expected = std::exp(y * t * t) * ((1 - y * y) * t * t + 2 * y * t) + 1;
      EXPECT_NEAR(x.grad().data()[i], expected, 1e-12 * std::fabs(expected));
      EXPECT_NEAR(g.data()[i], expected, 1e-12 * std::fabs(expected));
    }
  }
  EXPECT_EQ(live_tensors(), before);
}

/// Calls read() in four threads at the same time and returns the four results.
template <class Read>
std::vector<Array> read_in_threads(Read read) {
  std::vector<Array> results(4);
  std::vector<std::thread> threads;
  for (Array& result : results) threads.emplace_back([&] { result = read(); });
  for (std::thread& thread : threads) thread.join();
  return results;
}

TEST(ConstReadersTest, SeveralThreadsCanReadTheGradientOfASingleSample) {
  const Array x{{1, 2, 3, 4, 5, 6, 7, 8}}, expected{{2, 4, 6, 8, 10, 12, 14, 16},
                                                    {3, 6, 9, 12, 15, 18, 21, 24},
                                                    {4, 8, 12, 16, 20, 24, 28, 32}};
  for (int round = 0; round < 200; ++round) {
    Tensor weight(ones({3, 8}), true);
    linear(Tensor(x), weight, Tensor(zeros({3}))).backward(Array{{2, 3, 4}});
    ASSERT_TRUE(raw_grad(weight).is_outer_product());
    EXPECT_EQ(read_in_threads([&] { return weight.grad(); }), std::vector<Array>(4, expected));
    EXPECT_TRUE(raw_grad(weight).is_outer_product()) << "reading changes nothing";
    weight.zero_grad();
    linear(Tensor(Array(2 * x)), weight, Tensor(zeros({3}))).backward(Array{{2, 3, 4}});
    EXPECT_EQ(weight.grad(), Array(2 * expected));
  }
}

TEST(ConstReadersTest, SeveralThreadsCanReadTheGradientWhileAnOptimizerReadsIt) {
  for (int round = 0; round < 200; ++round) {
    const Tensor weight(ones({3, 8}), true);
    linear(Tensor(full({1, 8}, 2)), weight, Tensor(zeros({3}))).backward(full({1, 3}, 3));
    std::atomic<int> turn{0};
    const auto results = read_in_threads([&] {
      if (turn++ % 2 == 0) return weight.grad();
      Array copy = empty({3, 8});
      raw_grad(weight).for_each_span(0, 24, [&](ScaledSpan g, std::size_t i, std::size_t n) {
        for (std::size_t k = 0; k < n; ++k) copy.data()[i + k] = g.factor * g.values[k];
      });
      return copy;
    });
    EXPECT_EQ(results, std::vector<Array>(4, full({3, 8}, 6)));
  }
}

TEST(ConstReadersTest, SeveralThreadsReadZerosIfThereIsNoGradient) {
  for (int round = 0; round < 200; ++round) {
    Tensor fresh(ones({3, 8}), true), forgotten(ones({3, 8}), true);
    sum(forgotten).backward();
    forgotten.zero_grad();
    for (const Tensor& t : {fresh, forgotten}) {
      EXPECT_EQ(read_in_threads([&] { return t.grad(); }), std::vector<Array>(4, zeros({3, 8})));
      EXPECT_FALSE(t.has_grad());
    }
  }
}

TEST(ConstReadersTest, SeveralThreadsCanDifferentiateOneGraph) {
  const Tensor x(full({3, 8}, 2), true);
  const Tensor loss = sum(x * x);
  EXPECT_EQ(read_in_threads([&] { return gradients(loss, {x})[0]; }),
            std::vector<Array>(4, full({3, 8}, 4)));
}

}  // namespace
}  // namespace xgrad
