/** @file The field's training step against bare ONNX Runtime matrix products of the same shapes, one thread. */
import * as tf from "@tensorflow/tfjs";
import { seededRandom } from "../../src/core/random.js";
import { type Compiled, compile } from "../../src/engine/compile.js";
import { type FieldConfig, fieldPresets, initialiseField } from "../../src/field/field.js";
import { createFieldTrainer, type FieldBatch, newFieldOptimiser } from "../../src/field/trainer.js";
import { relativeError } from "../support/compare.js";
import { median, timeInPairs } from "./paired.js";

const ROUNDS = 40;

export async function run(): Promise<void> {
  console.log("field training step (forward, backward, Adam) and the same matrix products alone");
  console.log("preset  zDim points   step ms  GFLOP/s   bare ms  GFLOP/s   step/bare");
  for (const [name, preset] of Object.entries(fieldPresets))
    for (const zDim of [0, 2]) {
      const config = { ...preset, zDim, supportPixels: 20 };
      await checkStep(config);
      for (const points of [1024, 2048]) console.log(await line(name, config, points));
    }
}

/** Compiled = reference, before anything is timed. */
async function checkStep(config: FieldConfig): Promise<void> {
  const points = 64;
  const field = initialiseField(config, seededRandom(1));
  const batch = makeBatch(config, points);
  const [compiled, reference] = await Promise.all([
    createFieldTrainer(config, { points }),
    createFieldTrainer(config, { points, engine: "reference" }),
  ]);
  const [found, expected] = [await compiled.gradients(field, batch), await reference.gradients(field, batch)];
  for (const name in expected.weights) {
    const error = relativeError(found.weights[name]!, expected.weights[name]!);
    if (!(error < 1e-5)) throw new Error(`gradient ${name}: relative error ${error} against the reference engine`);
  }
  await compiled.dispose();
}

async function line(name: string, config: FieldConfig, points: number): Promise<string> {
  const field = initialiseField(config, seededRandom(1));
  const batch = makeBatch(config, points);
  const trainer = await createFieldTrainer(config, { points, threads: 1 });
  const optimiser = newFieldOptimiser(1e-3);
  const bare = await bareProducts(config, points);
  const step = (): Promise<unknown> => trainer.step(field, optimiser, batch);
  const { first, second } = await timeInPairs(step, bare.run, ROUNDS);
  await trainer.dispose();
  await bare.dispose();
  const gigaflop = productFlop(config, points) / 1e9;
  const [a, b] = [median(first), median(second)];
  const ratio = median(first.map((t, i) => second[i]! / t));
  return [
    name.padEnd(8) + String(config.zDim).padStart(4) + String(points).padStart(7),
    a.toFixed(2).padStart(9) + ((1e3 * gigaflop) / a).toFixed(1).padStart(9),
    b.toFixed(2).padStart(10) + ((1e3 * gigaflop) / b).toFixed(1).padStart(9),
    `${(100 * ratio).toFixed(0)} %`.padStart(12),
  ].join("");
}

/** Every matrix product of a step, as rows × inner × columns. */
function productSizes({ zDim, frequencies, width, depth }: FieldConfig, points: number): [number, number, number][] {
  const layers: [number, number][] = [
    [2 * frequencies, width],
    ...(zDim > 0 ? [[zDim, width] as [number, number]] : []),
    ...Array.from({ length: depth }, (): [number, number] => [width, width]),
    [width, 1],
  ];
  const forward = layers.map(([from, to]): [number, number, number] => [points, from, to]);
  const weights = layers.map(([from, to]): [number, number, number] => [from, points, to]);
  // The plane waves are fixed, so nothing flows back through the first layer.
  const activations = layers.slice(1).map(([from, to]): [number, number, number] => [points, to, from]);
  return [[points, 3, 2 * frequencies], ...forward, ...weights, ...activations];
}

function productFlop(config: FieldConfig, points: number): number {
  return productSizes(config, points).reduce((sum, [m, k, n]) => sum + 2 * m * k * n, 0);
}

/** The same products chained as a step chains them, and nothing in between. */
async function bareProducts(
  { zDim, frequencies, width, depth }: FieldConfig,
  points: number,
): Promise<Pick<Compiled, "dispose"> & { run: () => Promise<unknown> }> {
  const shapes: Record<string, readonly number[]> = {
    ...{ k: [points, 3], basis: [3, 2 * frequencies], w0: [2 * frequencies, width], out: [width, 1] },
    ...(zDim > 0 ? { z: [points, zDim], latent: [zDim, width] } : {}),
  };
  for (let i = 1; i <= depth; i++) shapes[`w${i}`] = [width, width];
  const program = await compile(
    (t) => {
      const x = tf.matMul(t["k"]!, t["basis"]!);
      // The sum is the product's own third operand, as in the field.
      const latent = zDim > 0 ? tf.matMul(t["z"]!, t["latent"]!) : undefined;
      const first = tf.matMul(x, t["w0"]!);
      const h = [latent === undefined ? first : tf.add(first, latent)];
      for (let i = 1; i <= depth; i++) h.push(tf.matMul(h[i - 1]!, t[`w${i}`]!));
      const f = tf.matMul(h[depth]!, t["out"]!);
      const results: Record<string, tf.Tensor> = { out: tf.matMul(h[depth]!, f, true, false) };
      let d = tf.matMul(f, t["out"]!, false, true);
      for (let i = depth; i >= 1; i--) {
        results[`d${i}`] = tf.matMul(h[i - 1]!, d, true, false);
        d = tf.matMul(d, t[`w${i}`]!, false, true);
      }
      if (zDim > 0) {
        results["latent"] = tf.matMul(t["z"]!, d, true, false);
        results["z"] = tf.matMul(d, t["latent"]!, false, true);
      }
      return { ...results, d0: tf.matMul(x, d, true, false) };
    },
    shapes,
    { threads: 1, name: "bare products" },
  );
  const random = seededRandom(3);
  const inputs = arrays(shapes, (size) => {
    const scale = Math.sqrt(1 / width);
    return Float32Array.from({ length: size }, () => scale * random.normal());
  });
  const outputs = arrays(program.outputShapes, (size) => new Float32Array(size));
  return { run: () => program.run(inputs, outputs), dispose: program.dispose };
}

function arrays(
  shapes: Readonly<Record<string, readonly number[]>>,
  make: (size: number) => Float32Array,
): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(shapes).map(([name, s]) => [name, make(s.reduce((a, b) => a * b, 1))]));
}

function makeBatch({ zDim }: FieldConfig, points: number): FieldBatch {
  const random = seededRandom(2);
  const normal = (size: number, scale: number): Float32Array =>
    Float32Array.from({ length: size }, () => scale * random.normal());
  return {
    k: normal(3 * points, 0.1),
    z: normal(zDim * points, 1),
    gain: normal(points, 1),
    target: normal(points, 1),
    weight: new Float32Array(points).fill(1),
  };
}
