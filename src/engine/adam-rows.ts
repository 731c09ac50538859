/**
 * @file Adam on tables of which each step touches a few rows: one row per particle, say.
 *
 * Dense Adam moves every row at every step, along moments that were learnt long ago; here a row that is not in the
 * batch keeps value, moments and step count, as if its own optimiser rested. Bias correction counts the row's own steps.
 */
import { check } from "../core/errors.js";
import type { AdamOptions } from "./adam.js";

/** Plain data: save it and training continues to the same numbers. */
export interface AdamRowsState {
  /** Float32[rows width] */
  readonly m: Float32Array;
  /** Float32[rows width] */
  readonly v: Float32Array;
  /** Int32[rows]: steps of each row. */
  readonly t: Int32Array;
}

export function newAdamRowsState(rows: number, width: number): AdamRowsState {
  return { m: new Float32Array(rows * width), v: new Float32Array(rows * width), t: new Int32Array(rows) };
}

/** The state with arrays of its own. */
export function copyAdamRowsState({ m, v, t }: AdamRowsState): AdamRowsState {
  return { m: m.slice(), v: v.slice(), t: t.slice() };
}

/**
 * One step on the rows named. `table`: Float32[rows width], in place; `gradients`: Float32[n width], one row for each
 * entry of `rows`. A row named twice is stepped once, with the sum of its gradients.
 */
export function adamRowsStep(
  table: Float32Array,
  rows: ArrayLike<number>,
  gradients: Float32Array,
  state: AdamRowsState,
  options: AdamOptions,
): void {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { m, v, t } = state;
  const width = t.length === 0 ? 0 : table.length / t.length;
  check(learningRate >= 0, "learningRate", "a rate of at least 0", learningRate);
  check(m.length === table.length && v.length === table.length, "state", `${table.length} moments`, m.length);
  check(gradients.length === rows.length * width, "gradients", `${rows.length} × ${width} numbers`, gradients.length);
  for (const [row, gradient] of summed(rows, gradients, width, t.length)) {
    const steps = t[row]! + 1;
    t[row] = steps;
    const root = Math.sqrt(1 - beta2 ** steps);
    const rate = (learningRate * root) / (1 - beta1 ** steps);
    const floor = epsilon * root;
    for (let j = 0, i = row * width; j < width; j++, i++) {
      const g = gradient[j]!;
      const mi = beta1 * m[i]! + (1 - beta1) * g;
      const vi = beta2 * v[i]! + (1 - beta2) * g * g;
      m[i] = mi;
      v[i] = vi;
      table[i] = table[i]! - (rate * mi) / (Math.sqrt(vi) + floor);
    }
  }
}

/** Gradient by row; rows named more than once are added up. */
function summed(
  rows: ArrayLike<number>,
  gradients: Float32Array,
  width: number,
  count: number,
): Map<number, Float32Array> {
  const sums = new Map<number, Float32Array>();
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    check(Number.isInteger(row) && row >= 0 && row < count, `rows[${i}]`, `a row of 0 to ${count - 1}`, row);
    const gradient = gradients.subarray(i * width, (i + 1) * width);
    const known = sums.get(row);
    sums.set(row, known === undefined ? gradient : known.map((x, j) => x + gradient[j]!));
  }
  return sums;
}
