/**
 * @file How a found pose lies in a flat array: rows 0 and 1 of the rotation, the shift, the score.
 *
 *     [ R00 R01 R02  R10 R11 R12  tx ty  score ]      t in pixels of the working box
 *
 * The third row of R is the cross product of the first two. An empty slot has score −Infinity.
 */
export const POSE_STRIDE = 9;

/** R · exp-perturbed: rows 0 and 1 of exp([ω]×) R, written at `out[outAt]`; `turn` is exp([ω]×), row-major. */
export function turnedRowsInto(
  out: Float64Array,
  outAt: number,
  turn: ArrayLike<number>,
  turnAt: number,
  pose: ArrayLike<number>,
  poseAt: number,
): void {
  const a0 = pose[poseAt]!;
  const a1 = pose[poseAt + 1]!;
  const a2 = pose[poseAt + 2]!;
  const b0 = pose[poseAt + 3]!;
  const b1 = pose[poseAt + 4]!;
  const b2 = pose[poseAt + 5]!;
  const c0 = a1 * b2 - a2 * b1;
  const c1 = a2 * b0 - a0 * b2;
  const c2 = a0 * b1 - a1 * b0;
  for (let row = 0; row < 2; row++) {
    const u = turn[turnAt + 3 * row]!;
    const v = turn[turnAt + 3 * row + 1]!;
    const w = turn[turnAt + 3 * row + 2]!;
    out[outAt + 3 * row] = u * a0 + v * b0 + w * c0;
    out[outAt + 3 * row + 1] = u * a1 + v * b1 + w * c1;
    out[outAt + 3 * row + 2] = u * a2 + v * b2 + w * c2;
  }
}

/** Nine numbers, row-major, of the pose at `at`. */
export function rotationOfPose(poses: ArrayLike<number>, at: number): number[] {
  const out = new Float64Array(6);
  turnedRowsInto(out, 0, [1, 0, 0, 0, 1, 0], 0, poses, at);
  const [a0, a1, a2, b0, b1, b2] = out as unknown as [number, number, number, number, number, number];
  return [a0, a1, a2, b0, b1, b2, a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0];
}

/** How many slots are filled; they come first. */
export function countPoses(poses: Float64Array): number {
  let count = 0;
  while (count * POSE_STRIDE < poses.length && poses[count * POSE_STRIDE + 8]! > -Infinity) count++;
  return count;
}
