/**
 * @file The point groups of particles, in RELION's orientation: rotations g with V(g r) = V(r).
 *
 *     Cn   n-fold axis along z
 *     Dn   the same, and a 2-fold along x
 *     T    3-fold along z, 2-fold along (0, √⅔, √⅓)
 *     O    4-fold along z, 3-fold along (1, 1, 1)
 *     I, I2   2-folds along the axes, 5-fold along (0.5257, 0, 0.8507), in the xz plane;   I1   I2 turned by 90° about y
 *
 * R and R·g give the same image. Source: RELION's and Xmipp's tables of generators; `relion_refine
 * --print_symmetry_ops` prints the same matrices.
 */
import { check } from "../core/errors.js";
import type { Rotations } from "../core/types.js";
import { geodesicRad, IDENTITY, type Matrix3, multiply, rotationFromVector, rotationsOf } from "./rotation.js";

type Axis = readonly [fold: number, x: number, y: number, z: number];

const GOLDEN = (1 + Math.sqrt(5)) / 2;
const FIXED: Readonly<Record<string, readonly Axis[]>> = {
  T: [
    [3, 0, 0, 1],
    [2, 0, Math.SQRT2, 1],
  ],
  O: [
    [3, 1, 1, 1],
    [4, 0, 0, 1],
  ],
  I: [
    [2, 0, 0, 1],
    [5, 1, 0, GOLDEN],
    [3, 0, 1, GOLDEN ** 2],
  ],
  I1: [
    [2, 1, 0, 0],
    [5, GOLDEN, 0, -1],
    [3, GOLDEN ** 2, 1, 0],
  ],
};

/** All rotations of the group `name` (C1, C4, D2, T, O, I, I1, I2), the identity first. */
export function symmetryOperators(name: string): Rotations {
  const operators: Matrix3[] = [IDENTITY];
  const generators = generatorsOf(name).map(rotationAbout);
  for (let i = 0; i < operators.length; i++)
    for (const generator of generators) {
      const product = multiply(operators[i]!, generator);
      if (operators.every((known) => geodesicRad(known, product) > 1e-3)) operators.push(product);
    }
  return rotationsOf(operators);
}

function generatorsOf(name: string): readonly Axis[] {
  const upper = name.toUpperCase();
  const fixed = FIXED[upper === "I2" ? "I" : upper];
  if (fixed !== undefined) return fixed;
  const [, letter, digits] = /^([CD])([1-9]\d?)$/.exec(upper) ?? [];
  check(letter !== undefined, "symmetry", "C1, Cn, Dn, T, O, I, I1 or I2", name);
  const main: Axis = [Number(digits), 0, 0, 1];
  return letter === "C" ? [main] : [main, [2, 1, 0, 0]];
}

function rotationAbout([fold, x, y, z]: Axis): Matrix3 {
  const angle = (2 * Math.PI) / fold / Math.hypot(x, y, z);
  return rotationFromVector([x * angle, y * angle, z * angle]);
}
