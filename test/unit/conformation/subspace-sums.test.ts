import { expect, test } from "vitest";
import { addToSubspace, newSubspaceSums, sealSubspace } from "../../../src/conformation/subspace-sums.js";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { addSlice, newAccumulator, sealed } from "../../../src/imaging/fourier-accumulator.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";

test("each mode's sums are those of a back-projection weighted by its moment", () => {
  const plane = halfPlane(16, 5);
  const random = seededRandom(2);
  const sums = newSubspaceSums(1, 5, 2);
  const [plain, weighted, squared] = [0, 1, 2].map(() => newAccumulator(5, 2));
  const contrast = new Float32Array(plane.count).fill(1);
  for (let i = 0; i < 4; i++) {
    const row = Float32Array.from({ length: 2 * plane.count }, () => random.normal());
    const pose = randomRotation(random);
    const [z, square] = [random.normal(), 1 + random.uniform()];
    addToSubspace(sums, plane, { y: row, squares: contrast }, pose, Float64Array.from([1, z, 1, z, square]));
    const slice = { kx: plane.kx, ky: plane.ky, points: plane.count, row, contrast, box: 16 };
    for (const [into, weight] of [
      [plain!, 1],
      [weighted!, z],
      [squared!, square],
    ] as const)
      addSlice(into, slice, pose, 0, { shiftX: 0, shiftY: 0, weight });
  }
  sealSubspace(sums);
  const [a, b, c] = [plain!, weighted!, squared!].map((part) => sealed([part]).sums);
  let furthest = 0;
  for (let cell = 0; cell < sums.sums.length / sums.width; cell++) {
    const found = sums.sums.subarray(cell * sums.width, (cell + 1) * sums.width);
    const from = 3 * cell;
    const expected = [a![from]!, a![from + 1]!, b![from]!, b![from + 1]!, a![from + 2]!, b![from + 2]!, c![from + 2]!];
    expected.forEach((value, q) => {
      furthest = Math.max(furthest, Math.abs(found[q]! - value));
    });
  }
  expect(furthest).toBeLessThan(1e-4);
});
