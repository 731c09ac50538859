import { beforeAll, expect, test } from "vitest";
import { openRun, type Run } from "../../../src/run/open-run.js";
import { writeParticleTable } from "../../../src/run/particle-table.js";
import { runLoop } from "../../../src/run/run-loop.js";
import { runStability } from "../../../src/run/run-stability.js";
import { fakeReconstruct } from "../../support/fake-reconstruction.js";
import { knownSet } from "../../support/known-run.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";

const at = temporaryFolder();
const set = knownSet(tinyRecipe(24, { box: 16 }), at("data"));
const { keys, assignments } = set.particles;
const PASSES = 8;

/** Classes after a pass: the truth under other numbers, but in pass 5 half of class 1 is in class 2. */
function after(pass: number): Int32Array {
  const truth = assignments.classes.map((k) => (k + pass) % 3);
  if (pass !== 5) return pass === PASSES ? assignments.classes : truth;
  const own = [...keys.keys()].filter((i) => assignments.classes[i] === 0);
  return truth.map((k, i) => (own.indexOf(i) % 2 === 1 ? (1 + pass) % 3 : k));
}

let run: Run;
let other: Run;

beforeAll(async () => {
  const knows: typeof fakeReconstruct = async function* (...given) {
    for await (const state of fakeReconstruct(...given))
      yield { ...state, assignments: () => ({ ...assignments, classes: after(state.pass) }) };
  };
  const options = { classes: 3, passes: PASSES, threads: 1 };
  await runLoop(set.files.particles, { ...options, out: at("run") }, knows);
  await runLoop(set.files.particles, { ...options, out: at("other") }, fakeReconstruct);
  run = openRun(at("run"));
  other = openRun(at("other"));
  // Another seed found the same under other numbers, and its table is in another order.
  const order = [...keys.keys()].reverse();
  const rows = { ...assignments, classes: Int32Array.from(order, (i) => (assignments.classes[i]! + 1) % 3) };
  writeParticleTable(at("other", "particles.csv"), {
    ...set.particles,
    keys: order.map((i) => keys[i]!),
    assignments: rows,
  });
});

test("the last five passes before the end are kept, by step and pass", () => {
  expect(run.classHistory().map(({ pass }) => pass)).toEqual([3, 4, 5, 6, 7]);
  expect(run.classHistory()[2]!.classes).toEqual(after(5));
});

test("a class that lost half of itself in one pass of five is less stable, whatever its number; the others are not", () => {
  const { passes, overPasses, overRuns } = runStability(run);
  expect([passes, overRuns]).toEqual([[3, 4, 5, 6, 7], null]);
  expect(overPasses!.classes).toEqual([1, 2, 3]);
  const [first, second, third] = overPasses!.jaccard;
  const sizes = [0, 1].map((k) => assignments.classes.filter((c) => c === k).length) as [number, number];
  const moved = Math.floor(sizes[0] / 2);
  expect(first).toBeCloseTo((4 + (sizes[0] - moved) / sizes[0]) / 5, 12);
  expect(second).toBeCloseTo((4 + sizes[1] / (sizes[1] + moved)) / 5, 12);
  expect(third).toBe(1);
});

test("other runs are joined by key: the same classes in another order and under other numbers are the same", () => {
  expect(runStability(run, [other]).overRuns).toMatchObject({ jaccard: [1, 1, 1], adjustedRandIndices: [1] });
});

test("a run of other particles is refused by name", () => {
  const foreign: Run = { ...other, particles: () => ({ ...other.particles(), keys: keys.map((key) => `x${key}`) }) };
  expect(() => runStability(run, [foreign])).toThrow(/other: expected particles of this list of 24, got 1@/);
});
