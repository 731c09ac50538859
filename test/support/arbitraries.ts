/** @file Random inputs for property tests. Use with a fixed seed. */
import fc from "fast-check";
import type { Matrix3 } from "../../src/geometry/rotation.js";
import { rotationFromQuaternion } from "../../src/geometry/rotation.js";

/** A real number from `min` to `max`. */
export function anyNumber(min: number, max: number): fc.Arbitrary<number> {
  return fc.double({ min, max, noNaN: true });
}

/** An angle, rad, −π..π. */
export const anyAngle: fc.Arbitrary<number> = anyNumber(-Math.PI, Math.PI);

/** Any rotation matrix (the corners of the quaternion cube among them). */
export const anyRotation: fc.Arbitrary<Matrix3> = fc
  .tuple(anyNumber(-1, 1), anyNumber(-1, 1), anyNumber(-1, 1), anyNumber(-1, 1))
  .filter((q) => Math.hypot(...q) > 0.1)
  .map((q) => rotationFromQuaternion(q));
