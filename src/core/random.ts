/**
 * @file Seeded random numbers: sfc32 (Chris Doty-Humphrey, PractRand), seeded by splitmix32.
 *
 * Same seed, same numbers. The state is four 32-bit words, so a run can be saved and resumed exactly.
 */

export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** A generator of its own, a function of this one's state. */
  fork(): Random;
  /** Four 32-bit words; give them to `resumeRandom`. */
  state(): readonly number[];
}

/** A stream of random numbers that depends on `seed` (any integer) alone. */
export function seededRandom(seed: number): Random {
  let s = seed | 0;
  const word = (): number => {
    s = (s + 0x9e3779b9) | 0;
    let t = s ^ (s >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) | 0;
  };
  const random = resumeRandom([word(), word(), word(), 1]);
  for (let i = 0; i < 12; i++) random.uniform();
  return random;
}

/** The stream that continues from `state()` of another. */
export function resumeRandom(state: readonly number[]): Random {
  // In an array: variables of a closure that outgrow 31 bits would be allocated anew at every change.
  const words = Int32Array.of(state[0] ?? 0, state[1] ?? 0, state[2] ?? 0, state[3] ?? 1);
  const next = (): number => {
    const b = words[1]!;
    const c = words[2]!;
    const t = (((words[0]! + b) | 0) + words[3]!) | 0;
    words[3]! += 1;
    words[0] = b ^ (b >>> 9);
    words[1] = (c + (c << 3)) | 0;
    words[2] = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  // 53 bits, so that no value repeats in practice and log(1 - u) is finite.
  const uniform = (): number => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  return {
    uniform,
    // Box-Muller without a spare: the state stays four words.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer: (n) => Math.floor(uniform() * n),
    fork: () => resumeRandom([next() | 0, next() | 0, next() | 0, 1]),
    state: () => [...words],
  };
}

/** A random order of 0..count-1 (Fisher-Yates). */
export function shuffledIndices(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const t = order[i]!;
    order[i] = order[j]!;
    order[j] = t;
  }
  return order;
}
