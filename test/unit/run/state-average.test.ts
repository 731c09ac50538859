import { beforeAll, expect, test } from "vitest";
import { seededRandom, shuffledIndices } from "../../../src/core/random.js";
import type { Volume } from "../../../src/core/types.js";
import { backProject } from "../../../src/imaging/back-projection.js";
import { beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { readPreparedFacts } from "../../../src/imaging/prepared-cache.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { readVolume, writeVolume } from "../../../src/io/mrc.js";
import { sphericalMask } from "../../../src/metrics/soft-mask.js";
import { pearson } from "../../../src/metrics/spearman.js";
import type { Run } from "../../../src/run/open-run.js";
import { stateAverage } from "../../../src/run/state-average.js";
import { volumeAt } from "../../../src/run/volumes-along.js";
import { putFields } from "../../support/field-checkpoint.js";
import { fieldOfPoints } from "../../support/known-fields.js";
import { knownRun, knownSet } from "../../support/known-run.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";

const [BOX, PIXEL, Z] = [24, 12, 0.7];
const at = temporaryFolder();
const [claw] = tinyRecipe(3).species;
const flexible = { ...claw!, hinge: { ...claw!.hinge, angleDeg: 60 } };
const recipe = tinyRecipe(700, { box: BOX, pixelSizeAngstrom: PIXEL, snr: 1, species: [flexible], counts: [700] });
const set = knownSet(recipe, at("data"));
const truth = (z: number): Volume => beadVolume(beadModel(flexible, z, recipe.beadSigmaAngstrom), BOX, PIXEL);

/** A run that found every pose and z, and whose class map is the mean of all states. */
let run: Run;
const mean = { ...truth(0), values: new Float32Array(BOX ** 3) };

beforeAll(async () => {
  run = await knownRun(set, at("run"));
  for (let i = 0; i <= 20; i++)
    truth(i / 10 - 1).values.forEach((v, x) => {
      mean.values[x]! += v / 21;
    });
  writeVolume(at("run", "class_001.mrc"), mean);
});

function alike(a: Volume, b: Volume): number {
  const mask = sphericalMask(a, { radiusAngstrom: 0.35 * BOX * PIXEL });
  const within = ({ values }: Volume): Float32Array => values.filter((_, i) => mask[i]! > 0.5);
  return pearson(within(a), within(b));
}

test("the particles near z make the map at z, not the mean: the true state is told from the mean and from another", async () => {
  const before = readVolume(at("run", "class_001.mrc"));
  for (const z of [Z, -Z]) {
    const state = await stateAverage(run, 1, [z], { map: truth(z) });
    const { map } = state.backProjection;
    expect(state).toMatchObject({ kind: "state-average", classNumber: 1, of: 700 });
    expect(state.effectiveCount).toBeCloseTo(0.075 * 700, 3);
    expect(state.meanLatent[0]).toBeCloseTo(z, 1);
    expect(map.pixelSizeAngstrom).toBeCloseTo(PIXEL, 6);
    const [here, mean, there] = [truth(z), before, truth(-z)].map((other) => 1 - alike(map, other));
    expect(here).toBeLessThan(0.5 * mean!);
    expect(here).toBeLessThan(0.2 * there!);
    expect(state.correlation.decoded).toBeCloseTo(alike(map, truth(z)), 6);
    expect(state.correlation.classMap).toBeCloseTo(alike(map, before), 6);
    expect(1 - state.decodedFsc.correlation[6]!).toBeLessThan(0.5 * (1 - state.classMapFsc.correlation[6]!));
  }
});

test("the average is the back-projection of all images with Gaussian weights", async () => {
  const state = await stateAverage(run, 1, [Z], { map: truth(Z) });
  const { poses, z } = set.particles.assignments;
  const mean = z.reduce((sum, v) => sum + v / 700, 0);
  const h = state.width * Math.sqrt(z.reduce((sum, v) => sum + (v - mean) ** 2 / 700, 0));
  const facts = readPreparedFacts(at("run", "prepared.f32"))!;
  const reader = openPrepared({ ...facts, keys: set.particles.keys });
  const average = (weightAt: (v: number) => number): Volume =>
    backProject(reader, poses, { weights: Array.from(z, weightAt) }).map;
  const gaussian = average((v) => Math.exp(-((v - Z) ** 2) / (2 * h * h)));
  const window = average((v) => (Math.abs(v - Z) < 3.7 * h ? 1 : 0));
  reader.close();
  const difference = (other: Volume): number => {
    const { values } = state.backProjection.map;
    const square = other.values.reduce((sum, v, i) => sum + (v - values[i]!) ** 2, 0);
    return Math.sqrt(square / values.reduce((sum, v) => sum + v * v, 0));
  };
  expect(difference(gaussian)).toBeLessThan(0.01);
  expect(difference(window)).toBeGreaterThan(0.1);
});

test("a motion that is none is refuted: with z dealt at random the particles near it make the mean", async () => {
  const order = shuffledIndices(700, seededRandom(2));
  const z = set.particles.assignments.z.map((_, i) => set.particles.assignments.z[order[i]!]!);
  const lost = await knownRun(set, at("lost"), { ...set.particles, assignments: { ...set.particles.assignments, z } });
  writeVolume(at("lost", "class_001.mrc"), mean);
  const { correlation, decodedFsc, classMapFsc } = await stateAverage(lost, 1, [Z], { map: truth(Z) });
  expect(correlation.decoded).toBeLessThan(correlation.classMap - 0.05);
  expect(decodedFsc.correlation[4]!).toBeLessThan(classMapFsc.correlation[4]!);
});

test("without a map to be checked it is the decoded one; a width of one's own is taken", async () => {
  putFields(run, [fieldOfPoints([[2, 0, 0]], 1)]);
  const state = await stateAverage(run, 1, [0.2], { width: 0.5 });
  expect(state.width).toBe(0.5);
  // z is uniform in ±1: 2 √π h times the density, h of standard deviations 1/√3.
  expect(state.effectiveCount / ((2 * Math.sqrt(Math.PI) * 0.5 * 350) / Math.sqrt(3))).toBeCloseTo(1, 1);
  expect(state.decoded).toEqual(await volumeAt(run, 1, [0.2]));
  expect(Math.abs(state.correlation.decoded)).toBeLessThan(0.7); // a point is no claw
});

test("a place with too few particles, and a class that is not there, are refused", async () => {
  await expect(stateAverage(run, 1, [0], { width: 1e-3 })).rejects.toThrow(
    /z: expected at least 20 particles near, got \d+; widen the kernel, or go where there are more/,
  );
  await expect(stateAverage(run, 2, [0])).rejects.toThrow(
    "classNumber: expected a class that holds particles (1), got 2",
  );
});
