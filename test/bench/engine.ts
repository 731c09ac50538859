/**
 * @file One step of field, encoder and search: GFLOP/s, share of the measured peak of matrix products, and the same
 * step in PyTorch on the same threads, in turns.
 *
 * The peak is the rate of a bare product in ONNX Runtime, the fastest of square matrices and of the shapes of the steps,
 * of which the largest number alone leaves the engine: to write the product to other memory costs a tenth. It takes turns
 * with the step too: the median of the shares counts. `IOLAUS_THREADS`, `IOLAUS_BENCH_ENGINE` and `IOLAUS_BENCH_STEP`
 * choose. PyTorch's results must be ours before the clock starts.
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
  const peak = await fastestProduct(threads);
  console.log(`${threads} threads; the fastest matrix product: ${peak.name}`);
  console.log("step        GFLOP        ms   GFLOP/s      peak   of peak   PyTorch ms   ours/PyTorch");
  const field = { ...fieldPresets.large, zDim: 0, supportPixels: 20 };
  const steps = [fieldStep(field, 4096), encoderStep(32, 64, [32, 64, 128, 256]), scoreStep(64, 49, 157, 4608)];
  const wanted = process.env["IOLAUS_BENCH_STEP"];
  for (const step of steps)
    if (wanted === undefined || wanted === step.name) console.log(await line(step, threads, peak));
  await peak.dispose();
}

async function line(step: Step, threads: number, peak: Product): Promise<string> {
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
  const beside = await timeInPairs(ours, peak.run, ROUNDS);
  await program.dispose();
  const ms = median(first);
  const share = median(beside.first.map((t, i) => step.flop / t / (peak.flop / beside.second[i]!)));
  const cells = [
    step.name.padEnd(8),
    (step.flop / 1e9).toFixed(1).padStart(9),
    ms.toFixed(1).padStart(10),
    (step.flop / 1e6 / ms).toFixed(0).padStart(10),
    (peak.flop / 1e6 / median(beside.second)).toFixed(0).padStart(10),
    `${(100 * share).toFixed(0)} %`.padStart(10),
    (torch === undefined ? "absent" : median(second).toFixed(1)).padStart(13),
    (torch === undefined ? "" : median(first.map((t, i) => t / second[i]!)).toFixed(2)).padStart(15),
  ];
  return cells.join("");
}

interface Product {
  readonly name: string;
  /** Of one run, which takes as long as a step. */
  readonly flop: number;
  run(): Promise<void>;
  dispose(): Promise<void>;
}

/** Of one run of the products. */
const PEAK_FLOP = 8e9;

async function fastestProduct(threads: number): Promise<Product> {
  let best: (Product & { readonly rate: number }) | undefined;
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
    const times = Math.ceil(PEAK_FLOP / (2 * m * k * n));
    const flop = times * 2 * m * k * n;
    const run = async (): Promise<void> => {
      for (let i = 0; i < times; i++) await largest.run(inputs, outputs);
    };
    await run();
    const start = performance.now();
    for (let i = 0; i < 3; i++) await run();
    const rate = flop / (performance.now() - start);
    if (rate > (best?.rate ?? 0)) {
      await best?.dispose();
      best = { name: `${m} x ${k} x ${n}`, flop, rate, run, dispose: () => largest.dispose() };
    } else await largest.dispose();
  }
  return best!;
}
