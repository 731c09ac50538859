import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { createFieldEvaluator } from "../../../src/field/evaluator.js";
import { type FieldConfig, initialiseField } from "../../../src/field/field.js";
import { createFieldTrainer, type FieldBatch, newFieldOptimiser } from "../../../src/field/trainer.js";
import { relativeError } from "../../support/compare.js";
import { pointHartley } from "../../support/known-fields.js";

const config: FieldConfig = { zDim: 2, frequencies: 12, width: 20, depth: 2, supportPixels: 8 };
const points = 96;

function randomBatch({ zDim }: FieldConfig, seed = 1): FieldBatch {
  const random = seededRandom(seed);
  const make = (size: number, scale: number): Float32Array =>
    Float32Array.from({ length: size }, () => scale * random.normal());
  return {
    k: make(3 * points, 0.1),
    ...(zDim > 0 ? { z: make(zDim * points, 1) } : {}),
    gain: make(points, 1),
    target: make(points, 1),
    weight: make(points, 1).map(Math.abs),
  };
}

describe.each([0, 2])("the training program with zDim = %i", (zDim) => {
  const here = { ...config, zDim };
  const field = initialiseField(here, seededRandom(2));
  const batch = randomBatch(here);

  test("is the same compiled and on the reference engine, loss and every gradient", async () => {
    const compiled = await createFieldTrainer(here, { points });
    const reference = await createFieldTrainer(here, { points, engine: "reference" });
    const [found, expected] = [await compiled.gradients(field, batch), await reference.gradients(field, batch)];
    expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(1e-5);
    expect(Object.keys(found.weights).sort()).toEqual(
      Object.keys(field.weights)
        .filter((n) => n !== "basis")
        .sort(),
    );
    for (const name in expected.weights)
      expect(relativeError(found.weights[name]!, expected.weights[name]!), name).toBeLessThan(1e-5);
    if (zDim > 0) expect(relativeError(found.z!, expected.z!)).toBeLessThan(1e-5);
    else expect(found.z).toBeUndefined();
  });

  test("has the weighted mean of squared residuals as its loss", async () => {
    const trainer = await createFieldTrainer(here, { points });
    const evaluator = await createFieldEvaluator(here, { points });
    const f = await evaluator.values(field, batch.k, batch.z ?? new Float32Array(0));
    let [sum, total] = [0, 0];
    for (let i = 0; i < points; i++) {
      sum += batch.weight[i]! * (batch.gain[i]! * f[i]! - batch.target[i]!) ** 2;
      total += batch.weight[i]!;
    }
    expect((await trainer.gradients(field, batch)).loss).toBeCloseTo(sum / total, 5);
  });

  test("has gradients that are finite differences of its loss", async () => {
    const trainer = await createFieldTrainer(here, { points });
    const { weights, z } = await trainer.gradients(field, batch);
    const gradients = { ...weights, ...(z ? { z } : {}) };
    for (const [name, gradient] of Object.entries(gradients).map(([n, g]) => [n, g.slice()] as const)) {
      const array = name === "z" ? batch.z! : field.weights[name]!;
      // Along the gradient itself the loss changes by |g|² per unit, the largest and so the best resolved slope.
      const norm = Math.hypot(...gradient);
      const before = array.slice();
      const loss = async (step: number): Promise<number> => {
        for (let i = 0; i < array.length; i++) array[i] = before[i]! + (step * gradient[i]!) / norm;
        return (await trainer.gradients(field, batch)).loss;
      };
      const h = 3e-3;
      const slope = ((await loss(h)) - (await loss(-h))) / (2 * h);
      array.set(before);
      // float32 losses and corners of ReLUs; a lost term or factor would show as tens of percent.
      expect(Math.abs(slope / norm - 1), name).toBeLessThan(0.02);
    }
  });
});

test("points of weight 0 change nothing", async () => {
  const trainer = await createFieldTrainer(config, { points });
  const field = initialiseField(config, seededRandom(2));
  const batch = randomBatch(config);
  batch.weight.fill(0, points / 2);
  const first = (await trainer.gradients(field, batch)).weights["input.weight"]!.slice();
  batch.target.fill(99, points / 2);
  expect((await trainer.gradients(field, batch)).weights["input.weight"]).toEqual(first);
});

test("a step moves every trained weight, leaves the basis, and repeats to the same bits", async () => {
  const trainer = await createFieldTrainer(config, { points });
  const train = async (): Promise<Record<string, Float32Array>> => {
    const field = initialiseField(config, seededRandom(2));
    const optimiser = newFieldOptimiser(1e-3);
    for (let i = 0; i < 3; i++) await trainer.step(field, optimiser, randomBatch(config, i));
    return field.weights;
  };
  const [once, start] = [await train(), initialiseField(config, seededRandom(2)).weights];
  expect(await train()).toEqual(once);
  for (const name in start) {
    const moved = once[name]!.some((w, i) => w !== start[name]![i]);
    expect(moved, name).toBe(name !== "basis");
  }
});

test("stops with a reason when the loss is not finite, before the weights are spoilt", async () => {
  const trainer = await createFieldTrainer(config, { points });
  const field = initialiseField(config, seededRandom(2));
  const batch = randomBatch(config);
  batch.target[3] = Number.NaN;
  await expect(trainer.step(field, newFieldOptimiser(1e-3), batch)).rejects.toMatchObject({ code: "diverged" });
  expect(field).toEqual(initialiseField(config, seededRandom(2)));
});

test("a field learns the transform of Gaussian beads, one of which follows z", async () => {
  const beads = [
    { p: [4, 2, -3], w: 1 },
    { p: [-5, 1, 2], w: 0.7 },
    { p: [1, -6, 4], w: 0.8 },
  ] as const;
  const sigma = 1.2;
  // H(k) = Σ w exp(−2π²σ²k²)(cos 2πk·p + sin 2πk·p); the last bead moves along x by z pixels.
  const truth = (k: Float32Array, z: number): number => {
    const damping = Math.exp(-2 * Math.PI ** 2 * sigma ** 2 * (k[0]! ** 2 + k[1]! ** 2 + k[2]! ** 2));
    return beads.reduce((sum, { p, w }, i) => {
      const [x, y, c] = p;
      return sum + 3 * w * damping * pointHartley(k, [i === 2 ? x + z : x, y, c]);
    }, 0);
  };
  const wide: FieldConfig = { zDim: 1, frequencies: 64, width: 64, depth: 1, supportPixels: 10 };
  const size = 512;
  const random = seededRandom(9);
  const draw = (): FieldBatch => {
    const k = Float32Array.from({ length: 3 * size }, () => 0.25 * (2 * random.uniform() - 1));
    const z = Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
    const gain = Float32Array.from({ length: size }, () => 0.5 + random.uniform());
    const target = gain.map((g, i) => g * truth(k.subarray(3 * i, 3 * i + 3), z[i]!));
    return { k, z, gain, target, weight: new Float32Array(size).fill(1) };
  };
  const field = initialiseField(wide, seededRandom(3));
  const trainer = await createFieldTrainer(wide, { points: size });
  const optimiser = newFieldOptimiser(5e-3);
  for (let i = 0; i < 800; i++) {
    optimiser.learningRate = i < 500 ? 5e-3 : 1e-3;
    await trainer.step(field, optimiser, draw());
  }
  const batch = draw();
  const power = batch.target.reduce((sum, y) => sum + y * y, 0) / size;
  // Unseen points: 97 % of the power explained; measured 98.9 %.
  expect((await trainer.gradients(field, batch)).loss / power).toBeLessThan(0.03);
});
