import { DataFrame } from "danfojs-node";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { analyseLatents, canBeAnalysed, componentView, umapView } from "../../../src/latent/analysis.js";
import { latentSpace, latentSpaces, type ParticleLatents } from "../../../src/latent/latent-space.js";
import { analysisColumns, centreColumns, latentsFromTable } from "../../../src/latent/latent-tables.js";
import { selectCluster } from "../../../src/latent/select-by.js";

/** 120 particles: class 1 in two islands of z at ±5, class 2 on a line, taking turns 2 : 1. */
function twoClasses(): ParticleLatents {
  const random = seededRandom(2);
  const classes = Array.from({ length: 120 }, (_, i) => (i % 3 === 2 ? 1 : 0));
  const z = classes.flatMap((k, i) =>
    k === 0 ? [(i % 2 ? 5 : -5) + 0.3 * random.normal(), 0.3 * random.normal()] : [100 + i, 100 - i],
  );
  return { keys: classes.map((_, i) => `p${i}@s.mrcs`), zDim: 2, assignments: { classes, z } };
}

const options = { segments: 2, mostStates: 3, neighbours: 8, umap: { epochs: 40 } };

test("latents of a run are split by class: no space holds particles of two", () => {
  const run = twoClasses();
  const spaces = latentSpaces(run);
  expect(spaces.map(({ classNumber, keys }) => [classNumber, keys.length])).toEqual([
    [1, 80],
    [2, 40],
  ]);
  for (const { keys, indices, values, classNumber } of spaces)
    indices.forEach((index, i) => {
      expect(keys[i]).toBe(run.keys[index]);
      expect(run.assignments.classes![index]).toBe(classNumber - 1);
      expect(values[2 * i + 1]).toBe(run.assignments.z[2 * index + 1]);
    });
  expect(latentSpace(run, 2).keys[0]).toBe("p2@s.mrcs");
  expect(() => latentSpace(run, 3)).toThrow("classNumber: expected a class that holds particles (1, 2), got 3");
});

test("particles of no class are in no space, and latents without classes are one", () => {
  const { keys, zDim, assignments } = twoClasses();
  const junk = Array.from(assignments.classes!, (k, i) => (i < 10 ? -1 : k));
  const spaces = latentSpaces({ keys, zDim, assignments: { ...assignments, classes: junk } });
  expect(spaces.reduce((sum, s) => sum + s.keys.length, 0)).toBe(110);
  expect(latentSpaces({ keys, zDim, assignments: { z: assignments.z } }).map((s) => s.keys.length)).toEqual([120]);
});

test("an analysis of a class speaks of particles of the input: its tables, views and centres", () => {
  const run = twoClasses();
  const analysis = analyseLatents(latentSpace(run, 1), options);
  expect(analysis.states.K).toBe(2);
  const columns = analysisColumns(analysis);
  const table = new DataFrame(columns as Record<string, unknown[]>);
  expect(table.shape).toEqual([80, Object.keys(columns).length]);
  columns["key"]!.forEach((key, row) => {
    const index = Number(columns["particle"]![row]);
    expect(run.keys[index]).toBe(key);
    expect(columns["z1"]![row]).toBe(run.assignments.z[2 * index]);
    expect(columns["segment"]![row]).toBe(index % 2 ? 2 : 1); // the islands
    expect(columns["state"]![row]).toBe(index % 2 ? 2 : 1);
  });
  const centres = centreColumns(analysis);
  expect(centres["particles"]).toEqual([40, 40, 40, 40]);
  centres["centreKey"]!.forEach((key, row) => {
    const index = Number(centres["centreParticle"]![row]);
    expect(run.keys[index]).toBe(key);
    expect(index % 3).not.toBe(2); // a particle of this class
    expect(centres["z1"]![row]).toBe(run.assignments.z[2 * index]);
  });
  expect(umapView(analysis).keys).toEqual(analysis.space.keys);
  expect(componentView(analysis).x.length).toBe(80);
  expect(
    selectCluster(analysis.space, analysis.segments.labels, 2).keys.every(
      (key) => Number.parseInt(key.slice(1), 10) % 2,
    ),
  ).toBe(true);
});

test("coordinates that no particle of a class makes use of are no dimensions of it", () => {
  const keys = ["a", "b", "c", "d"];
  const z = [1, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0]; // three of each
  const spaces = latentSpaces({ keys, zDim: 3, assignments: { classes: [0, 1, 0, 2], z } });
  expect(spaces.map(({ dimension }) => dimension)).toEqual([1, 2, 1]);
  expect(spaces.map(({ values }) => [...values])).toEqual([[1, 3], [0, 2], [0]]);
});

test("the same seed gives the same analysis", () => {
  const space = latentSpace(twoClasses(), 1);
  expect(analyseLatents(space, options)).toEqual(analyseLatents(space, options));
});

test("a rigid class and a class of few particles are told apart and refused", () => {
  const keys = Array.from({ length: 30 }, (_, i) => `k${i}`);
  const [rigid] = latentSpaces({ keys, zDim: 1, assignments: { z: new Float64Array(30) } });
  expect(canBeAnalysed(rigid!)).toBe(false);
  expect(() => analyseLatents(rigid!)).toThrow(
    "class 1: expected at least 20 particles with different latents, got 30",
  );
  expect(() => latentSpaces({ keys, zDim: 0, assignments: { z: [] } })).toThrow("reconstruct with zDim ≥ 1");
  expect(() => latentSpaces({ keys, zDim: 2, assignments: { z: new Float64Array(30) } })).toThrow(
    "particles.assignments.z: expected coordinates of 30 particles, got 15",
  );
});

test("latents come in from a danfojs data frame and from columns alike, classes from 1", () => {
  const columns = { key: ["a", "b", "c"], class: [2, 1, 2], z1: [1, 2, 3], z2: [4, 5, 6] };
  for (const table of [columns, new DataFrame(columns) as unknown as typeof columns]) {
    const found = latentsFromTable(table);
    expect(found.zDim).toBe(2);
    expect(Array.from(found.assignments.z)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(latentSpaces(found).map((s) => s.keys)).toEqual([["b"], ["a", "c"]]);
  }
  expect(() => latentsFromTable({ key: ["a"], class: [0], z1: [1] })).toThrow(
    "table.class: expected class numbers from 1, got 0",
  );
  expect(() => latentsFromTable({ key: ["a"], z2: [1] })).toThrow("table: expected a column z1, got z2");
  expect(() => latentsFromTable({ z1: [1] })).toThrow("table: expected a column key, got z1");
});
