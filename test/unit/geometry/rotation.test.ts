import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import {
  eulerFromRotation,
  geodesicRad,
  IDENTITY,
  type Matrix3,
  multiply,
  quaternionFromRotation,
  randomRotation,
  rotationAt,
  rotationFromEuler,
  rotationFromQuaternion,
  rotationFromVector,
  rotationsOf,
  transpose,
  vectorFromRotation,
} from "../../../src/geometry/rotation.js";
import { anyAngle, anyNumber, anyRotation } from "../../support/arbitraries.js";

const DEGREE = Math.PI / 180;
const close = (a: readonly number[], b: readonly number[], digits = 9): void => {
  expect(a).toHaveLength(b.length);
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i]!, digits);
  });
};
const apply = (m: Matrix3, v: readonly number[]): number[] =>
  [0, 1, 2].map((i) => m[3 * i]! * v[0]! + m[3 * i + 1]! * v[1]! + m[3 * i + 2]! * v[2]!);

describe("Euler angles", () => {
  test("equal RELION's matrix at (40°, 70°, 110°)", () => {
    close(
      rotationFromEuler(40 * DEGREE, 70 * DEGREE, 110 * DEGREE),
      [-0.693633, 0.644654, 0.321394, -0.026356, -0.468591, 0.883022, 0.719846, 0.604023, 0.34202],
      6,
    );
  });

  test("the third row is the viewing direction (sin tilt cos rot, sin tilt sin rot, cos tilt)", () => {
    const [rot, tilt] = [0.4, 1.2];
    const want = [Math.sin(tilt) * Math.cos(rot), Math.sin(tilt) * Math.sin(rot), Math.cos(tilt)];
    close(rotationFromEuler(rot, tilt, 2.2).slice(6), want);
  });

  test("come back from the matrix, also at the poles, where rot is 0", () => {
    fc.assert(
      fc.property(anyRotation, (m) => {
        const { rotRad, tiltRad, psiRad } = eulerFromRotation(m);
        expect(geodesicRad(rotationFromEuler(rotRad, tiltRad, psiRad), m)).toBeLessThan(1e-6);
        expect(tiltRad).toBeGreaterThanOrEqual(0);
        expect(tiltRad).toBeLessThanOrEqual(Math.PI);
      }),
      { seed: 1, numRuns: 500 },
    );
    for (const tilt of [0, Math.PI])
      fc.assert(
        fc.property(anyAngle, anyAngle, (rot, psi) => {
          const m = rotationFromEuler(rot, tilt, psi);
          const angles = eulerFromRotation(m);
          expect(angles.rotRad).toBe(0);
          expect(angles.tiltRad).toBeCloseTo(tilt, 9);
          close(rotationFromEuler(angles.rotRad, angles.tiltRad, angles.psiRad), m);
        }),
        { seed: 1 },
      );
  });
});

describe("quaternions and rotation vectors", () => {
  test("a quarter turn about z takes x to y: active, right-handed", () => {
    const h = Math.SQRT1_2;
    close(apply(rotationFromQuaternion([h, 0, 0, h]), [1, 0, 0]), [0, 1, 0]);
    close(apply(rotationFromVector([0, 0, Math.PI / 2]), [1, 0, 0]), [0, 1, 0]);
    close(apply(rotationFromVector([Math.PI / 2, 0, 0]), [0, 1, 0]), [0, 0, 1]);
    close(apply(rotationFromVector([0, Math.PI / 2, 0]), [0, 0, 1]), [1, 0, 0]);
  });

  test("come back from the matrix, half turns and tiny turns included", () => {
    const isSame = (m: Matrix3): void => {
      const q = quaternionFromRotation(m);
      expect(Math.hypot(...q)).toBeCloseTo(1, 9);
      expect(q[0]).toBeGreaterThanOrEqual(0);
      close(rotationFromQuaternion(q), m);
      const v = vectorFromRotation(m);
      expect(Math.hypot(...v)).toBeLessThanOrEqual(Math.PI + 1e-9);
      close(rotationFromVector(v), m);
    };
    fc.assert(fc.property(anyRotation, isSame), { seed: 1, numRuns: 500 });
    for (const axis of [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0.6, -0.8, 0],
    ] as const)
      for (const angle of [0, 1e-9, 1e-5, 3.1, Math.PI])
        isSame(rotationFromVector([angle * axis[0], angle * axis[1], angle * axis[2]]));
  });

  test("a quaternion and its negative are one rotation, at any length", () => {
    close(rotationFromQuaternion([1, 2, 3, 4]), rotationFromQuaternion([-3, -6, -9, -12]));
    expect(() => rotationFromQuaternion([0, 0, 0, 0])).toThrow("quaternion: expected a non-zero quaternion");
  });
});

describe("rotation matrices", () => {
  test("multiply as linear maps do, the right one first", () => {
    const [a, b] = [rotationFromVector([0.3, 0.1, -0.5]), rotationFromVector([-1, 0.4, 0.2])];
    close(apply(multiply(a, b), [1, 2, 3]), apply(a, apply(b, [1, 2, 3])));
    close(multiply(a, transpose(a)), IDENTITY);
  });

  test("the distance is the angle of the turn between them", () => {
    fc.assert(
      fc.property(anyRotation, anyNumber(0.001, Math.PI), (m, angle) => {
        const turned = multiply(rotationFromVector([0, angle, 0]), m);
        expect(geodesicRad(m, turned)).toBeCloseTo(angle, 6);
      }),
      { seed: 1 },
    );
    expect(geodesicRad(IDENTITY, IDENTITY)).toBe(0);
  });

  test("random ones are uniform: P(angle < a) = (a − sin a)/π, and right-handed", () => {
    const random = seededRandom(1);
    const rotations = Array.from({ length: 4000 }, () => randomRotation(random));
    for (const a of [1, 2, 2.8]) {
      const share = rotations.filter((m) => geodesicRad(m, IDENTITY) < a).length / 4000;
      expect(Math.abs(share - (a - Math.sin(a)) / Math.PI)).toBeLessThan(0.03); // four standard errors
    }
    for (let axis = 0; axis < 9; axis++) {
      const mean = rotations.reduce((sum, m) => sum + m[axis]!, 0) / 4000;
      expect(Math.abs(mean)).toBeLessThan(0.04);
    }
    const m = rotations[0]!;
    const [[a, b, c], [d, e, f]] = [m.slice(0, 3), m.slice(3, 6)] as [number[], number[]];
    close([b! * f! - c! * e!, c! * d! - a! * f!, a! * e! - b! * d!], m.slice(6));
  });

  test("are kept in rows of nine", () => {
    const all = [rotationFromVector([1, 0, 0]), rotationFromVector([0, 1, 0])];
    const rotations = rotationsOf(all);
    expect(rotations).toMatchObject({ kind: "rotations", count: 2 });
    close(rotationAt(rotations, 1), all[1]!, 12);
  });
});
