/** @file Values of a field at any number of frequencies, in chunks of a compiled size. */
import { check } from "../core/errors.js";
import { compile, type Program } from "../engine/compile.js";
import { type Field, type FieldConfig, fieldShapes, fieldValue } from "./field.js";
import type { FieldProgramOptions } from "./trainer.js";

export interface FieldEvaluator {
  readonly config: FieldConfig;
  /** Float32[n]: f at k, Float32[n 3] in cycles per pixel. `z`: Float32[zDim] for all points, or Float32[n zDim]. */
  values(field: Field, k: Float32Array, z: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Compile the evaluation of fields of this configuration. */
export async function createFieldEvaluator(config: FieldConfig, options: FieldProgramOptions): Promise<FieldEvaluator> {
  const chunked = await compileChunked(config, options, "field values", { values: 1 }, (inputs) => ({
    values: fieldValue(config, inputs["k"]!, inputs["z"], inputs),
  }));
  return {
    config,
    values: async (field, k, z) => (await chunked.run(field, k, z)).values,
    dispose: chunked.dispose,
  };
}

interface Chunked<Name extends string> {
  run(field: Field, k: Float32Array, z: Float32Array): Promise<Record<Name, Float32Array>>;
  dispose(): Promise<void>;
}

/** A program of P points made to serve any number of them; the last chunk is padded. `widths`: numbers per point. */
async function compileChunked<Name extends string>(
  config: FieldConfig,
  { points, ...engine }: FieldProgramOptions,
  name: string,
  widths: Readonly<Record<Name, number>>,
  body: Program,
): Promise<Chunked<Name>> {
  const { zDim } = config;
  const shapes = { ...fieldShapes(config), k: [points, 3], ...(zDim > 0 ? { z: [points, zDim] } : {}) };
  const program = await compile(body, shapes, { name, ...engine });
  const names = Object.keys(widths) as Name[];
  const arrays = (count: number): Record<Name, Float32Array> =>
    Object.fromEntries(names.map((key) => [key, new Float32Array(count * widths[key])])) as Record<Name, Float32Array>;
  const chunk = { k: new Float32Array(3 * points), z: new Float32Array(zDim * points), outputs: arrays(points) };

  const run = async (field: Field, k: Float32Array, z: Float32Array): Promise<Record<Name, Float32Array>> => {
    const count = k.length / 3;
    check(Number.isInteger(count), "k", "three numbers per point", k.length);
    const shared = z.length === zDim;
    check(shared || z.length === count * zDim, "z", `${zDim} or ${count * zDim} numbers`, z.length);
    const results = arrays(count);
    if (shared) for (let i = 0; i < points; i++) chunk.z.set(z, i * zDim);
    const inputs = { ...field.weights, k: chunk.k, ...(zDim > 0 ? { z: chunk.z } : {}) };
    for (let start = 0; start < count; start += points) {
      const end = Math.min(count, start + points);
      chunk.k.fill(0).set(k.subarray(3 * start, 3 * end));
      if (!shared) chunk.z.fill(0).set(z.subarray(zDim * start, zDim * end));
      await program.run(inputs, chunk.outputs);
      for (const key of names)
        results[key].set(chunk.outputs[key].subarray(0, (end - start) * widths[key]), start * widths[key]);
    }
    return results;
  };
  return { run, dispose: () => program.dispose() };
}
