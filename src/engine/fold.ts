/**
 * @file Kernels of constants alone are computed while the program is recorded, by tfjs's own JavaScript backend.
 * Large ones stay nodes: ONNX Runtime folds those itself, and the recorded graph stays small.
 */
import * as tf from "@tensorflow/tfjs";
import { type Graph, sizeOf, type Value } from "./graph.js";
import type { Attributes, Inputs } from "./kernels/kernel.js";

/** Elements of all inputs together, and of a result. */
const LARGEST = 1 << 16;

/** What tfjs-backend-cpu is beyond `KernelBackend`; its own types are not exported by @tensorflow/tfjs. */
interface ReferenceBackend extends tf.KernelBackend {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.BackendValues): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

/** The kernel's result as constants; undefined where it is not to be computed now. */
export function foldConstants(
  g: Graph,
  kernelName: string,
  inputs: Inputs,
  attributes: Attributes,
  /** Whether the kernel takes a list, not inputs by name. */
  asList: boolean,
): Value | Value[] | undefined {
  const values = Object.values(inputs);
  if (values.length === 0 || values.some((value) => value.constant === undefined)) return undefined;
  if (values.reduce((sum, value) => sum + sizeOf(value.shape), 0) > LARGEST) return undefined;
  const kernel = tf.getKernel(kernelName, "cpu");
  const backend = tf.findBackend("cpu") as ReferenceBackend | null;
  if (!kernel || !backend) return undefined;

  const infos = Object.entries(inputs).map(([name, value]): [string, tf.TensorInfo] => [
    name,
    backend.makeTensorInfo([...value.shape], value.type as tf.DataType, numbers(value)),
  ]);
  const result = kernel.kernelFunc({
    // tfjs's type knows names only; kernels of lists index into it.
    inputs: asList ? (infos.map(([, info]) => info) as unknown as tf.NamedTensorInfoMap) : Object.fromEntries(infos),
    backend,
    attrs: attributes,
  });
  const outputs = [result].flat() as tf.TensorInfo[];
  const small = outputs.every(({ shape }) => sizeOf(shape) <= LARGEST);
  const constants = outputs.map((info) => {
    const data = backend.readSync(info.dataId) as Float32Array | Int32Array | Uint8Array;
    const first = data[0] ?? 0;
    const uniform = data.every((x) => x === first);
    return g.constant(uniform ? first : data.slice(), [...info.shape], info.dtype as Value["type"]);
  });
  for (const info of [...infos.map(([, info]) => info), ...outputs]) backend.disposeIntermediateTensorInfo(info);
  if (!small) return undefined;
  return Array.isArray(result) ? constants : constants[0]!;
}

function numbers({ constant = 0, shape, type }: Value): tf.BackendValues {
  const Type = type === "int32" ? Int32Array : type === "bool" ? Uint8Array : Float32Array;
  return typeof constant === "number" ? new Type(sizeOf(shape)).fill(constant) : Type.from(constant);
}
