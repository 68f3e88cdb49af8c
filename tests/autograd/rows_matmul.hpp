// SPDX-License-Identifier: MIT
#pragma once

// The rows of autograd/ops_matmul.hpp.

#include <autograd/op_kinds.hpp>

namespace xgrad::test {

/// Draws operands of matmul: matrices, vectors, or batches of matrices that broadcast.
inline Case random_matmul(Rng& rng) {
  const std::size_t m = between(rng, 0, 5), k = between(rng, 0, 5), n = between(rng, 0, 5);
  const Shape batch = random_shape(rng, 0, 2);
  Shape a = random_part(rng, batch), b = random_part(rng, batch);
  for (const std::size_t extent : {m, k}) a.push_back(extent);
  for (const std::size_t extent : {k, n}) b.push_back(extent);
  if (rng.below(4) == 0) a = {k};
  if (rng.below(4) == 0) b = {k};
  return {{a, b}};
}

inline Case random_linear(Rng& rng) {
  const Shape x = random_shape(rng, 1, 3);
  const std::size_t out = between(rng, 1, 5);
  return {{x, {out, x[x.size() - 1]}, {out}}};
}

inline std::vector<Op> matrix_ops() {
  return {{"matmul",
           [](Tensors x, const Args&) { return matmul(x[0], x[1]); },
           Domain::anywhere,
           random_matmul,
           {{{{2, 3}, {3, 4}}, "(2, 4)", {}, 0.375},
            {{{3, 3}, {3, 3}}, "(3, 3)"},
            {{{1, 3}, {3, 4}}, "(1, 4)"},
            {{{3, 1}, {1, 4}}, "(3, 4)"},
            {{{2, 3}, {3, 1}}, "(2, 1)"},
            {{{1, 3}, {3, 1}}, "(1, 1)"},
            {{{1, 1}, {1, 1}}, "(1, 1)"},
            {{{0, 3}, {3, 4}}, "(0, 4)"},
            {{{2, 0}, {0, 4}}, "(2, 4)", {}, 0},
            {{{2, 3}, {3, 0}}, "(2, 0)"},
            {{{0, 0}, {0, 0}}, "(0, 0)"},
            {{{3}, {3}}, "()", {}, 0.375},
            {{{0}, {0}}, "()", {}, 0},
            {{{3}, {3, 4}}, "(4,)", {}, 0.375},
            {{{2, 3}, {3}}, "(2,)", {}, 0.375},
            {{{5, 2, 3}, {3, 4}}, "(5, 2, 4)", {}, 0.375},
            {{{6, 5, 2, 3}, {3, 4}}, "(6, 5, 2, 4)"},
            {{{5, 2, 3}, {5, 3, 4}}, "(5, 2, 4)", {}, 0.375},
            {{{2, 3}, {5, 3, 4}}, "(5, 2, 4)", {}, 0.375},
            {{{3}, {5, 3, 4}}, "(5, 4)", {}, 0.375},
            {{{5, 2, 3}, {3}}, "(5, 2)", {}, 0.375},
            {{{2, 1, 2, 3}, {5, 3, 4}}, "(2, 5, 2, 4)", {}, 0.375},
            {{{3, 2, 3}, {3, 3, 3}}, "(3, 2, 3)"},
            {{{0, 2, 3}, {3, 4}}, "(0, 2, 4)"},
            {{{0, 2, 3}, {1, 3, 4}}, "(0, 2, 4)"},
            {{{5, 2, 0}, {5, 0, 4}}, "(5, 2, 4)", {}, 0},
            {{{2, 2, 3}, {3, 3, 4}}, "[matmul] the axes before the last two do not broadcast"},
            {{{2, 2, 3}, {2, 4, 3}}, "[matmul] inner dimensions differ"},
            {{{}, {2, 3}}, "[matmul] both"},
            {{{2, 3}, {}}, "[matmul] both"}}},
          {"linear",
           [](Tensors x, const Args&) { return linear(x[0], x[1], x[2]); },
           Domain::anywhere,
           random_linear,
           {{{{5, 3}, {4, 3}, {4}}, "(5, 4)", {}, 0.5},
            {{{3, 3}, {3, 3}, {3}}, "(3, 3)"},
            {{{1, 3}, {4, 3}, {4}}, "(1, 4)"},
            {{{3}, {4, 3}, {4}}, "(4,)"},
            {{{2, 3, 4}, {2, 4}, {2}}, "(2, 3, 2)"},
            {{{5, 3, 2, 2}, {4, 12}, {4}}, "(5, 4)"},
            {{{5, 3, 2, 2}, {4, 7}, {4}}, "[linear]"},
            {{{5, 3}, {1, 3}, {1}}, "(5, 1)"},
            {{{5, 1}, {4, 1}, {4}}, "(5, 4)"},
            {{{0, 3}, {4, 3}, {4}}, "(0, 4)"},
            {{{0, 3}, {70, 3}, {70}}, "(0, 70)"},
            {{{5, 0}, {4, 0}, {4}}, "(5, 4)", {}, 0.125},
            {{{4, 3}, {0, 3}, {0}}, "(4, 0)"},
            {{{0}, {0, 0}, {0}}, "(0,)"},
            {{{}, {2, 3}, {2}}, "[linear]"},
            {{{3}, {2, 3}, {}}, "[linear]"},
            {{{3}, {}, {2}}, "[linear]"}}}};
}

}  // namespace xgrad::test
