/**
 * @file Write it in TensorFlow.js, run it compiled: a program over tensors → one ONNX Runtime session.
 */
import { availableParallelism } from "node:os";
import * as ort from "onnxruntime-node";
import { check, IolausError } from "../core/errors.js";
import { type Graph, sizeOf } from "./graph.js";
import { encodeOnnx } from "./onnx-model.js";
import { runEagerly } from "./reference.js";
import { simplify } from "./simplify.js";
import { type Program, type Shapes, trace } from "./tracing.js";

export type { Program, Shapes } from "./tracing.js";

/** `cpu`: compiled, ONNX Runtime. `reference`: eager, tfjs's own JavaScript backend; slow, the oracle of tests. */
export type EngineName = "cpu" | "reference";

/** Row-major numbers by name. */
export type Arrays = Readonly<Record<string, Float32Array>>;

export interface CompileOptions {
  /** @default "cpu" */
  readonly engine?: EngineName;
  /** Threads of one run. Default: the cores, at most 4; give 1 where worker threads share the cores. */
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
  const { engine = "cpu", threads = Math.min(4, availableParallelism()), name = "program" } = options;
  check(Number.isInteger(threads) && threads > 0, "threads", "a positive integer", threads);
  const graph = trace(program, shapes, name);
  simplify(graph);
  const outputShapes = Object.fromEntries(graph.outputs.map((value) => [publicName(value.name), value.shape]));
  const described = { name, engine, nodeCount: graph.nodes.length, outputShapes };
  if (engine === "reference") {
    return {
      ...described,
      run: async (inputs, outputs = {}) => {
        checkArrays(`${name} input`, inputs, shapes, true);
        checkArrays(`${name} output`, outputs, outputShapes, false);
        return runEagerly(program, shapes, inputs, outputs);
      },
      dispose: async () => {},
    };
  }
  check(engine === "cpu", "engine", "cpu or reference", engine);
  return { ...described, ...(await openSession(graph, shapes, outputShapes, threads)) };
}

async function openSession(
  graph: Graph,
  shapes: Shapes,
  outputShapes: Shapes,
  threads: number,
): Promise<Pick<Compiled, "run" | "dispose">> {
  const session = await createSession(graph, threads);
  const tensor = tensorCache();
  let open = true;
  return {
    run: async (inputs, outputs = {}) => {
      if (!open) throw new IolausError("bad-argument", `${graph.name}: expected a live program, got a disposed one`);
      checkArrays(`${graph.name} input`, inputs, shapes, true);
      checkArrays(`${graph.name} output`, outputs, outputShapes, false);
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
    dispose: async () => {
      if (open) await session.release();
      open = false;
    },
  };
}

async function createSession(graph: Graph, threads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(encodeOnnx(graph), {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      // Idle threads that spin would steal the cores of worker threads.
      extra: { session: { intra_op: { allow_spinning: "0" }, set_denormal_as_zero: "1" } },
    });
  } catch (cause) {
    throw new IolausError("internal", `${graph.name}: ONNX Runtime refused the recorded program: ${cause}`, { cause });
  }
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
