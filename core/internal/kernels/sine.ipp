// SPDX-License-Identifier: MIT
// Sine and cosine of a register. xsimd's functions choose a method by all elements of a register,
// so that a result would depend on the neighbours of an element.
#pragma once

#include <xgrad/core/config.hpp>

#include <xsimd/xsimd.hpp>

#include <cmath>
#include <cstddef>

namespace xgrad::inline XGRAD_ABI::simd {

/// Constants of sine(). The polynomials are those of Cephes for float and of fdlibm for double.
template <class S>
struct SineConstants;

template <>
struct SineConstants<float> {
  static constexpr float limit = 1000;             // larger arguments use the C library
  static constexpr float to_integer = 0x1.8p+23f;  // x + to_integer - to_integer rounds x
  // They add up to pi/2. The product of a number of quadrants and each but the last is exact.
  static constexpr float half_pi[] = {0x1.922p+0f, -0x1.2afp-18f, 0x1.0b48p-34f, -0x1.ee59dap-50f};
  static constexpr float sine[] = {-1.6666654611e-1f, 8.3321608736e-3f, -1.9515295891e-4f};
  static constexpr float cosine[] = {4.166664568298827e-2f, -1.388731625493765e-3f,
                                     2.443315711809948e-5f};
};

template <>
struct SineConstants<double> {
  static constexpr double limit = 1e6;
  static constexpr double to_integer = 0x1.8p+52;
  static constexpr double half_pi[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2ep-69,
                                       0x1.b839a252049c1p-104};
  static constexpr double sine[] = {-1.66666666666666324348e-1, 8.33333333332248946124e-3,
                                    -1.98412698298579493134e-4, 2.75573137070700676789e-6,
                                    -2.50507602534068634195e-8, 1.58969099521155010221e-10};
  static constexpr double cosine[] = {4.16666666666666019037e-2, -1.38888888888741095749e-3,
                                      2.48015872894767294178e-5, -2.75573143513906633035e-7,
                                      2.08757232129817482790e-9, -1.13596475577881948265e-11};
};

template <class B, std::size_t n>
B polynomial(B z, const typename B::value_type (&coefficients)[n]) {
  B y(coefficients[n - 1]);
  for (std::size_t i = n - 1; i-- > 0;) y = y * z + B(coefficients[i]);
  return y;
}

/// Returns sin(x + shift pi/2) for |x| <= limit.
template <class B>
B small_sine(B x, int shift) {
  using S = typename B::value_type;
  using Constants = SineConstants<S>;
  const B to_integer(Constants::to_integer), half(S{0.5}), one(1), two(2);
  const B quadrants = (x * B(static_cast<S>(0.63661977236758134)) + to_integer) - to_integer;
  B r = x, low(0);  // r + low becomes x - quadrants pi/2, which is in [-pi/4, pi/4]
  for (const S part : Constants::half_pi) {
    const B product = quadrants * B(part), next = r - product;
    low = low + ((r - next) - product);  // what the subtraction rounded off
    r = next;
  }
  const B z = r * r, half_z = half * z, w = one - half_z;
  const B sine = r + (r * z * polynomial(z, Constants::sine) + low * w);
  const B cosine =
      w + (((one - w) - half_z) + (z * z * polynomial(z, Constants::cosine) - r * low));
  const B turns = (quadrants + B(static_cast<S>(shift))) * B(S{0.25});
  const B quadrant = (turns - ((turns + to_integer) - to_integer)) * B(4);  // -2, -1, 0, 1 or 2
  const B y = xsimd::select(xsimd::abs(quadrant) == one, cosine, sine);
  return xsimd::select(quadrant == -one || xsimd::abs(quadrant) == two, -y, y);
}

/// Returns sin(x + shift pi/2) for all x, where `exact` is the function of the C library.
template <class B, class F>
B sine(B x, int shift, F exact) {
  using S = typename B::value_type;
  const B y = small_sine(x, shift);
  const auto is_small = xsimd::abs(x) <= B(SineConstants<S>::limit);
  if (xsimd::all(is_small)) return y;
  alignas(64) S in[B::size], out[B::size];
  x.store_aligned(in);
  y.store_aligned(out);
  for (std::size_t i = 0; i < B::size; ++i) {
    if (!(std::abs(in[i]) <= SineConstants<S>::limit)) out[i] = exact(in[i]);
  }
  return B::load_aligned(out);
}

}  // namespace xgrad::inline XGRAD_ABI::simd
