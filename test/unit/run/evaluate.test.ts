import { expect, test } from "vitest";
import { RADIANS_PER_DEGREE } from "../../../src/core/constants.js";
import { seededRandom } from "../../../src/core/random.js";
import {
  type Matrix3,
  multiply,
  randomRotation,
  rotationFromVector,
  rotationsOf,
} from "../../../src/geometry/rotation.js";
import { evaluate } from "../../../src/run/evaluate.js";
import { evaluationLines } from "../../../src/run/evaluation-text.js";
import type { RunParticles } from "../../../src/run/particle-table.js";
import type { Truth } from "../../../src/run/truth.js";

const MIRROR: Matrix3 = [1, 0, 0, 0, 1, 0, 0, 0, -1];
const COUNT = 60;

/** Two species in frames of their own, the second mirrored; classes named the other way round; keys in another order. */
function exampleRun(change: { readonly wrong?: number; readonly angleDeg?: number } = {}): [RunParticles, Truth] {
  const { wrong = 0, angleDeg = 0 } = change;
  const random = seededRandom(4);
  const frames = [randomRotation(random), randomRotation(random)];
  const species = Array.from({ length: COUNT }, (_, i) => i % 2);
  const rotations = species.map(() => randomRotation(random));
  const z = species.map(() => 2 * random.uniform() - 1);
  const found = rotations.map((R, i) => {
    const off = multiply(rotationFromVector([angleDeg * RADIANS_PER_DEGREE, 0, 0]), R);
    return species[i] === 0 ? multiply(off, frames[0]!) : multiply(multiply(MIRROR, multiply(off, frames[1]!)), MIRROR);
  });
  const classes = Int32Array.from(species, (s, i) => (i < wrong ? s : 1 - s));
  const keys = species.map((_, i) => `${i + 1}@a.mrcs`);
  const shifts = Float64Array.from({ length: 2 * COUNT }, () => 20 * random.uniform());
  const run: RunParticles = {
    keys,
    K: 2,
    zDim: 1,
    assignments: {
      classes,
      posterior: Float32Array.from({ length: 2 * COUNT }, (_, i) => (classes[i >> 1] === i % 2 ? 1 : 0)),
      poses: { rotations: rotationsOf(found), shiftsAngstrom: shifts },
      z: Float32Array.from(z, (v, i) => (species[i] === 0 ? -3 * v : v ** 3)),
      evidence: new Float64Array(COUNT),
      junk: new Float32Array(COUNT),
    },
  };
  const order = [...keys.keys()].reverse();
  const truth: Truth = {
    path: "truth.star",
    keys: order.map((i) => keys[i]!),
    species: order.map((i) => ["claw", "rod"][species[i]!]!),
    poses: {
      rotations: rotationsOf(order.map((i) => rotations[i]!)),
      shiftsAngstrom: Float64Array.from(order.flatMap((i) => [shifts[2 * i]!, shifts[2 * i + 1]!])),
    },
    conformation: Float64Array.from(order, (i) => z[i]!),
  };
  return [run, truth];
}

test("a perfect run is found perfect whatever its class names, frames, hands and order of particles", () => {
  const { adjustedRandIndex, species, count } = evaluate(...exampleRun());
  expect([count, adjustedRandIndex]).toEqual([COUNT, 1]);
  expect(species.map((s) => [s.species, s.classNumber, s.recall, s.precision])).toEqual([
    ["claw", 2, 1, 1],
    ["rod", 1, 1, 1],
  ]);
  expect(species.map(({ hand }) => hand)).toEqual(["same", "mirrored"]);
  for (const score of species) {
    expect(score.medianRotationErrorDeg).toBeLessThan(0.01);
    expect(score.medianShiftErrorAngstrom).toBeLessThan(0.01);
    // A latent's sign and scale are arbitrary; its order is not.
    expect(score.conformationCorrelation).toBeCloseTo(1, 10);
  }
});

test("ten of thirty images in the other class: recall, precision and table say so", () => {
  const { confusion, species, adjustedRandIndex } = evaluate(...exampleRun({ wrong: 20 }));
  expect(confusion.counts).toEqual([
    [10, 20],
    [20, 10],
  ]);
  for (const { recall, precision } of species) {
    expect(recall).toBeCloseTo(2 / 3, 12);
    expect(precision).toBeCloseTo(2 / 3, 12);
  }
  // Hubert & Arabie by hand: pairs in cells 2(45+190)=470, rows and columns 870 each, of 1770: E = 870²/1770.
  const expected = 870 ** 2 / 1770;
  expect(adjustedRandIndex).toBeCloseTo((470 - expected) / (870 - expected), 12);
});

test("a turn of every image about its own x axis is not aligned away", () => {
  const [run, truth] = exampleRun({ angleDeg: 25 });
  for (const { medianRotationErrorDeg } of evaluate(run, truth).species)
    expect(medianRotationErrorDeg).toBeGreaterThan(20);
});

test("a species without a class is judged as lost, and a particle without truth is refused by its key", () => {
  const [run, truth] = exampleRun();
  const one = { ...run, assignments: { ...run.assignments, classes: new Int32Array(COUNT) } };
  const lost = evaluate(one, truth).species.find((s) => s.classNumber === null)!;
  expect([lost.recall, lost.medianRotationErrorDeg, lost.medianShiftErrorAngstrom]).toEqual([0, 180, Infinity]);
  const other = { ...run, keys: run.keys.map((key) => key.replace("a.", "b.")) };
  expect(() => evaluate(other, truth)).toThrow("truth.star: expected the particle 1@b.mrcs of the run, got none");
});

test("junk is no class and no species: it is paired with junk alone, and has no poses", () => {
  const [run, truth] = exampleRun();
  // Ten of the first thirty are junk in truth, ten of the last thirty are taken for junk, and five of either.
  const classes = run.assignments.classes.map((k, i) => (i < 5 || i >= 50 ? -1 : k));
  const junk = new Set(Array.from({ length: 10 }, (_, i) => `${i + 1}@a.mrcs`));
  const species = truth.keys.map((key, row) => (junk.has(key) ? "junk" : truth.species[row]!));
  const found = { ...run, assignments: { ...run.assignments, classes } };
  const { agreement, confusion, species: scores } = evaluate(found, { ...truth, species });
  expect(confusion.rows).toEqual([1, 2, "junk"]);
  expect(confusion.columns).toEqual(["claw", "rod", "junk"]);
  expect(agreement).toBeCloseTo(45 / 60, 12); // 40 particles in their class, 5 junk
  expect(scores.find((score) => score.species === "junk")).toMatchObject({ classNumber: 0, recall: 0.5, images: 10 });
  expect(scores.find((score) => score.species === "junk")!.precision).toBeCloseTo(5 / 15, 12);
  const lines = evaluationLines(evaluate(found, { ...truth, species }));
  expect(lines.some((line) => /^junk +5 +5 +5$/.test(line.trimEnd()))).toBe(true);
  expect(lines.some((line) => line.startsWith("junk") && line.includes("50.0 %") && !line.includes("°"))).toBe(true);
});
