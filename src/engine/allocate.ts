/** @file Room for the inputs or outputs of a program. */
import { sizeOf } from "./graph.js";
import type { Shapes } from "./tracing.js";

/** An array of zeros for every shape, by name. */
export function allocate(shapes: Shapes): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]));
}
