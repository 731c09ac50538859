/**
 * @file The asymmetric unit of a point group on the sphere of viewing directions.
 *
 * The unit is the set of directions nearer to one general direction a than to any of its mates g·a: the sphere
 * is cut into as many equal parts as the group has rotations. With a margin, directions up to that far outside
 * count too, so that the cells of a grid around the directions kept cover the unit without gaps.
 */
import { check } from "../core/errors.js";
import { rotationAt } from "./rotation.js";
import { symmetryOperators } from "./symmetry.js";

/** On no axis and no mirror plane of any group. */
const GENERAL = [0.36, 0.22, 0.906] as const;

/** Whether the direction (x, y, z), a unit vector of the object's frame, lies in the unit of `symmetry` or within the margin of it. */
export function asymmetricUnit(symmetry: string, marginRad = 0): (x: number, y: number, z: number) => boolean {
  check(marginRad >= 0, "marginRad", "an angle of at least 0", marginRad);
  const operators = symmetryOperators(symmetry);
  // Normals of the planes half way between a and its mates, pointing to the mate.
  const normals: number[][] = [];
  for (let i = 1; i < operators.count; i++) {
    const g = rotationAt(operators, i);
    const n = [0, 1, 2].map(
      (row) => g[3 * row]! * GENERAL[0] + g[3 * row + 1]! * GENERAL[1] + g[3 * row + 2]! * GENERAL[2] - GENERAL[row]!,
    );
    const length = Math.hypot(...n);
    normals.push(n.map((v) => v / length));
  }
  const limit = Math.sin(marginRad);
  return (x, y, z) => normals.every(([nx, ny, nz]) => x * nx! + y * ny! + z * nz! <= limit);
}
