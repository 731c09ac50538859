/**
 * @file A tfjs backend that computes nothing: it records kernel calls as a graph.
 *
 * tfjs differentiates by calling kernels, so `tf.valueAndGrads` in a program is recorded like everything else.
 * Tensors made outside the program, or from plain numbers inside it, become constants of the graph.
 */
import * as tf from "@tensorflow/tfjs";
import { IolausError } from "../core/errors.js";
import { foldConstants } from "./fold.js";
import { type ElementType, Graph, type Value } from "./graph.js";
import type { Attributes } from "./kernels/kernel.js";
import { nearestFormulation } from "./kernels/nearest.js";
import { KERNELS } from "./kernels/table.js";

export type Shapes = Readonly<Record<string, readonly number[]>>;
/** Tensors in, tensors out; `tf.tidy` is done by the caller. */
export type Program = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

const BACKEND = "iolaus-tracing";

type Numbers = Float32Array | Int32Array | Uint8Array;

/** What the backend knows of a tensor: a value of the graph it was recorded in, or actual numbers. */
interface Data {
  references: number;
  readonly constant?: { readonly numbers: Numbers; readonly shape: readonly number[]; readonly type: ElementType };
  graph?: Graph;
  value?: Value;
}

class TracingBackend extends tf.KernelBackend {
  /** The graph being recorded, if any. */
  recording: Graph | undefined;
  readonly #data = new WeakMap<object, Data>();

  /** Record `value` as a new tensor. */
  track(value: Value): tf.TensorInfo {
    const dataId = {};
    this.#data.set(dataId, { references: 1, graph: this.recording!, value });
    return { dataId, shape: [...value.shape], dtype: value.type as tf.DataType };
  }

  /** The value behind a tensor, in the graph being recorded. */
  recorded({ dataId, shape }: tf.TensorInfo): Value {
    const graph = this.recording!;
    // A tensor made on another backend is moved here, numbers and all.
    if (!this.#data.has(dataId)) tf.engine().moveData(this, dataId);
    const data = this.#data.get(dataId)!;
    if (data.graph === graph) return data.value!;
    if (data.constant === undefined)
      throw new IolausError("unsupported", `${graph.name}: got a tensor recorded in another program; pass it as input`);
    const { numbers, type } = data.constant;
    const first = numbers[0];
    data.graph = graph;
    data.value = graph.constant(numbers.every((x) => x === first) ? (first ?? 0) : numbers, shape, type);
    return data.value;
  }

  override write(values: tf.BackendValues | null, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.move(dataId, values!, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: object,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool")
      throw new IolausError("unsupported", `${this.#program()}: expected float32, int32 or bool tensors, got ${dtype}`);
    this.#data.set(dataId, { references, constant: { numbers: values as Numbers, shape, type: dtype } });
  }

  override readSync(dataId: object): tf.BackendValues {
    const constant = this.#data.get(dataId)?.constant;
    if (constant !== undefined) return constant.numbers;
    throw new IolausError(
      "unsupported",
      `${this.#program()}: expected tensors only, got a request for a tensor's numbers (dataSync, arraySync, print); ` +
        "a compiled program runs once without data, so compute with tensors and return what you need",
    );
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override incRef(dataId: object): void {
    const data = this.#data.get(dataId);
    if (data) data.references++;
  }

  override refCount(dataId: object): number {
    return this.#data.get(dataId)?.references ?? 0;
  }

  override disposeData(dataId: object, force = false): boolean {
    const data = this.#data.get(dataId);
    if (data) data.references--;
    return force || data === undefined || data.references <= 0;
  }

  override numDataIds(): number {
    return 0;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {}

  #program(): string {
    return this.recording?.name ?? "program";
  }
}

/** Run `program` once without data; its graph, with inputs and outputs under the program's own names. */
export function trace(program: Program, shapes: Shapes, name: string): Graph {
  const backend = tracingBackend();
  tf.backend(); // makes tfjs choose its default now, so that there is one to go back to
  const previous = tf.getBackend();
  const graph = new Graph(name);
  void tf.setBackend(BACKEND);
  backend.recording = graph;
  tf.engine().startScope(name);
  try {
    const inputs = Object.entries(shapes).map(([key, shape]): [string, tf.Tensor] => [
      key,
      tf.engine().makeTensorFromTensorInfo(backend.track(graph.input(key, shape))),
    ]);
    for (const [key, tensor] of Object.entries(program(Object.fromEntries(inputs))))
      graph.output(key, backend.recorded(tensor));
    return graph;
  } catch (cause) {
    const kernel = /Kernel '(.+)' not registered/.exec(cause instanceof Error ? cause.message : "")?.[1];
    if (kernel === undefined) throw cause;
    const where = `${name}: expected kernels with an ONNX form (docs/kernels.md)`;
    throw new IolausError("unsupported", `${where}, got ${kernel}; ${nearestFormulation(kernel)}`, { cause });
  } finally {
    tf.engine().endScope();
    backend.recording = undefined;
    void tf.setBackend(previous);
  }
}

let registered: TracingBackend | undefined;

function tracingBackend(): TracingBackend {
  if (registered !== undefined) return registered;
  const backend = new TracingBackend();
  tf.registerBackend(BACKEND, () => backend, 0);
  for (const [kernelName, emit] of KERNELS)
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const graph = backend.recording!;
        const values: Record<string, Value> = {};
        for (const [key, info] of Object.entries(inputs))
          if (info !== undefined) values[key] = backend.recorded(info as tf.TensorInfo);
        const attributes = (attrs ?? {}) as Attributes;
        const output =
          foldConstants(graph, kernelName, values, attributes, Array.isArray(inputs)) ??
          emit(graph, values, attributes);
        return Array.isArray(output) ? output.map((value) => backend.track(value)) : backend.track(output);
      },
    });
  registered = backend;
  return backend;
}
