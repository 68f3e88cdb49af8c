// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/blas.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI {

Tensor matmul(const Tensor& a, const Tensor& b) {
  const Shape &sa = a.shape(), &sb = b.shape();
  if (sa.size() != 2 || sb.size() != 2) {
    throw ShapeError("[matmul] both operands must be matrices: " + to_string(sa) + " x " +
                     to_string(sb));
  }
  if (sa[1] != sb[0]) {
    throw ShapeError("[matmul] inner dimensions differ: " + to_string(sa) + " x " + to_string(sb) +
                     (sa[1] == sb[1] ? "; transpose the right operand?" : ""));
  }
  const std::size_t m = sa[0], k = sa[1], n = sb[1];
  const SavedArray av(a), bv(b);
  Array y = empty({m, n});
  gemm(Transpose::no, Transpose::no, m, n, k, av->data(), bv->data(), 0, y.data());
  return record("matmul", std::move(y),
                wrt(a,
                    [=](const Array& g, Gradient& da) {  // g b^T
                      da.add_product(Transpose::no, Transpose::yes, m, k, n, g.data(), bv->data());
                    }),
                wrt(b, [=](const Array& g, Gradient& db) {  // a^T g
                  db.add_product(Transpose::yes, Transpose::no, k, n, m, av->data(), g.data());
                }));
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Shape &sx = x.shape(), &sw = weight.shape();
  if (sw.size() != 2 || sx.empty() || sx[sx.size() - 1] != sw[1]) {
    throw ShapeError("[linear] the last extents of the input and the weight must be equal: " +
                     to_string(sx) + " and " + to_string(sw));
  }
  if (bias.shape() != Shape{sw[0]}) {
    throw ShapeError("[linear] the bias must have one element for each row of the weight: " +
                     to_string(bias.shape()) + " and " + to_string(sw));
  }
  const std::size_t in = sw[1], out = sw[0], rows = view_around(sx, sx.size() - 1).outer;
  const auto column_sum = kernels().column_sum;
  const SavedArray xv(x), wv(weight);
  Shape shape = sx;
  shape[shape.size() - 1] = out;
  Array y = empty(shape);
  gemm_bias(Transpose::no, Transpose::yes, rows, out, in, xv->data(), wv->data(),
            bias.value().data(), y.data());
  return record(
      "linear", std::move(y),
      wrt(x,
          [=](const Array& g, Gradient& dx) {  // g W
            dx.add_product(Transpose::no, Transpose::no, rows, in, out, g.data(), wv->data());
          }),
      wrt(weight,
          [=](const Array& g, Gradient& dw) {  // g^T x
            dw.add_product(Transpose::yes, Transpose::no, out, in, rows, g.data(), xv->data());
          }),
      wrt(bias, [=](const Array& g, Gradient& db) {  // sum of the rows of g
        db.accumulate([&](Array& to, Scalar beta) {
          if (rows == 0) return column_sum(nullptr, 0, out, out, beta, to.data());
          parallel_for(out, tuning::kElementGrain / (rows + 1) + 1,
                       [&](std::size_t i, std::size_t end) {
                         column_sum(g.data() + i, rows, end - i, out, beta, to.data() + i);
                       });
        });
      }));
}

}  // namespace xgrad::inline XGRAD_ABI
