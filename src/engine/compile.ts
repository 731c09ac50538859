/**
 * @file Write it in TensorFlow.js, run it compiled: a program over tensors → one ONNX Runtime session.
 */
import * as ort from "onnxruntime-node";
import { check, IolausError } from "../core/errors.js";
import { blockConvolutions, blockSize } from "./blocked-convolution.js";
import { fuseForCpu } from "./cpu-fusions.js";
import { REFERENCE_BACKEND, runEagerly } from "./eager.js";
import { checkEngine, chooseEngine, ENGINE_NAMES, type EngineName } from "./engines.js";
import { replaceAngles } from "./gpu-angles.js";
import { type Graph, sizeOf } from "./graph.js";
import { encodeOnnx } from "./onnx-model.js";
import { pieceRows } from "./row-pieces.js";
import { type SessionOptions, shareSession } from "./session.js";
import { simplify } from "./simplify.js";
import { requireTensorflow } from "./tensorflow.js";
import { defaultThreads } from "./threads.js";
import { type Program, type Shapes, trace } from "./tracing.js";

export type { EngineName } from "./engines.js";
export type { Program, Shapes } from "./tracing.js";

/** Row-major numbers by name. */
export type Arrays = Readonly<Record<string, Float32Array>>;

export interface CompileOptions {
  /** "auto": the fastest that is really there (engines.ts). @default "cpu" */
  readonly engine?: EngineName | "auto";
  /** Threads of one run on the CPU. Default: the cores, at most 4; 1 inside worker threads; or `IOLAUS_THREADS`. */
  readonly threads?: number;
  /** For messages. */
  readonly name?: string;
}

export interface Compiled {
  readonly name: string;
  readonly engine: EngineName;
  /** Nodes of the recorded graph. */
  readonly nodeCount: number;
  readonly outputShapes: Shapes;
  /** All inputs by name. `outputs`: arrays to write into, for some or all of the results. */
  run(inputs: Arrays, outputs?: Record<string, Float32Array>): Promise<Record<string, Float32Array>>;
  dispose(): Promise<void>;
}

/**
 * Record `program` for inputs of the given shapes and make it ready to run.
 *
 * The program is called once, without data, so it must decide by shapes alone; random numbers drawn in it are
 * frozen. Inputs and results are float32; int32 and bool may be used in between.
 */
export async function compile(program: Program, shapes: Shapes, options: CompileOptions = {}): Promise<Compiled> {
  const { engine: wanted = "cpu", threads = defaultThreads(), name = "program" } = options;
  check(Number.isInteger(threads) && threads > 0, "threads", "a positive integer", threads);
  check(wanted === "auto" || ENGINE_NAMES.includes(wanted), "engine", `auto, ${ENGINE_NAMES.join(", ")}`, wanted);
  const engine = wanted === "auto" ? (await chooseEngine()).engine : wanted;
  await checkEngine(engine);
  const graph = trace(program, shapes, name);
  simplify(graph);
  const outputShapes = Object.fromEntries(graph.outputs.map((value) => [publicName(value.name), value.shape]));
  const described = { name, engine, nodeCount: graph.nodes.length, outputShapes };
  const compute =
    engine === "reference" || engine === "tensorflow"
      ? await prepareEager(program, shapes, engine)
      : await openSession(graph, shapes, outputShapes, { provider: engine, threads, name });
  let open = true;
  return {
    ...described,
    run: async (inputs, outputs = {}) => {
      if (!open) throw new IolausError("bad-argument", `${name}: expected a live program, got a disposed one`);
      checkArrays(`${name} input`, inputs, shapes, true);
      checkArrays(`${name} output`, outputs, outputShapes, false);
      return compute.run(inputs, outputs);
    },
    dispose: async () => {
      if (open) await compute.release();
      open = false;
    },
  };
}

interface Computation {
  run(inputs: Arrays, outputs: Record<string, Float32Array>): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

async function prepareEager(
  program: Program,
  shapes: Shapes,
  engine: "reference" | "tensorflow",
): Promise<Computation> {
  const backend = engine === "tensorflow" ? await requireTensorflow() : REFERENCE_BACKEND;
  return {
    run: async (inputs, outputs) => runEagerly(program, shapes, inputs, outputs, backend),
    release: async () => {},
  };
}

async function openSession(
  graph: Graph,
  shapes: Shapes,
  outputShapes: Shapes,
  options: Omit<SessionOptions, "keepTurned">,
): Promise<Computation> {
  if (options.provider === "webgpu") replaceAngles(graph);
  let keepTurned = false;
  if (options.provider === "cpu") {
    fuseForCpu(graph, options.threads);
    blockConvolutions(graph, await blockSize());
    keepTurned = pieceRows(graph, options.threads);
  }
  const { session, release } = await shareSession(encodeOnnx(graph), { ...options, keepTurned });
  const tensor = tensorCache();
  return {
    run: async (inputs, outputs) => {
      const feeds: Record<string, ort.Tensor> = {};
      for (const key in shapes) feeds[`in_${key}`] = tensor(`in_${key}`, inputs[key]!, shapes[key]!);
      const fetches: Record<string, ort.Tensor | null> = {};
      for (const key in outputShapes) {
        const array = outputs[key];
        fetches[`out_${key}`] = array === undefined ? null : tensor(`out_${key}`, array, outputShapes[key]!);
      }
      const results = await session.run(feeds, fetches);
      const arrays: Record<string, Float32Array> = {};
      for (const key in outputShapes) arrays[key] = outputs[key] ?? (results[`out_${key}`]!.data as Float32Array);
      return arrays;
    },
    release,
  };
}

/** Wrapping an array costs more than looking up the wrapper of last time. */
function tensorCache(): (key: string, array: Float32Array, shape: readonly number[]) => ort.Tensor {
  const cache = new Map<string, { readonly array: Float32Array; readonly tensor: ort.Tensor }>();
  return (key, array, shape) => {
    const known = cache.get(key);
    if (known?.array === array) return known.tensor;
    const tensor = new ort.Tensor("float32", array, shape);
    cache.set(key, { array, tensor });
    return tensor;
  };
}

function checkArrays(where: string, arrays: Arrays, shapes: Shapes, all: boolean): void {
  for (const key in arrays)
    check(key in shapes, where, `one of ${Object.keys(shapes).join(", ")}`, JSON.stringify(key));
  for (const key in shapes) {
    const [array, shape] = [arrays[key], shapes[key]!];
    if (array === undefined && !all) continue;
    check(array !== undefined, `${where} "${key}"`, `a Float32Array[${shape.join(" ")}]`, array);
    check(
      array.length === sizeOf(shape),
      `${where} "${key}"`,
      `[${shape.join(" ")}] = ${sizeOf(shape)} numbers`,
      array.length,
    );
  }
}

function publicName(name: string): string {
  return name.slice("out_".length);
}
