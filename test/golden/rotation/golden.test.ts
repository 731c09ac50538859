import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  eulerFromRotation,
  geodesicRad,
  quaternionFromRotation,
  rotationFromEuler,
  rotationFromVector,
  transpose,
  vectorFromRotation,
} from "../../../src/geometry/rotation.js";

interface Case {
  readonly eulerDeg: [number, number, number];
  readonly matrix: readonly number[];
  readonly vector: [number, number, number];
  readonly quaternionWxyz: readonly number[];
}
const { cases } = JSON.parse(readFileSync(new URL("values.json", import.meta.url), "utf8")) as { cases: Case[] };
const close = (a: readonly number[], b: readonly number[]): void =>
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i]!, 10);
  });
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

test("there are 45 cases, four of them at the poles", () => {
  expect(cases).toHaveLength(45);
  expect(cases.filter(({ eulerDeg }) => eulerDeg[1] % 180 === 0)).toHaveLength(4);
});

test("RELION's matrix is the transpose of scipy's intrinsic ZYZ", () => {
  for (const { eulerDeg, matrix } of cases) {
    const [rot, tilt, psi] = eulerDeg.map(radians);
    close(rotationFromEuler(rot!, tilt!, psi!), matrix);
    const angles = eulerFromRotation(matrix);
    const again = rotationFromEuler(angles.rotRad, angles.tiltRad, angles.psiRad);
    expect(geodesicRad(again, matrix)).toBeLessThan(1e-6); // acos near 1 keeps half the digits
  }
});

test("its rotation vector and quaternion are those of the transpose, as cryoSPARC stores them", () => {
  for (const { matrix, vector, quaternionWxyz } of cases) {
    close(transpose(rotationFromVector(vector)), matrix);
    const halfTurn = Math.abs(Math.hypot(...vector) - Math.PI) < 1e-9; // either sign of the axis is right
    if (!halfTurn) close(vectorFromRotation(transpose(matrix)), vector);
    const sign = quaternionWxyz[0]! < 0 ? -1 : 1;
    const quaternion = quaternionFromRotation(transpose(matrix));
    if (!halfTurn)
      close(
        quaternion,
        quaternionWxyz.map((x) => sign * x),
      );
  }
});
