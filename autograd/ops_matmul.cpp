// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops_matmul.hpp>
#include <xgrad/autograd/ops_shape.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/blas.hpp>
#include <xgrad/core/internal/machine.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/process.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <climits>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

namespace {

void check_matmul(const Shape& a, const Shape& b) {
  if (a.empty() || b.empty()) {
    throw ShapeError("[matmul] both operands must have at least one axis: " + to_string(a) + " x " +
                     to_string(b));
  }
  for (std::size_t i = 3; i <= std::min(a.size(), b.size()); ++i) {
    const std::size_t ea = a[a.size() - i], eb = b[b.size() - i];
    if (ea == eb || ea == 1 || eb == 1) continue;
    throw ShapeError("[matmul] the axes before the last two do not broadcast: " + to_string(a) +
                     " x " + to_string(b));
  }
  const std::size_t inner = a.back(), other = b[b.size() - (b.size() > 1 ? 2 : 1)];
  if (inner == other) return;
  throw ShapeError("[matmul] inner dimensions differ: " + to_string(a) + " x " + to_string(b) +
                   (b.size() > 1 && inner == b.back() ? "; transpose the right operand?" : ""));
}

Tensor matrix_product(const Tensor& a, const Tensor& b) {
  const std::size_t m = a.shape()[0], k = a.shape()[1], n = b.shape()[1];
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

// Which matrix of an operand belongs to each matrix of the result.
using MatrixPositions = std::vector<std::size_t, Allocator<std::size_t>>;

// Returns for each element of a shape, to which `from` broadcasts, the position of its element.
MatrixPositions broadcast_positions(const Shape& from, const Shape& to) {
  MatrixPositions positions(element_count(to), 0);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    std::size_t rest = i, stride = 1;
    for (std::size_t d = 1; d <= from.size(); ++d) {
      const std::size_t index = rest % to[to.size() - d], extent = from[from.size() - d];
      rest /= to[to.size() - d];
      positions[i] += (extent == 1 ? 0 : index) * stride;
      stride *= extent;
    }
  }
  return positions;
}

Shape batch_axes(const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); }

std::size_t matrix_count(const Array& x) { return view_around(x.shape(), x.dimension() - 2).outer; }

// A batch of matrices: product i reads or writes matrix at[i], of rows x cols elements.
struct MatrixBatch {
  const MatrixPositions& at;
  std::size_t rows, cols;

  std::size_t offset(std::size_t i) const { return at[i] * rows * cols; }
  MatrixView view(const Scalar* data, std::size_t i, Transpose transpose) const {
    return {data + offset(i), std::max<std::size_t>(cols, 1), transpose};
  }
};

// Adds to each matrix of c its products op(A) op(B), in their order and with one thread for each
// matrix of c, so that the result has the same bits for every number of threads. If beta is 0,
// overwrites c instead; then no two products may have the same matrix of c.
void add_products(const MatrixBatch& a, Transpose transpose_a, const Scalar* a_data,
                  const MatrixBatch& b, Transpose transpose_b, const Scalar* b_data,
                  const MatrixBatch& c, std::size_t matrices, Scalar beta, Scalar* c_data) {
  const std::size_t k = transpose_a == Transpose::no ? a.cols : a.rows;
  if (std::max({c.rows, c.cols, k}) > INT_MAX) {
    throw ShapeError("[matmul] extents above 2147483647 do not fit BLAS");
  }
  const std::size_t work = c.rows * c.cols * k;
  const std::size_t products = c.at.size() / std::max<std::size_t>(matrices, 1);
  log_machine_once();
  parallel_for(
      matrices, tuning::kProductGrain / std::max<std::size_t>(work * products, 1) + 1,
      [&](std::size_t begin, std::size_t end) {
        const SingleThreadedBlas guard(work);
        for (std::size_t i = 0; i < c.at.size(); ++i) {
          if (c.at[i] < begin || c.at[i] >= end) continue;
          gemm_in_chunk(c.rows, c.cols, k, a.view(a_data, i, transpose_a),
                        b.view(b_data, i, transpose_b), beta, c_data + c.offset(i), c.cols);
        }
      },
      1);
}

// Multiplies batches of matrices, whose leading axes broadcast.
Tensor batched_product(const Tensor& a, const Tensor& b) {
  const Shape batch = broadcast_shape("matmul", batch_axes(a.shape()), batch_axes(b.shape()));
  const std::size_t m = a.shape()[a.ndim() - 2], k = a.shape().back(), n = b.shape().back();
  Shape shape = batch;
  shape.push_back(m);
  shape.push_back(n);
  if (element_count(batch) == 1) {  // one product can use all threads
    return reshape(matrix_product(reshape(a, {m, k}), reshape(b, {k, n})), shape);
  }
  const MatrixPositions of_a = broadcast_positions(batch_axes(a.shape()), batch);
  const MatrixPositions of_b = broadcast_positions(batch_axes(b.shape()), batch);
  const MatrixPositions of_y = broadcast_positions(batch, batch);
  const SavedArray av(a), bv(b);
  Array y = empty(shape);
  add_products({of_a, m, k}, Transpose::no, av->data(), {of_b, k, n}, Transpose::no, bv->data(),
               {of_y, m, n}, of_y.size(), 0, y.data());
  return record(
      "matmul", std::move(y),
      wrt(a,
          [=](const Array& g, Gradient& da) {  // g b^T
            da.accumulate([&](Array& out, Scalar beta) {
              if (beta == 0) out.fill(0);
              add_products({of_y, m, n}, Transpose::no, g.data(), {of_b, k, n}, Transpose::yes,
                           bv->data(), {of_a, m, k}, matrix_count(out), 1, out.data());
            });
          }),
      wrt(b, [=](const Array& g, Gradient& db) {  // a^T g
        db.accumulate([&](Array& out, Scalar beta) {
          if (beta == 0) out.fill(0);
          add_products({of_a, m, k}, Transpose::yes, av->data(), {of_y, m, n}, Transpose::no,
                       g.data(), {of_b, k, n}, matrix_count(out), 1, out.data());
        });
      }));
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  check_matmul(a.shape(), b.shape());
  if (a.ndim() == 1) return squeeze(matmul(unsqueeze(a, 0), b), b.ndim() == 1 ? 0 : -2);
  if (b.ndim() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  if (a.ndim() == 2 && b.ndim() == 2) return matrix_product(a, b);
  if (b.ndim() > 2) return batched_product(a, b);
  Shape shape = a.shape();  // all matrices of a are the rows of one matrix
  shape.back() = b.shape()[1];
  const std::size_t rows = view_around(a.shape(), a.ndim() - 1).outer;
  return reshape(matrix_product(reshape(a, {rows, b.shape()[0]}), b), shape);
}

namespace {

/// Returns the shape of linear() for x of shape (..., in) or of rows with `in` elements each.
Shape linear_shape(const Shape& sx, const Shape& sw) {
  const bool takes_last_axis = sw.size() == 2 && !sx.empty() && sx[sx.size() - 1] == sw[1];
  const bool takes_rows = sw.size() == 2 && sx.size() > 2 && view_around(sx, 0).inner == sw[1];
  if (!takes_last_axis && !takes_rows) {
    std::string message =
        "[linear] the last extents of the input and the weight must be equal: " + to_string(sx) +
        " and " + to_string(sw);
    if (sx.size() > 2 && sw.size() == 2) {
      message += "; or each row of the input must have " + std::to_string(sw[1]) +
                 " elements, but it has " + std::to_string(view_around(sx, 0).inner);
    }
    throw ShapeError(message);
  }
  Shape shape = sx;
  if (!takes_last_axis) shape.resize(2);
  shape[shape.size() - 1] = sw[0];
  return shape;
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Shape& sw = weight.shape();
  const Shape shape = linear_shape(x.shape(), sw);
  if (bias.shape() != Shape{sw[0]}) {
    throw ShapeError("[linear] the bias must have one element for each row of the weight: " +
                     to_string(bias.shape()) + " and " + to_string(sw));
  }
  const std::size_t in = sw[1], out = sw[0], rows = view_around(shape, shape.size() - 1).outer;
  const auto column_sum = kernels().column_sum;
  const SavedArray xv(x), wv(weight);
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
