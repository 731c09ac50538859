/** @file The Cα of a PDB file, its assembly's operators, and the superposition of two sets of points. */
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { type Matrix3, multiply, transpose } from "../../src/geometry/rotation.js";
import { apply, centroid, minus, type Vector } from "./vectors.js";

export interface RigidMotion {
  readonly rotation: Matrix3;
  readonly shift: Vector;
}

/** Chain and residue → position of Cα, Å. */
export function alphaCarbons(pdb: string): Map<string, Vector> {
  const atoms = new Map<string, Vector>();
  for (const line of pdb.split("\n"))
    if (line.startsWith("ATOM") && line.slice(12, 16).trim() === "CA")
      atoms.set(line.slice(21, 26), [+line.slice(30, 38), +line.slice(38, 46), +line.slice(46, 54)]);
  return atoms;
}

/** Number of the residue in a name that `alphaCarbons` gives. */
export function residue(name: string): number {
  return Number(name.slice(1));
}

/** The motions that make the biological assembly of one molecule (REMARK 350 BIOMT). */
export function assemblyMotions(pdb: string): readonly RigidMotion[] {
  const rows = pdb
    .split("\n")
    .filter((line) => line.startsWith("REMARK 350   BIOMT"))
    .map((line) => line.slice(23).trim().split(/\s+/).map(Number));
  return Array.from({ length: rows.length / 3 }, (_, i) => {
    const of = rows.slice(3 * i, 3 * i + 3);
    return { rotation: of.flatMap((row) => row.slice(0, 3)) as Matrix3, shift: of.map((row) => row[3]!) as Vector };
  });
}

/** The rigid motion that brings `moving` nearest to `fixed` (Kabsch). */
export function superpose(moving: readonly Vector[], fixed: readonly Vector[]): RigidMotion {
  const [from, to] = [centroid(moving), centroid(fixed)];
  const a = new Matrix(moving.map((p) => minus(p, from)));
  const b = new Matrix(fixed.map((p) => minus(p, to)));
  const svd = new SingularValueDecomposition(a.transpose().mmul(b));
  const [u, v] = [svd.leftSingularVectors.to1DArray(), svd.rightSingularVectors.to1DArray()];
  const determinant = Math.sign(det3(multiply(v, transpose(u))));
  const rotation = multiply(multiply(v, [1, 0, 0, 0, 1, 0, 0, 0, determinant]), transpose(u));
  return { rotation, shift: minus(to, apply(rotation, from)) };
}

function det3(m: Matrix3): number {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number];
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
