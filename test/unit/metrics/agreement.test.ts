import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { adjustedRandIndex, adjustedRandIndexOfTable } from "../../../src/metrics/adjusted-rand-index.js";
import {
  confusionTable,
  confusionTableOf,
  matchClasses,
  restrictToColumns,
} from "../../../src/metrics/confusion-table.js";
import {
  normalisedMutualInformation,
  normalisedMutualInformationOfTable,
} from "../../../src/metrics/normalised-mutual-information.js";

/** Hydra's RyR mixture against cryoSPARC's labels, as the poster prints it (85,656 images). */
const names = ["RyR", "p97", "CIII", "Junk"];
const poster = confusionTableOf(names, names, [
  [60007, 34, 98, 167],
  [21, 7073, 192, 312],
  [16, 100, 7717, 2553],
  [523, 641, 2446, 3756],
]);

test("gives the published numbers of the RyR mixture", () => {
  const match = matchClasses(poster);
  expect(match.agreement.toFixed(4)).toBe("0.9171");
  expect(adjustedRandIndexOfTable(poster).toFixed(4)).toBe("0.9272");
  expect(normalisedMutualInformationOfTable(poster).toFixed(4)).toBe("0.7550");
  expect(match.recall.map((r) => r.toFixed(3))).toEqual(["0.991", "0.901", "0.738", "0.553"]);
  expect(match.precision.map((p) => p.toFixed(3))).toEqual(["0.995", "0.931", "0.743", "0.510"]);
  const proteins = restrictToColumns(poster, ["RyR", "p97", "CIII"]);
  expect(matchClasses(proteins).agreement.toFixed(4)).toBe("0.9939");
});

test("does not depend on the order of the found classes", () => {
  const order = [2, 0, 3, 1];
  const shuffled = confusionTableOf(
    [1, 2, 3, 4],
    names,
    order.map((row) => poster.counts[row]!),
  );
  expect(matchClasses(shuffled).columnOfRow).toEqual(order);
  expect(matchClasses(shuffled).recall).toEqual(matchClasses(poster).recall);
  expect(adjustedRandIndexOfTable(shuffled)).toBeCloseTo(adjustedRandIndexOfTable(poster), 12);
  expect(matchClasses(restrictToColumns(shuffled, ["RyR", "p97", "CIII"])).agreement.toFixed(4)).toBe("0.9939");
});

test("pairs classes for the largest total, not greedily", () => {
  // Taking the largest cell (10) first leaves 0; the best pairing has 9 + 9.
  const table = confusionTableOf(
    ["a", "b"],
    ["x", "y"],
    [
      [10, 9],
      [9, 0],
    ],
  );
  expect(matchClasses(table).columnOfRow).toEqual([1, 0]);
  expect(matchClasses(table).agreement).toBeCloseTo(18 / 28, 12);
});

test("leaves surplus classes unpaired, on either side", () => {
  const many = confusionTable([1, 1, 2, 3, 3, 3], ["a", "a", "a", "b", "b", "b"]);
  expect(matchClasses(many)).toMatchObject({ columnOfRow: [0, -1, 1], agreement: 5 / 6, precision: [1, 0, 1] });
  const few = confusionTable([1, 1, 1, 1], ["a", "b", "b", "b"]);
  expect(matchClasses(few)).toMatchObject({ columnOfRow: [1], agreement: 0.75, recall: [0, 1] });
});

test("agrees with scikit-learn on random labellings", () => {
  const path = new URL("../../golden/scikit-learn/values.json", import.meta.url);
  const { agreement } = JSON.parse(readFileSync(path, "utf8"));
  expect(agreement.length).toBe(6);
  for (const { a, b, ari, nmi } of agreement) {
    expect(adjustedRandIndex(a, b)).toBeCloseTo(ari, 10);
    expect(normalisedMutualInformation(a, b)).toBeCloseTo(nmi, 10);
  }
});

test("is 1 for the same classes under other names, and defined for a single class and for no images", () => {
  expect(adjustedRandIndex([0, 0, 1, 2], ["c", "c", "a", "b"])).toBe(1);
  expect(normalisedMutualInformation([0, 0, 1, 2], ["c", "c", "a", "b"])).toBeCloseTo(1, 12);
  expect(adjustedRandIndex([1, 1, 1], [5, 5, 5])).toBe(1);
  expect(normalisedMutualInformation([1, 1, 1], [5, 5, 5])).toBe(1);
  expect(normalisedMutualInformation([1, 1, 1, 1], [1, 1, 2, 2])).toBe(0);
  expect(adjustedRandIndex([], [])).toBe(1);
  expect(matchClasses(confusionTable([], [])).agreement).toBe(0);
});

test("sorts numeric classes by number", () => {
  expect(confusionTable([10, 9, 1], [1, 1, 1]).rows).toEqual([1, 9, 10]);
});

test("refuses labels that do not pair up", () => {
  expect(() => confusionTable([1, 2], [1])).toThrow("found: expected one label per reference label (1), got 2");
  expect(() => confusionTableOf(["a"], ["b"], [[-1]])).toThrow("non-negative integers");
  expect(() => restrictToColumns(poster, ["p98"])).toThrow("reference classes among RyR, p97, CIII, Junk, got p98");
});
