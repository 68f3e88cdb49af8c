// SPDX-License-Identifier: MIT
#pragma once

// The table of all ops of autograd/ops.hpp and autograd/ops_conv.hpp. The gradient checks, the
// tests of shapes, the random graphs and the fuzz target of graphs run over its rows.

#include <autograd/rows_conv.hpp>
#include <autograd/rows_elementwise.hpp>
#include <autograd/rows_loss.hpp>
#include <autograd/rows_matmul.hpp>
#include <autograd/rows_reduce.hpp>
#include <autograd/rows_shape.hpp>

namespace xgrad::test {

inline std::vector<Op> op_table() {
  std::vector<Op> table = broadcasting_ops();
  for (const auto& family :
       {functions(), reductions(), variances(), matrix_ops(), shape_ops(), reshaping_ops(),
        index_ops(), losses(), pair_losses(), image_ops(), normalizations()}) {
    table.insert(table.end(), family.begin(), family.end());
  }
  return table;
}

}  // namespace xgrad::test
