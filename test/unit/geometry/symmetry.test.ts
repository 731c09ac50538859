import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { asymmetricUnit } from "../../../src/geometry/asymmetric-unit.js";
import { geodesicRad, type Matrix3, multiply, randomRotation, rotationAt } from "../../../src/geometry/rotation.js";
import { symmetryOperators } from "../../../src/geometry/symmetry.js";
import { searchGrid } from "../../../src/pose/search-grid.js";

const ORDERS = { C1: 1, C2: 2, C5: 5, D1: 2, D3: 6, D7: 14, T: 12, O: 24, I: 60, I1: 60, I2: 60 };

test.each(Object.entries(ORDERS))("%s has %i rotations, each once, the identity first, closed", (name, order) => {
  const group = symmetryOperators(name);
  expect(group.count).toBe(order);
  const all = Array.from({ length: order }, (_, i) => rotationAt(group, i));
  expect(all[0]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const times = (m: Matrix3): number => all.filter((g) => geodesicRad(g, m) < 1e-6).length;
  for (const a of all) for (const b of all) expect(times(multiply(a, b))).toBe(1);
});

test.each(["C0", "C", "D", "X3", "OH", "I5", ""])("a group called “%s” is refused", (name) => {
  expect(() => symmetryOperators(name)).toThrow("symmetry: expected C1, Cn, Dn, T, O, I, I1 or I2");
});

describe("the asymmetric unit", () => {
  test.each(["C5", "D3", "T", "O", "I"])("of %s holds exactly one of the mates of every direction", (name) => {
    const random = seededRandom(4);
    const group = symmetryOperators(name);
    const inside = asymmetricUnit(name);
    for (let i = 0; i < 300; i++) {
      const [, , , , , , x, y, z] = randomRotation(random) as number[];
      let held = 0;
      for (let g = 0; g < group.count; g++) {
        const m = rotationAt(group, g);
        const mate = [0, 3, 6].map((row) => m[row]! * x! + m[row + 1]! * y! + m[row + 2]! * z!);
        if (inside(mate[0]!, mate[1]!, mate[2]!)) held++;
      }
      expect(held).toBe(1);
    }
  });

  test("grows with its margin, and refuses a negative one", () => {
    expect(asymmetricUnit("D2")(-0.6, 0, 0.8)).toBe(false);
    expect(asymmetricUnit("D2", 1.5)(-0.6, 0, 0.8)).toBe(true);
    expect(() => asymmetricUnit("D2", -0.1)).toThrow("marginRad: expected an angle of at least 0, got -0.1");
  });
});

describe("the search grid", () => {
  test.each([
    ["C1", 4608],
    ["C4", 1800],
    ["D7", 900],
    ["O", 700],
    ["I", 400],
  ])("of %s covers the rotations as the whole grid does, with at most %i of its 4,608", (name, most) => {
    const grid = searchGrid(2, name);
    expect(grid.count).toBeLessThanOrEqual(most);
    const group = symmetryOperators(name);
    const random = seededRandom(5);
    for (let i = 0; i < 40; i++) {
      const r = randomRotation(random);
      let least = Math.PI;
      for (let g = 0; g < group.count; g++) {
        const mate = multiply(r, rotationAt(group, g));
        for (let j = 0; j < grid.count; j++) {
          let trace = 0;
          for (let q = 0; q < 9; q++) trace += grid.matrices[9 * j + q]! * mate[q]!;
          least = Math.min(least, Math.acos(Math.min(1, (trace - 1) / 2)));
        }
      }
      expect((least * 180) / Math.PI).toBeLessThan(12.4); // the largest error of the whole grid (hopf-grid.ts)
    }
  });

  test("has half a turn in plane between a rotation and its partner in the other half", () => {
    const { count, matrices } = searchGrid(1, "D2");
    for (let r = 0; r < count / 2; r++)
      for (let j = 0; j < 9; j++)
        expect(matrices[9 * (r + count / 2) + j]).toBeCloseTo((j < 6 ? -1 : 1) * matrices[9 * r + j]!, 9);
  });
});
