/**
 * @file The rotations of a global search: the Hopf grid in the asymmetric unit, ordered in two halves.
 *
 * Rotation i + count/2 is rotation i and half a turn in the image plane (template-bank.ts says why).
 */
import type { Rotations } from "../core/types.js";
import { asymmetricUnit } from "../geometry/asymmetric-unit.js";
import { hopfAngles, hopfGrid, hopfSpacingRad } from "../geometry/hopf-grid.js";

/** The grid of HEALPix order `order` for particles of point group `symmetry`. */
export function searchGrid(order: number, symmetry = "C1"): Rotations {
  const all = hopfGrid(order);
  const angles = hopfAngles(order);
  const directions: number[] = [];
  const inUnit = asymmetricUnit(symmetry, hopfSpacingRad(order) / 2);
  for (let d = 0; d * angles < all.count; d++) {
    const at = 9 * d * angles;
    if (inUnit(all.matrices[at + 6]!, all.matrices[at + 7]!, all.matrices[at + 8]!)) directions.push(d);
  }
  const half = (directions.length * angles) / 2;
  const matrices = new Float64Array(9 * 2 * half);
  directions.forEach((d, i) => {
    for (let j = 0; j < angles; j++) {
      const to = (j < angles / 2 ? 0 : half) + (i * angles) / 2 + (j % (angles / 2));
      matrices.set(all.matrices.subarray(9 * (d * angles + j), 9 * (d * angles + j + 1)), 9 * to);
    }
  });
  return { kind: "rotations", count: 2 * half, matrices };
}
