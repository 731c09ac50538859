import { expect, test } from "vitest";
import type { Assignments } from "../../../src/mixture/state.js";
import { foundLabels, scoreMixture } from "../../accuracy/mixture/score.js";

/** Labels from a table, a row for each class: [class, species, images]. */
function labels(cells: readonly (readonly [number, number, number])[]): [number[], number[]] {
  const each = cells.flatMap(([found, species, n]) => new Array<[number, number]>(n).fill([found, species]));
  return [each.map(([found]) => found), each.map(([, species]) => species)];
}

test("classes are paired with species, junk with junk", () => {
  const cells = [
    [0, 1, 30],
    [0, -1, 4],
    [1, 0, 50],
    [1, 1, 2],
    [-1, -1, 6],
    [-1, 0, 8],
  ] as const;
  const score = scoreMixture(...labels(cells), ["a", "b"]);
  expect(score.agreement).toBeCloseTo(86 / 100, 12);
  expect(score.junkRecall).toBeCloseTo(6 / 10, 12);
  expect(score.junkPrecision).toBeCloseTo(6 / 14, 12);
  expect(score.occupied).toBe(2);
  // Σ C(n,2): cells 435+6+1225+1+15+28 = 1710, rows 561+1326+91 = 1978, columns 1653+496+45 = 2194, all 4950.
  const expected = (1978 * 2194) / 4950;
  expect(score.ari).toBeCloseTo((1710 - expected) / ((1978 + 2194) / 2 - expected), 12);
  expect(score.lines.map((line) => line.split(/ {2,}/))).toEqual([
    ["", "a", "b", "junk"],
    ["class 1", "0", "30", "4"],
    ["class 2", "50", "2", "0"],
    ["junk", "8", "0", "6"],
  ]);
});

test("a class of junk is not found junk, and a class too many counts as wrong", () => {
  const score = scoreMixture(
    ...labels([
      [0, 0, 10],
      [1, 0, 5],
      [2, -1, 5],
    ]),
    ["a"],
  );
  expect(score.agreement).toBeCloseTo(10 / 20, 12);
  expect(score.junkRecall).toBe(0);
  expect(score.junkPrecision).toBeNaN();
});

test("an image whose posterior of being junk is above one half is junk", () => {
  const classes = Int32Array.of(0, 1, 2);
  const found = { classes, junk: Float32Array.of(0.2, 0.6, 0.5) } as unknown as Assignments;
  expect([...foundLabels(found)]).toEqual([0, -1, 2]);
  expect([...foundLabels({ classes } as Assignments)]).toEqual([0, 1, 2]);
});
