/**
 * @file How well one coordinate tells two states apart: the bimodal test of encoders (methods 3.5).
 *
 * u is a latent coordinate, or its projection on the axis through the two conditional means. The clustering threshold
 * lies half-way between the means; the confusion error is the fraction of images on the wrong side of it.
 */
import { check } from "../core/errors.js";

export interface ConfusionError {
  readonly kind: "confusion-error";
  /** Mean and standard deviation of u in state 0 and in state 1. */
  readonly means: readonly [number, number];
  readonly deviations: readonly [number, number];
  readonly threshold: number;
  readonly error: number;
}

/** `u` and `states` (0 or 1, both present) of the same images. */
export function confusionError(u: ArrayLike<number>, states: ArrayLike<number>): ConfusionError {
  check(u.length === states.length, "u", `one value for each of ${states.length} states`, u.length);
  const [zero, one] = [0, 1].map((state) => {
    const own: number[] = [];
    for (let i = 0; i < u.length; i++) if (states[i] === state) own.push(u[i]!);
    check(own.length > 0, "states", `at least one ${state}`, "none");
    const mean = own.reduce((sum, v) => sum + v, 0) / own.length;
    return { mean, deviation: Math.sqrt(own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / own.length) };
  }) as [{ mean: number; deviation: number }, { mean: number; deviation: number }];
  const threshold = (zero.mean + one.mean) / 2;
  let wrong = 0;
  for (let i = 0; i < u.length; i++) {
    const isOne = one.mean > zero.mean ? u[i]! > threshold : u[i]! < threshold;
    if (isOne !== (states[i] === 1)) wrong++;
  }
  return {
    kind: "confusion-error",
    means: [zero.mean, one.mean],
    deviations: [zero.deviation, one.deviation],
    threshold,
    error: wrong / u.length,
  };
}
