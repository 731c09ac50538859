import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { rotationOfSix } from "../../../src/geometry/six-numbers.js";

test("rows 0 and 1 of a rotation, scaled and sheared, are that rotation again, its third row with them", () => {
  const random = seededRandom(2);
  for (let n = 0; n < 50; n++) {
    const r = randomRotation(random);
    const [a, b, c] = [0.2 + random.uniform(), random.normal(), 0.2 + random.uniform()];
    const v = [0, 1, 2].map((j) => a * r[j]!);
    const u = [0, 1, 2].map((j) => b * r[j]! + c * r[3 + j]!);
    const found = rotationOfSix([7, ...v, ...u], 1);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(r[i]!, 12);
    });
  }
});
