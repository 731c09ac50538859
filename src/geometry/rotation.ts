/**
 * @file Rotations as row-major 3×3 matrices, object → camera, and their foreign forms.
 *
 * An object point r lands at p = R r; the image is the central slice at k3 = Rᵀ (kx, ky, 0).
 * Rows of R: image x, image y, viewing direction. It equals RELION's Euler matrix
 * [Rz(rot) Ry(tilt) Rz(psi)]ᵀ with active right-handed elementary rotations.
 * cryoSPARC's rotation vector v is that of the transpose: R = exp([v]×)ᵀ.
 */
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { Rotations } from "../core/types.js";

/** Nine numbers, row-major. */
export type Matrix3 = readonly number[];

export const IDENTITY: Matrix3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];

export function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const out = new Array<number>(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      out[3 * i + j] = a[3 * i]! * b[j]! + a[3 * i + 1]! * b[3 + j]! + a[3 * i + 2]! * b[6 + j]!;
  return out;
}

export function transpose(m: Matrix3): Matrix3 {
  return [m[0]!, m[3]!, m[6]!, m[1]!, m[4]!, m[7]!, m[2]!, m[5]!, m[8]!];
}

/** Angle in rad of the rotation that takes a to b, 0..π. */
export function geodesicRad(a: Matrix3, b: Matrix3): number {
  let trace = 0;
  for (let i = 0; i < 9; i++) trace += a[i]! * b[i]!;
  return Math.acos(Math.max(-1, Math.min(1, (trace - 1) / 2)));
}

/** Active rotation by |v| rad about v (Rodrigues). */
export function rotationFromVector(v: readonly [number, number, number]): Matrix3 {
  const angle = Math.hypot(...v);
  const half = angle / 2;
  const s = angle < 1e-12 ? 0.5 : Math.sin(half) / angle;
  return rotationFromQuaternion([Math.cos(half), s * v[0], s * v[1], s * v[2]]);
}

/** The vector v, |v| ≤ π, with R = exp([v]×). */
export function vectorFromRotation(m: Matrix3): [number, number, number] {
  const [w, x, y, z] = quaternionFromRotation(m);
  const sine = Math.hypot(x, y, z);
  const scale = sine < 1e-12 ? 2 : (2 * Math.atan2(sine, w)) / sine;
  return [scale * x, scale * y, scale * z];
}

/** Active rotation of the unit quaternion (w, x, y, z): v' = q v q*. Normalised here. */
export function rotationFromQuaternion(q: readonly [number, number, number, number]): Matrix3 {
  const norm = Math.hypot(...q);
  check(norm > 1e-12, "quaternion", "a non-zero quaternion", q);
  const [w, x, y, z] = [q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm];
  return [
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  ];
}

/** Unit quaternion (w, x, y, z) with w ≥ 0 of a rotation matrix (Shepperd's method). */
export function quaternionFromRotation(m: Matrix3): [number, number, number, number] {
  const trace = m[0]! + m[4]! + m[8]!;
  const squares = [trace, m[0]!, m[4]!, m[8]!];
  const largest = squares.indexOf(Math.max(...squares));
  const q: [number, number, number, number] = [
    1 + trace,
    1 + 2 * m[0]! - trace,
    1 + 2 * m[4]! - trace,
    1 + 2 * m[8]! - trace,
  ];
  const d = [m[7]! - m[5]!, m[2]! - m[6]!, m[3]! - m[1]!];
  const s = [m[3]! + m[1]!, m[2]! + m[6]!, m[7]! + m[5]!];
  const rows: [number, number, number, number][] = [
    [q[0], d[0]!, d[1]!, d[2]!],
    [d[0]!, q[1], s[0]!, s[1]!],
    [d[1]!, s[0]!, q[2], s[2]!],
    [d[2]!, s[1]!, s[2]!, q[3]],
  ];
  const row = rows[largest]!;
  const sign = row[0] < 0 ? -1 : 1;
  const norm = sign / Math.hypot(...row);
  return [row[0] * norm, row[1] * norm, row[2] * norm, row[3] * norm];
}

/** RELION's matrix A(rot, tilt, psi), rad. */
export function rotationFromEuler(rotRad: number, tiltRad: number, psiRad: number): Matrix3 {
  const [ca, sa] = [Math.cos(rotRad), Math.sin(rotRad)];
  const [cb, sb] = [Math.cos(tiltRad), Math.sin(tiltRad)];
  const [cg, sg] = [Math.cos(psiRad), Math.sin(psiRad)];
  return [
    cg * cb * ca - sg * sa,
    cg * cb * sa + sg * ca,
    -cg * sb,
    -sg * cb * ca - cg * sa,
    -sg * cb * sa + cg * ca,
    sg * sb,
    sb * ca,
    sb * sa,
    cb,
  ];
}

/** (rot, tilt, psi) in rad, tilt in [0, π]; at the poles rot = 0, as RELION writes. */
export function eulerFromRotation(m: Matrix3): { rotRad: number; tiltRad: number; psiRad: number } {
  const sine = Math.hypot(m[6]!, m[7]!);
  const tiltRad = Math.atan2(sine, m[8]!);
  if (sine > 1e-9) return { rotRad: Math.atan2(m[7]!, m[6]!), tiltRad, psiRad: Math.atan2(m[5]!, -m[2]!) };
  return { rotRad: 0, tiltRad, psiRad: Math.atan2(m[1]!, m[4]!) };
}

/** A uniformly random rotation (Shoemake 1992). */
export function randomRotation(random: Random): Matrix3 {
  const [u, v, w] = [random.uniform(), 2 * Math.PI * random.uniform(), 2 * Math.PI * random.uniform()];
  const [a, b] = [Math.sqrt(1 - u), Math.sqrt(u)];
  return rotationFromQuaternion([a * Math.sin(v), a * Math.cos(v), b * Math.sin(w), b * Math.cos(w)]);
}

/** Rotations from rows of nine. */
export function rotationsOf(matrices: readonly Matrix3[]): Rotations {
  const flat = new Float64Array(9 * matrices.length);
  matrices.forEach((m, i) => {
    flat.set(m, 9 * i);
  });
  return { kind: "rotations", count: matrices.length, matrices: flat };
}

/** Row `index` as nine numbers. */
export function rotationAt(rotations: Rotations, index: number): Matrix3 {
  return Array.from(rotations.matrices.subarray(9 * index, 9 * index + 9));
}
