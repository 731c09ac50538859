/** @file Points in space, as the models of atoms need them. */
import type { Matrix3 } from "../../src/geometry/rotation.js";

export type Vector = [number, number, number];

export const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vector, s: number): Vector => [a[0] * s, a[1] * s, a[2] * s];
export const apply = (m: Matrix3, p: Vector): Vector =>
  [0, 1, 2].map((i) => m[3 * i]! * p[0] + m[3 * i + 1]! * p[1] + m[3 * i + 2]! * p[2]) as Vector;

export function centroid(points: readonly Vector[], weights?: ArrayLike<number>): Vector {
  const out: Vector = [0, 0, 0];
  let total = 0;
  points.forEach((p, i) => {
    const weight = weights?.[i] ?? 1;
    total += weight;
    for (let a = 0; a < 3; a++) out[a]! += weight * p[a]!;
  });
  return scale(out, 1 / total);
}

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
