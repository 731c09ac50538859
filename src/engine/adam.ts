/**
 * @file Adam (Kingma & Ba 2015, algorithm 1) on plain arrays, in place.
 *
 *     m ← β1 m + (1 − β1) g       θ ← θ − η m̂ / (√v̂ + ε)
 *     v ← β2 v + (1 − β2) g²      m̂ = m / (1 − β1ᵗ),  v̂ = v / (1 − β2ᵗ)
 *
 * The state is plain data: save it and training continues to the same numbers.
 */
import { check } from "../core/errors.js";

export interface AdamOptions {
  /** η. */
  readonly learningRate: number;
  /** @default 0.9 */
  readonly beta1?: number;
  /** @default 0.999 */
  readonly beta2?: number;
  /** @default 1e-8 */
  readonly epsilon?: number;
}

/** Running moments of one array and the number of steps it has seen. */
export interface AdamMoments {
  readonly m: Float32Array;
  readonly v: Float32Array;
  t: number;
}

/** Moments by the name of the array they belong to. */
export type AdamState = Record<string, AdamMoments>;

/**
 * One step on every array of `parameters` that has a gradient. Names new to `state` start from zero moments.
 */
export function adamStep(
  parameters: Readonly<Record<string, Float32Array>>,
  gradients: Readonly<Record<string, Float32Array>>,
  state: AdamState,
  options: AdamOptions,
): void {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  check(learningRate >= 0, "learningRate", "a rate of at least 0", learningRate);
  for (const name in gradients) {
    const [x, g] = [parameters[name], gradients[name]!];
    check(x !== undefined, `gradient "${name}"`, `one of ${Object.keys(parameters).join(", ")}`, name);
    check(g.length === x.length, `gradient "${name}"`, `${x.length} numbers`, g.length);
    state[name] ??= { m: new Float32Array(x.length), v: new Float32Array(x.length), t: 0 };
    const moments = state[name];
    const { m, v } = moments;
    check(m.length === x.length, `Adam state "${name}"`, `${x.length} numbers`, m.length);
    const t = ++moments.t;
    // η m̂ / (√v̂ + ε) with both corrections folded into two constants.
    const root = Math.sqrt(1 - beta2 ** t);
    const rate = (learningRate * root) / (1 - beta1 ** t);
    const floor = epsilon * root;
    for (let i = 0; i < x.length; i++) {
      const gi = g[i]!;
      const mi = beta1 * m[i]! + (1 - beta1) * gi;
      const vi = beta2 * v[i]! + (1 - beta2) * gi * gi;
      m[i] = mi;
      v[i] = vi;
      x[i] = x[i]! - (rate * mi) / (Math.sqrt(vi) + floor);
    }
  }
}

/** The state with arrays of its own. */
export function copyAdamState(state: Readonly<AdamState>): AdamState {
  return Object.fromEntries(
    Object.entries(state).map(([name, { m, v, t }]) => [name, { m: m.slice(), v: v.slice(), t }]),
  );
}
