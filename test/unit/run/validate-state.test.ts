import { cpSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation, rotationsOf } from "../../../src/geometry/rotation.js";
import { selectClass } from "../../../src/latent/select-by.js";
import { selectAll, selectKeys } from "../../../src/latent/selection.js";
import { compareRuns } from "../../../src/run/compare-runs.js";
import { openRun, type Run } from "../../../src/run/open-run.js";
import { writeParticleTable } from "../../../src/run/particle-table.js";
import { validateState } from "../../../src/run/validate-state.js";
import { knownRun, knownSet } from "../../support/known-run.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";

const at = temporaryFolder();
const set = knownSet(tinyRecipe(240, { snr: 1 }), at("data"));
const { assignments } = set.particles;

/** A run that found the truth; and the same with poses drawn at random. */
let [run, lost]: Run[] = [];

beforeAll(async () => {
  const random = seededRandom(1);
  const rotations = rotationsOf(set.particles.keys.map(() => randomRotation(random)));
  const guessed = { ...assignments, poses: { ...assignments.poses, rotations } };
  run = await knownRun(set, at("found"));
  cpSync(at("found"), at("lost"), { recursive: true });
  writeParticleTable(at("lost", "particles.csv"), { ...set.particles, assignments: guessed });
  lost = openRun(at("lost"));
});

test("a state of a run that found the truth has halves that agree, and agrees with the class map", async () => {
  const state = await validateState(run!, selectClass(run!.particles(), 1));
  expect(state.count).toBe(assignments.classes.filter((k) => k === 0).length);
  expect(state).toMatchObject({ classNumber: 1, of: state.count, interval: [state.count, state.count] });
  expect(state.poses.evenness).toBeGreaterThan(0.8);
  expect(Math.abs(state.leakage[0]!)).toBeLessThan(0.2);
  expect(state.backProjection.counts[0] + state.backProjection.counts[1]).toBe(state.count);
  expect(Math.abs(state.backProjection.counts[0] - state.backProjection.counts[1])).toBeLessThanOrEqual(1);
  expect(state.resolution.unmasked.correlation[4]).toBeGreaterThan(0.7);
  expect(state.classMapFsc.correlation[4]).toBeGreaterThan(0.8);
});

test("a state whose poses are chance does not agree with its class map", async () => {
  const state = await validateState(lost!, selectClass(lost!.particles(), 1));
  expect(state.classMapFsc.correlation[4]).toBeLessThan(0.5);
});

test("a part of a class is counted within its class", async () => {
  const { keys } = selectClass(run!.particles(), 2);
  const part = await validateState(run!, selectKeys(run!.particles(), keys.slice(0, 30)));
  expect(part).toMatchObject({ classNumber: 2, count: 30, of: keys.length });
  expect(part.interval[0]).toBeLessThan(30);
  expect(part.interval[1]).toBeGreaterThan(30);
});

test("particles of several classes, and too few, are refused", async () => {
  await expect(validateState(run!, selectAll(run!.particles()))).rejects.toThrow(
    "selection: expected particles of one class, got of classes 1, 2, 3; each class has a frame of its own",
  );
  const few = selectKeys(run!.particles(), run!.particles().keys.slice(0, 3));
  await expect(validateState(run!, few)).rejects.toThrow("selection: expected at least 20 particles, got 3");
});

test("runs are compared class by class: classes under other numbers agree, random poses do not", () => {
  const renumbered = {
    ...set.particles,
    assignments: { ...assignments, classes: assignments.classes.map((k) => (k + 1) % 3) },
  };
  const same = compareRuns(renumbered, run!.particles());
  expect(same).toMatchObject({ adjustedRandIndex: 1, agreement: 1 });
  expect(same.normalisedMutualInformation).toBeCloseTo(1, 12);
  expect(same.species.map(({ species, classNumber }) => [species, classNumber])).toEqual([
    ["class 1", 2],
    ["class 2", 3],
    ["class 3", 1],
  ]);
  for (const score of same.species) {
    expect(score.medianRotationErrorDeg).toBeLessThan(1e-3);
    expect(score.conformationCorrelation).toBeCloseTo(1, 12);
  }
  const chance = compareRuns(lost!.particles(), run!.particles());
  for (const score of chance.species) expect(score.medianRotationErrorDeg).toBeGreaterThan(30);
});

test("runs of other particles are not compared", () => {
  const others = { ...set.particles, keys: set.particles.keys.map((key) => `x${key}`) };
  expect(() => compareRuns(others, run!.particles(), "run 7")).toThrow(/^run 7: expected the particle x1@.* got none/);
});
