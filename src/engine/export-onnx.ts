/** @file A program with its weights as one ONNX file that any ONNX runtime opens. */
import { check } from "../core/errors.js";
import { type Graph, sizeOf, type Value } from "./graph.js";
import { encodeOnnx } from "./onnx-model.js";
import { simplify } from "./simplify.js";
import { type Program, type Shapes, trace } from "./tracing.js";

export interface ExportOnnxOptions {
  /** Name of the graph. @default "iolaus" */
  readonly name?: string;
  /** Kept in the file as text: what the inputs mean, units, versions. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an ONNX model (opset 17). `shapes` gives every input of the program; those in `weights` (Float32Array
 * of that shape) are stored in the file, the rest are the model's inputs, under their own names. Shapes are fixed.
 */
export function exportOnnx(
  program: Program,
  shapes: Shapes,
  weights: Readonly<Record<string, Float32Array>>,
  { name = "iolaus", metadata = {} }: ExportOnnxOptions = {},
): Uint8Array {
  for (const [key, array] of Object.entries(weights)) {
    const shape = shapes[key];
    check(shape !== undefined, "weights", `names of inputs: ${Object.keys(shapes).join(", ")}`, key);
    check(array.length === sizeOf(shape), `weights "${key}"`, `${sizeOf(shape)} numbers`, array.length);
  }
  const graph = trace(program, shapes, name);
  simplify(graph);
  const stored = new Map(
    graph.inputs.flatMap((input): [Value, Value][] => {
      const array = weights[input.name.slice("in_".length)];
      return array === undefined ? [] : [[input, graph.constant(array, input.shape, input.type)]];
    }),
  );
  graph.nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((v) => stored.get(v) ?? v) }));
  graph.inputs.splice(0, Infinity, ...graph.inputs.filter((input) => !stored.has(input)));
  usePublicNames(graph);
  return encodeOnnx(graph, { name, metadata });
}

/** Inputs and outputs by their own names; everything between gets a "/" in front, which no input is allowed. */
function usePublicNames(graph: Graph): void {
  const between = new Set(graph.nodes.flatMap((node) => [...node.inputs, ...node.outputs]));
  for (const value of between) if (!isPublic(value)) value.name = `/${value.name}`;
  const names = new Set<string>();
  for (const value of [...graph.inputs, ...graph.outputs]) {
    value.name = value.name.replace(/^(in|out)_/, "");
    check(!value.name.includes("/"), "name", 'no "/"', value.name);
    check(!names.has(value.name), "program", "inputs and outputs of different names", value.name);
    names.add(value.name);
  }
}

function isPublic({ name }: Value): boolean {
  return name.startsWith("in_") || name.startsWith("out_");
}
