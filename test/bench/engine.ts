/**
 * @file One step of field, encoder and search: GFLOP/s, share of the measured peak of matrix products, and the same
 * step in PyTorch on the same threads, in turns.
 *
 * The peak is the best rate of a bare product in ONNX Runtime, of square matrices and of the shapes of the steps, of which
 * the largest number alone leaves the engine: to write the product to other memory costs a tenth. `IOLAUS_THREADS`, `IOLAUS_BENCH_ENGINE` and `IOLAUS_BENCH_STEP` choose. PyTorch's results must be ours before the clock starts.
 */
import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs";
import { type Compiled, compile, type EngineName } from "../../src/engine/compile.js";
import { fieldPresets } from "../../src/field/field.js";
import { encoderStep, fieldStep, type Step, scoreStep } from "../support/training-steps.js";
import { median, timeInPairs } from "./paired.js";
import { hasTorch, openTorch } from "./torch.js";

const ROUNDS = 31;
/** A GPU's, on a machine that has one. */
const engine = (process.env["IOLAUS_BENCH_ENGINE"] ?? "cpu") as EngineName;

export async function run(): Promise<void> {
  const threads = Number(process.env["IOLAUS_THREADS"] ?? Math.min(4, availableParallelism()));
  const peak = await matrixProductPeak(threads);
  console.log(`${threads} threads; matrix products reach ${peak.toFixed(0)} GFLOP/s`);
  console.log("step        GFLOP        ms   GFLOP/s   of peak   PyTorch ms   ours/PyTorch");
  const field = { ...fieldPresets.large, zDim: 0, supportPixels: 20 };
  const steps = [fieldStep(field, 4096), encoderStep(32, 64, [32, 64, 128, 256]), scoreStep(64, 49, 157, 4608)];
  const wanted = process.env["IOLAUS_BENCH_STEP"];
  for (const step of steps)
    if (wanted === undefined || wanted === step.name) console.log(await line(step, threads, peak));
}

async function line(step: Step, threads: number, peak: number): Promise<string> {
  const program = await compile(step.program, step.shapes, { threads, engine, name: step.name });
  const outputs = Object.fromEntries(
    Object.entries(program.outputShapes).map(([name, shape]) => [
      name,
      new Float32Array(shape.reduce((a, b) => a * b, 1)),
    ]),
  );
  const ours = (): Promise<unknown> => program.run(step.inputs, outputs);
  await ours();
  const torch = hasTorch ? openTorch(step, threads) : undefined;
  const value = Object.values(outputs)[0]![0]!;
  const theirs = torch === undefined ? value : await torch.run();
  if (!(Math.abs(theirs - value) < 1e-3 * Math.abs(value)))
    throw new Error(`${step.name}: expected PyTorch's ${theirs}, got ${value}`);
  const { first, second } = await timeInPairs(ours, torch?.run ?? ours, ROUNDS);
  torch?.dispose();
  await program.dispose();
  const ms = median(first);
  const rate = step.flop / 1e6 / ms;
  const cells = [
    step.name.padEnd(8),
    (step.flop / 1e9).toFixed(1).padStart(9),
    ms.toFixed(1).padStart(10),
    rate.toFixed(0).padStart(10),
    `${((100 * rate) / peak).toFixed(0)} %`.padStart(10),
    (torch === undefined ? "absent" : median(second).toFixed(1)).padStart(13),
    (torch === undefined ? "" : median(first.map((t, i) => t / second[i]!)).toFixed(2)).padStart(15),
  ];
  return cells.join("");
}

async function matrixProductPeak(threads: number): Promise<number> {
  let best = 0;
  for (const [m, k, n] of [
    [512, 512, 512],
    [1024, 1024, 1024],
    [2048, 2048, 2048],
    [4096, 512, 256],
    [3136, 314, 288],
  ] as const) {
    const shapes = { a: [m, k], b: [k, n] };
    const largest: Compiled = await compile(({ a, b }) => ({ c: tf.max(tf.matMul(a!, b!)) }), shapes, {
      threads,
      engine,
    });
    const inputs = { a: new Float32Array(m * k).fill(1), b: new Float32Array(k * n).fill(1) };
    const outputs = { c: new Float32Array(1) };
    for (let i = 0; i < 8; i++) {
      const start = performance.now();
      await largest.run(inputs, outputs);
      best = Math.max(best, (2 * m * k * n) / 1e6 / (performance.now() - start));
    }
    await largest.dispose();
  }
  return best;
}
