/** @file Some of many rotations. */
import type { Rotations } from "../core/types.js";

/** Those at `indices`, in that order. */
export function chosenRotations({ matrices }: Rotations, indices: readonly number[]): Rotations {
  const chosen = new Float64Array(9 * indices.length);
  indices.forEach((i, row) => {
    chosen.set(matrices.subarray(9 * i, 9 * i + 9), 9 * row);
  });
  return { kind: "rotations", count: indices.length, matrices: chosen };
}
