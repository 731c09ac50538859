/**
 * @file Error of the shifts after the displacement of the model frame is taken out.
 *
 * A model displaced by u moves every image by (R u)x,y. u is the least-squares solution over the images, with the
 * *aligned* rotations of `rotation-error.ts`; what is left is the error.
 */
import { Matrix, solve } from "ml-matrix";
import { check } from "../core/errors.js";
import type { Rotations } from "../core/types.js";
import { quantile } from "./quantile.js";

export interface ShiftError {
  /** Displacement of the found model in the true frame, Å. */
  readonly offsetAngstrom: readonly [x: number, y: number, z: number];
  /** Float64[count], Å: length of what is left in each image. */
  readonly errorsAngstrom: Float64Array;
  readonly rmsAngstrom: number;
  readonly meanAngstrom: number;
  readonly medianAngstrom: number;
}

/**
 * Compare found with true shifts, Float64[count 2] (x, y) in Å, one pair per rotation.
 * Images outside `trusted` (for instance those with a wrong rotation) are judged but do not decide the displacement.
 */
export function shiftError(
  aligned: Rotations,
  foundAngstrom: ArrayLike<number>,
  trueAngstrom: ArrayLike<number>,
  trusted: (index: number) => boolean = () => true,
): ShiftError {
  const { count, matrices } = aligned;
  check(count > 0, "aligned", "at least one rotation", count);
  check(foundAngstrom.length === 2 * count, "foundAngstrom", `${count} pairs`, `${foundAngstrom.length} numbers`);
  check(trueAngstrom.length === 2 * count, "trueAngstrom", `${count} pairs`, `${trueAngstrom.length} numbers`);
  const offset = displacement(aligned, foundAngstrom, trueAngstrom, trusted);
  const errorsAngstrom = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const left = [0, 1].map((axis) => {
      const row = 9 * i + 3 * axis;
      const moved = matrices[row]! * offset[0] + matrices[row + 1]! * offset[1] + matrices[row + 2]! * offset[2];
      return foundAngstrom[2 * i + axis]! - trueAngstrom[2 * i + axis]! - moved;
    });
    errorsAngstrom[i] = Math.hypot(...left);
  }
  return {
    offsetAngstrom: offset,
    errorsAngstrom,
    rmsAngstrom: Math.sqrt(errorsAngstrom.reduce((sum, e) => sum + e * e, 0) / count),
    meanAngstrom: errorsAngstrom.reduce((sum, e) => sum + e, 0) / count,
    medianAngstrom: quantile(errorsAngstrom, 0.5),
  };
}

/** Least squares through the normal equations; directions that no image sees (all views alike) stay at zero. */
function displacement(
  aligned: Rotations,
  found: ArrayLike<number>,
  truth: ArrayLike<number>,
  trusted: (index: number) => boolean,
): [number, number, number] {
  const normal = Matrix.zeros(3, 3);
  const right = Matrix.zeros(3, 1);
  for (let i = 0; i < aligned.count; i++) {
    if (!trusted(i)) continue;
    for (let axis = 0; axis < 2; axis++) {
      const row = aligned.matrices.subarray(9 * i + 3 * axis, 9 * i + 3 * axis + 3);
      const difference = found[2 * i + axis]! - truth[2 * i + axis]!;
      for (let r = 0; r < 3; r++) {
        right.set(r, 0, right.get(r, 0) + row[r]! * difference);
        for (let c = 0; c < 3; c++) normal.set(r, c, normal.get(r, c) + row[r]! * row[c]!);
      }
    }
  }
  const u = solve(normal, right, true).to1DArray();
  return [u[0]!, u[1]!, u[2]!];
}
