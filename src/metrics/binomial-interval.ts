/**
 * @file How far a count may be off by chance: the bootstrap interval of "k of n particles", without drawing anything.
 *
 * Drawing n particles with replacement and counting again gives a binomial number, B(n, k/n); the percentile interval of
 * the bootstrap (Efron 1979) is read from its distribution. It covers sampling alone, not errors of the assignment: those
 * show in other seeds and checkpoints (`labelStability`).
 */
import { check } from "../core/errors.js";

/** The counts between which the share `level` of resampled counts lies, ends included. */
export function binomialInterval(count: number, of: number, level = 0.95): readonly [low: number, high: number] {
  check(Number.isInteger(of) && of >= 1, "of", "a positive number of particles", of);
  check(Number.isInteger(count) && count >= 0 && count <= of, "count", `a whole number from 0 to ${of}`, count);
  check(level > 0 && level < 1, "level", "a share in (0, 1)", level);
  if (count === 0 || count === of) return [count, count];
  return [binomialQuantile(count / of, of, (1 - level) / 2), binomialQuantile(count / of, of, (1 + level) / 2)];
}

/** Least m with P(B(n, p) ≤ m) ≥ `share`. */
function binomialQuantile(p: number, n: number, share: number): number {
  const odds = p / (1 - p);
  // Terms relative to that at the mode, so that none of those that count underflows.
  const mode = Math.floor((n + 1) * p);
  const terms = new Float64Array(n + 1);
  terms[mode] = 1;
  for (let m = mode; m < n; m++) terms[m + 1] = terms[m]! * odds * ((n - m) / (m + 1));
  for (let m = mode; m > 0; m--) terms[m - 1] = (terms[m]! / odds) * (m / (n - m + 1));
  const total = terms.reduce((sum, term) => sum + term, 0);
  let sum = 0;
  for (let m = 0; m <= n; m++) {
    sum += terms[m]!;
    if (sum >= share * total) return m;
  }
  return n;
}
