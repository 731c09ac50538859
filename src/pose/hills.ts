/**
 * @file The hills of an image's likelihood: its best poses, each brought to the top, no two on the same hill.
 */
import type { Rotations } from "../core/types.js";
import { geodesicRad, type Matrix3, multiply, rotationAt } from "../geometry/rotation.js";
import { countPoses, POSE_STRIDE, rotationOfPose } from "./pose-row.js";
import { type Hill, posteriorSpread } from "./posterior-spread.js";
import type { Setup } from "./search-setup.js";
import type { Slicer } from "./slicer.js";

/** A pose this near to one that has been climbed from, or to a top, is taken to stand on the same hill. */
const NEAR_RAD = 0.09;
const NEAR_PIXELS = 1.5;
/** Tops nearer than this are one. */
const SAME_RAD = 0.01;
const SAME_PIXELS = 0.2;

/** Replace the poses of `out` by the tops of their hills, the best first; at most `most` climbs; the spread of the posterior, rad. */
export function climbHills(setup: Setup, slicer: Slicer, out: Float64Array, most: number): number {
  const { plan, climber, operators, independent } = setup;
  const points = setup.points(plan.radius);
  const hillAt = (row: Float64Array, precision: Float64Array): Hill => ({
    rotation: rotationOfPose(row, 0),
    score: independent * row[8]!,
    precision: precision.map((v) => independent * v),
    scoreAt: (turn, shift) => independent * climber.scoreAt(slicer, points, row, turn, shift),
  });
  const count = countPoses(out);
  const ranked = Array.from({ length: count }, (_, i) => i * POSE_STRIDE).sort((a, b) => out[b + 8]! - out[a + 8]!);
  const known: Float64Array[] = [];
  const tops: { readonly row: Float64Array; readonly hill: Hill }[] = [];
  const isNear = (row: Float64Array, others: readonly Float64Array[], rad: number, pixels: number): boolean => {
    const rotation = rotationOfPose(row, 0);
    return others.some(
      (other) =>
        Math.hypot(other[6]! - row[6]!, other[7]! - row[7]!) < pixels && nearestMate(rotation, other, operators) < rad,
    );
  };
  let climbs = 0;
  for (const at of ranked) {
    if (climbs === most) break;
    const row = out.slice(at, at + POSE_STRIDE);
    if (isNear(row, known, NEAR_RAD, NEAR_PIXELS)) continue;
    climbs++;
    known.push(row.slice());
    const precision = climber.climb(slicer, points, row, 0).slice();
    const isNew = !isNear(
      row,
      tops.map((top) => top.row),
      SAME_RAD,
      SAME_PIXELS,
    );
    known.push(row);
    if (isNew) tops.push({ row, hill: hillAt(row, precision) });
  }
  tops.sort((a, b) => b.row[8]! - a.row[8]!);
  out.fill(-Infinity);
  tops.forEach(({ row }, i) => {
    out.set(row, i * POSE_STRIDE);
  });
  const hills = tops.map((top) => top.hill);
  return hills.length === 0 ? Number.NaN : posteriorSpread(hills[0]!.rotation, hills, operators);
}

/** Angle from `rotation` to the nearest pose that looks the same as `row`, rad. */
function nearestMate(rotation: Matrix3, row: Float64Array, operators: Rotations): number {
  const other = rotationOfPose(row, 0);
  let least = Math.PI;
  for (let g = 0; g < operators.count; g++)
    least = Math.min(least, geodesicRad(rotation, multiply(other, rotationAt(operators, g))));
  return least;
}
