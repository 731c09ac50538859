import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { latentSpaces } from "../../../src/latent/latent-space.js";
import {
  selectClass,
  selectCluster,
  selectPolygon,
  selectProbability,
  selectRange,
} from "../../../src/latent/select-by.js";
import {
  both,
  either,
  minus,
  not,
  selectAll,
  selectionHistory,
  selectionRows,
  selectKeys,
} from "../../../src/latent/selection.js";
import { readSelection, writeSelection } from "../../../src/latent/selection-file.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const at = temporaryFolder();

/** Six particles in two classes, mixed. */
const run = {
  keys: ["f", "e", "d", "c", "b", "a"],
  zDim: 1,
  assignments: {
    classes: [1, 0, 1, 1, 0, 1],
    posterior: [0.1, 0.9, 0.8, 0.2, 0.4, 0.6, 0, 1, 0.7, 0.3, 0.05, 0.95],
    z: [10, 20, 30, 40, 50, 60],
  },
};

test("classes and probabilities select particles of the input, classes numbered from 1", () => {
  expect(selectClass(run, 2).keys).toEqual(["f", "d", "c", "a"]);
  expect([...selectClass(run, 2).indices]).toEqual([0, 2, 3, 5]);
  expect(selectClass(run, 1).keys).toEqual(["e", "b"]);
  expect(selectProbability(run, 2, 0.9).keys).toEqual(["f", "c", "a"]);
  expect(() => selectProbability(run, 3, 0.9)).toThrow("classNumber: expected a number from 1 to 2, got 3");
  expect(() => selectClass(run, 0)).toThrow("classNumber: expected a number from 1, got 0");
});

test("a cluster of a class selects particles of the input, not rows of the class", () => {
  const space = latentSpaces(run)[1]!;
  expect(space.classNumber).toBe(2);
  // Rows 1 and 2 of class 2 are particles 2 and 3 of the input; taken as positions they would be others.
  const selection = selectCluster(space, [0, 1, 1, 0], 2);
  expect(selection.keys).toEqual(["d", "c"]);
  expect([...selection.indices]).toEqual([2, 3]);
  expect(selection.step.what).toBe("cluster 2 of class 2");
  expect(() => selectCluster(space, [0, 1, 1, 0, 1, 1], 1)).toThrow(
    "labels: expected one for each of 4 particles of the class, got 6",
  );
});

test("an outline selects what lies inside, also where it bends inwards", () => {
  const view = {
    set: run,
    keys: run.keys,
    name: "a picture",
    x: [0.5, 1.5, 2.5, 1.5, 9, 1.5],
    y: [1, 0.5, 1, 2, 9, -1],
  };
  const u: [number, number][] = [
    [0, 0],
    [3, 0],
    [3, 3],
    [2, 3],
    [2, 1],
    [1, 1],
    [1, 3],
    [0, 3],
  ]; // a U
  expect(selectPolygon(view, u).keys).toEqual(["f", "e", "d"]);
  expect(selectPolygon(view, u).step.what).toBe(
    "inside (0, 0) (3, 0) (3, 3) (2, 3) (2, 1) (1, 1) (1, 3) (0, 3) in a picture",
  );
  expect(() => selectPolygon(view, u.slice(0, 2))).toThrow("corners: expected at least 3 corners, got 2");
});

test("an outline agrees with half-planes on convex shapes, wherever it starts and whichever way it turns", () => {
  const anyAngles = fc.uniqueArray(fc.integer({ min: 0, max: 359 }), { minLength: 3, maxLength: 9 });
  const coordinate = fc.double({ min: -1.2, max: 1.2, noNaN: true });
  fc.assert(
    fc.property(anyAngles, coordinate, coordinate, fc.nat(8), fc.boolean(), (angles, x, y, start, back) => {
      const corners = angles
        .sort((a, b) => a - b)
        .map((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)] as [number, number]);
      const wanted = corners.every(([x0, y0], n) => {
        const [x1, y1] = corners[(n + 1) % corners.length]!;
        return (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) > 0;
      });
      const turned = corners.map((_, n) => corners[(n + start) % corners.length]!);
      const view = { set: { keys: ["p"] }, keys: ["p"], name: "", x: [x], y: [y] };
      expect(selectPolygon(view, back ? turned.reverse() : turned).keys.length === 1).toBe(wanted);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("a range of a quantity takes its ends, and never NaN", () => {
  const defocus = { name: "defocus (Å)", keys: run.keys, values: [1, 2, 3, 4, Number.NaN, 2] };
  expect(selectRange(defocus, 2, 3).keys).toEqual(["e", "d", "a"]);
  const some = { name: "pc1", keys: ["b", "d"], values: [1, 2], set: run };
  expect([...selectRange(some, 0, 5).indices]).toEqual([2, 4]);
});

test("algebra is that of sets", () => {
  const anyKeys = fc.subarray(run.keys);
  fc.assert(
    fc.property(anyKeys, anyKeys, (a, b) => {
      const [A, B] = [selectKeys(run, a), selectKeys(run, b)];
      const keys = (isIn: (key: string) => boolean): string[] => run.keys.filter(isIn);
      expect(both(A, B).keys).toEqual(keys((k) => a.includes(k) && b.includes(k)));
      expect(either(A, B).keys).toEqual(keys((k) => a.includes(k) || b.includes(k)));
      expect(minus(A, B).keys).toEqual(keys((k) => a.includes(k) && !b.includes(k)));
      expect(not(A).keys).toEqual(keys((k) => !a.includes(k)));
      expect(both(A, B).keys).toEqual(not(either(not(A), not(B))).keys); // De Morgan
    }),
    { seed: 1 },
  );
});

test("the history says how a selection came about", () => {
  const sure = both(selectClass(run, 2), selectProbability(run, 2, 0.9));
  expect(selectionHistory(minus(sure, selectKeys(run, ["a"], "seen to be ice")))).toBe(
    [
      "in the first, not in: 2 of 6",
      "  in all of: 3 of 6",
      "    class 2: 4 of 6",
      "    probability of class 2 at least 0.9: 3 of 6",
      "  seen to be ice: 1 of 6",
    ].join("\n"),
  );
});

test("selections of a shuffled list combine by key, and their rows are found by key", () => {
  const shuffled = { keys: ["a", "c", "e", "b", "d", "f"] };
  const here = selectKeys(run, ["f", "e", "d"]);
  const there = selectKeys(shuffled, ["e", "d", "a"]);
  expect(both(here, there).keys).toEqual(["e", "d"]);
  expect([...both(here, there).indices]).toEqual([1, 2]); // in the first one's list
  expect([...both(there, here).indices]).toEqual([2, 4]);
  expect([...selectionRows(here, shuffled)]).toEqual([2, 4, 5]);
  expect(() => selectionRows(here, { keys: ["e", "d"] })).toThrow(
    "source: expected particles of this list of 2, got f",
  );
});

test("selections of other particles do not combine, be there as many", () => {
  const others = { keys: ["f", "e", "d", "c", "b", "A"] };
  expect(() => both(selectAll(run), selectAll(others))).toThrow(
    "selection 2: expected a selection of the same 6 particles, got one of 6, with A; make both from the same list",
  );
});

test("a selection is saved and read back, onto the same particles in any order", () => {
  const saved = minus(selectClass(run, 2), selectKeys(run, ["f"], "junk"));
  writeSelection(at("s.json"), saved);
  const back = readSelection(at("s.json"), run);
  expect(back.keys).toEqual(saved.keys);
  expect(selectionHistory(back)).toBe(selectionHistory(saved));
  const shuffled = readSelection(at("s.json"), { keys: ["a", "b", "c", "d", "e", "f"] });
  expect([...shuffled.indices]).toEqual([0, 2, 3]);
});

test("a selection of other particles, an edited one and a file that is none are refused", () => {
  writeSelection(at("t.json"), selectClass(run, 2));
  const fewer = { keys: ["c", "b", "a"] };
  expect(() => readSelection(at("t.json"), fewer)).toThrow(
    /t\.json: expected a selection of these 3 particles, got one of 6 particles, f among them; open the list/,
  );
  const partial = readSelection(at("t.json"), fewer, { partial: true });
  expect(partial.keys).toEqual(["c", "a"]);
  expect(selectionHistory(partial)).toMatch(/t\.json, as far as here: 2 of 3\n {2}class 2: 4 of 3/);
  writeFileSync(at("u.json"), readFileSync(at("t.json"), "utf8").replace('"d"', '"q"'));
  expect(() => readSelection(at("u.json"), run)).toThrow("expected keys of its own particle set, got others");
  writeFileSync(at("v.json"), "[1, 2");
  expect(() => readSelection(at("v.json"), run)).toThrow("v.json: expected a selection written by iolaus");
});

test("a list that holds a particle twice is refused", () => {
  expect(() => selectAll({ keys: ["a", "b", "a"] })).toThrow(
    "keys: expected every particle once, got a more than once",
  );
});
