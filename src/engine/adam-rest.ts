/**
 * @file What dense Adam does to rows whose gradient is 0, n steps in one go.
 *
 *     θ ← θ − η Σ_{j=1..n} m̂ⱼ / (√v̂ⱼ + ε)      m̂ⱼ = β1ʲ m / (1 − β1^(t+j))      v̂ⱼ = β2ʲ v / (1 − β2^(t+j))
 *     m ← β1ⁿ m      v ← β2ⁿ v      t ← t + n
 *
 * An optimiser over a whole table steps every row at every step, so a row that is visited once an epoch drifts on along
 * its moments: with gradients of one sign by about 8 η a visit at 60 steps an epoch, 29 η at 1,875. `adamRowsRest` before
 * `adamRowsStep` (adam-rows.ts) gives these numbers at the cost of the rows visited.
 */
import { check } from "../core/errors.js";
import type { AdamOptions } from "./adam.js";
import type { AdamRowsState } from "./adam-rows.js";

/** What is left of a moment when its part in the sum is too small to count. */
const NEGLIGIBLE = 1e-9;

/** Bring the rows named to step `step` of the table; `state.t` holds the step at which each was left. In place. */
export function adamRowsRest(
  table: Float32Array,
  rows: ArrayLike<number>,
  step: number,
  state: AdamRowsState,
  options: AdamOptions,
): void {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { m, v, t } = state;
  const width = t.length === 0 ? 0 : table.length / t.length;
  const terms = Math.ceil(Math.log(NEGLIGIBLE) / Math.log(beta1));
  const [rates, roots, floors] = [new Float64Array(terms), new Float64Array(terms), new Float64Array(terms)];
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!;
    const before = t[row]!;
    const idle = step - before;
    check(idle >= 0, `rows[${r}]`, `a row left at step ${step} or before`, before);
    if (idle === 0) continue;
    t[row] = step;
    const summed = Math.min(idle, terms);
    for (let j = 1; j <= summed; j++) {
      const correction = Math.sqrt(1 - beta2 ** (before + j));
      rates[j - 1] = (learningRate * correction * beta1 ** j) / (1 - beta1 ** (before + j));
      roots[j - 1] = beta2 ** (j / 2);
      floors[j - 1] = epsilon * correction;
    }
    const [fade1, fade2] = [beta1 ** idle, beta2 ** idle];
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (m[i] === 0) {
        v[i]! *= fade2;
        continue;
      }
      const root = Math.sqrt(v[i]!);
      let sum = 0;
      for (let j = 0; j < summed; j++) sum += rates[j]! / (root * roots[j]! + floors[j]!);
      table[i]! -= m[i]! * sum;
      m[i]! *= fade1;
      v[i]! *= fade2;
    }
  }
}
