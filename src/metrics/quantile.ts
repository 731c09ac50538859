/** @file Quantiles of plain numbers, by linear interpolation between order statistics (numpy's default, Hyndman & Fan type 7). */
import { check } from "../core/errors.js";

/** The value below which a `fraction` (0..1) of the values lie. No values, no answer: refused. NaN in, NaN out. */
export function quantile(values: ArrayLike<number>, fraction: number): number {
  check(values.length > 0, "values", "at least one number", values.length);
  check(fraction >= 0 && fraction <= 1, "fraction", "a number from 0 to 1", fraction);
  const sorted = Float64Array.from(values).sort();
  if (Number.isNaN(sorted[sorted.length - 1]!)) return Number.NaN; // sort() puts NaN last
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (position - below) * (high - low);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}
