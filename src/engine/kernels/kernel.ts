/**
 * @file What a row of the kernel table is: a tfjs kernel as ONNX nodes.
 *
 * A row takes the graph, the kernel's inputs by tfjs's names and its attributes, appends nodes and returns the
 * output or outputs. Gradients need no rows of their own: tfjs makes them out of kernels.
 */
import { IolausError } from "../../core/errors.js";
import type { Graph, Value } from "../graph.js";

export type Inputs = Readonly<Record<string, Value>>;
/** tfjs types each kernel's attributes apart; a table of all of them cannot. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Attributes = Readonly<Record<string, any>>;
export type Kernel = (g: Graph, inputs: Inputs, attributes: Attributes) => Value | Value[];
export type Kernels = Readonly<Record<string, Kernel>>;

/** `advice`: the nearest formulation that works. */
export function unsupported(g: Graph, what: string, advice: string): IolausError {
  return new IolausError("unsupported", `${g.name}: expected kernels with an ONNX form, got ${what}; ${advice}`);
}
