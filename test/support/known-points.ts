/** @file Working sets of unit points, whose transforms are sums of plane waves, and the fields that equal them. */
import type { Random } from "../../src/core/random.js";
import type { Matrix3 } from "../../src/geometry/rotation.js";
import { halfPlane } from "../../src/imaging/half-plane.js";

export type Points = readonly (readonly [x: number, y: number, z: number])[];

/** Two bodies without symmetry, pixels from the centre. */
export const boot: Points = [
  [3, 0, 0],
  [2, 1, 0.5],
  [0.5, 3, 1],
  [-1, -2, 2],
  [0, 0.5, -3],
];
export const hook: Points = [
  [-3, 1, 0],
  [-2, -2, 1],
  [0, -3, -1.5],
  [1.5, 1, 2.5],
  [3, 2, -1],
];

export interface SeenPoints {
  readonly points: Points;
  readonly rotation: Matrix3;
  /** Displacement of the particle, pixels. */
  readonly shift: readonly [number, number];
  /** What every point weighs. @default 1 */
  readonly scale?: number;
}

/** The whitened coefficients of the half-plane: Σ exp(−2πi q·(R p + t)), plus noise of variance 1 if `noise` is given. */
export function rowOfPoints(
  { points, rotation: R, shift, scale = 1 }: SeenPoints,
  box: number,
  noise?: Random,
): Float32Array {
  const plane = halfPlane(box);
  const row = new Float32Array(2 * plane.count);
  for (const p of points) {
    const x = R[0]! * p[0] + R[1]! * p[1] + R[2]! * p[2] + shift[0];
    const y = R[3]! * p[0] + R[4]! * p[1] + R[5]! * p[2] + shift[1];
    for (let i = 0; i < plane.count; i++) {
      const phase = (2 * Math.PI * (plane.kx[i]! * x + plane.ky[i]! * y)) / box;
      row[2 * i]! += scale * Math.cos(phase);
      row[2 * i + 1]! -= scale * Math.sin(phase);
    }
  }
  if (noise !== undefined) for (let i = 0; i < row.length; i++) row[i]! += noise.normal();
  return row;
}
