/**
 * @file Latent coordinates as the analyses take them: one flat array, Float[count dimension], row-major, and its dimension.
 *
 * Latents of different classes live in different spaces: analyse one class at a time (`pointsAt` picks rows).
 */
import { check } from "../core/errors.js";

/** The points of one space, as a `LatentSpace` has them. */
export interface LatentPoints {
  /** Float[count dimension]. */
  readonly values: ArrayLike<number>;
  readonly dimension: number;
}

/** Refuse what cannot be coordinates: a length that does not divide, NaN, fewer points than `least`. Returns the count. */
export function checkPoints(values: ArrayLike<number>, dimension: number, least: number): number {
  check(Number.isInteger(dimension) && dimension > 0, "dimension", "a positive integer", dimension);
  check(values.length % dimension === 0, "values", `a multiple of ${dimension} numbers`, values.length);
  const count = values.length / dimension;
  check(count >= least, "values", `at least ${least} points`, count);
  for (let i = 0; i < values.length; i++)
    check(Number.isFinite(values[i]!), "values", "finite coordinates", values[i], `point ${Math.floor(i / dimension)}`);
  return count;
}

/** Number[count][dimension], as libraries want it. */
export function pointRows(values: ArrayLike<number>, dimension: number): number[][] {
  return Array.from({ length: values.length / dimension }, (_, i) =>
    Array.from({ length: dimension }, (_, j) => values[i * dimension + j]!),
  );
}

/** The points at these positions: Float64[indices dimension]. */
export function pointsAt(values: ArrayLike<number>, dimension: number, indices: ArrayLike<number>): Float64Array {
  const out = new Float64Array(indices.length * dimension);
  for (let i = 0; i < indices.length; i++) {
    check(indices[i]! * dimension + dimension <= values.length, "indices", "positions of points", indices[i]);
    for (let j = 0; j < dimension; j++) out[i * dimension + j] = values[indices[i]! * dimension + j]!;
  }
  return out;
}
