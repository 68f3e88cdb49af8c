#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes rng_reference.csv: the numbers that Rng must return.

The generator follows the papers of its authors (SplitMix64: Steele, Lea and Flood 2014;
xoshiro256**: Blackman and Vigna 2018). It uses Python integers and is independent of xgrad's code.
The normal quantile is computed from the inverse error function with 50 digits instead of AS 241, so
that both implementations are unlikely to have the same error.

Run: python3 rng_reference.py   (the table contains the seeds)
"""
import pathlib

import mpmath

MASK = 2**64 - 1
SEEDS = (0, 1, 42, MASK)


def rotl(x, k):
    return (x << k | x >> (64 - k)) & MASK


def engine(seed):
    """Yields random 64-bit integers."""
    state = []
    for _ in range(4):
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
        state.append(z ^ (z >> 31))
    while True:
        yield rotl(state[1] * 5 & MASK, 7) * 9 & MASK
        t = state[1] << 17 & MASK
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= t
        state[3] = rotl(state[3], 45)


def uniform(bits):
    return (bits >> 11) / 2**53


def below(draws, n):
    """Returns an integer that is uniform in [0, n). Draws again if the bits are below 2**64 % n."""
    while True:
        bits = next(draws)
        if bits >= 2**64 % n:
            return bits % n


def normal(bits):
    p = (mpmath.mpf(bits >> 12) + mpmath.mpf(1) / 2) / 2**52
    return mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)


def permutation(draws, n):
    order = list(range(n))
    for i in reversed(range(1, n)):
        j = below(draws, i + 1)
        order[i], order[j] = order[j], order[i]
    return order


def second_word(bits):
    """Returns the second word of the state with which the generator returns these bits."""
    scrambled = bits * pow(9, -1, 2**64) & MASK
    return rotl(scrambled, 64 - 7) * pow(5, -1, 2**64) & MASK


def rows():
    for seed in SEEDS:
        draws = engine(seed)
        yield "next", seed, 0, [next(draws) for _ in range(8)]
        draws = engine(seed)
        yield "uniform", seed, 0, [uniform(next(draws)).hex() for _ in range(8)]
        for n in (1, 6, 1000, 2**63 + 1):
            draws = engine(seed)
            yield "below", seed, n, [below(draws, n) for _ in range(8)]
        draws = engine(seed)
        yield "normal", seed, 0, [mpmath.nstr(normal(next(draws)), 20) for _ in range(8)]
        for n in (1, 2, 10, 33):
            yield "permutation", seed, n, permutation(engine(seed), n)
    # From the smallest to the largest value, with both tails and the limits of AS 241's ranges.
    for share in (0, 2**-50, 2**-40, 1e-9, 1.3e-11, 1e-4, 0.0749, 0.0751, 0.25, 0.4999, 0.5001,
                  0.75, 0.9249, 0.9251, 0.9999, 1 - 1e-9, 1 - 2**-50, 1 - 2**-53):
        bits = MASK if share == 1 - 2**-53 else int(share * 2**64)
        yield "quantile", second_word(bits), bits, [mpmath.nstr(normal(bits), 20)]


def main():
    mpmath.mp.dps = 50
    lines = [f"# rng_reference.py, mpmath {mpmath.__version__}; seed and argument in each row",
             "# quantile: second word of the state, the bits that the generator returns, their normal quantile",
             "kind,seed,argument,numbers"]
    for kind, seed, argument, numbers in rows():
        lines.append(f"{kind},{seed},{argument}," + " ".join(map(str, numbers)))
    pathlib.Path(__file__).with_suffix(".csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
