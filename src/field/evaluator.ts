/** @file Values of a field at any number of frequencies, in chunks of a compiled size. */
import { check } from "../core/errors.js";
import { compile } from "../engine/compile.js";
import { type Field, type FieldConfig, fieldShapes, fieldValue } from "./field.js";
import type { FieldProgramOptions } from "./trainer.js";

export interface FieldEvaluator {
  readonly config: FieldConfig;
  /**
   * Float32[n]: f at k, Float32[n 3] in cycles per pixel. `z`: Float32[zDim] for all points, or Float32[n zDim].
   */
  values(field: Field, k: Float32Array, z: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Compile the evaluation of fields of this configuration. */
export async function createFieldEvaluator(config: FieldConfig, options: FieldProgramOptions): Promise<FieldEvaluator> {
  const { points, ...engine } = options;
  const { zDim } = config;
  const program = await compile(
    (inputs) => ({ f: fieldValue(config, inputs["k"]!, inputs["z"], inputs) }),
    { ...fieldShapes(config), k: [points, 3], ...(zDim > 0 ? { z: [points, zDim] } : {}) },
    { name: "field values", ...engine },
  );
  const chunk = { k: new Float32Array(3 * points), z: new Float32Array(zDim * points), f: new Float32Array(points) };

  const values = async (field: Field, k: Float32Array, z: Float32Array): Promise<Float32Array> => {
    const count = k.length / 3;
    check(Number.isInteger(count), "k", "three numbers per point", k.length);
    const shared = z.length === zDim;
    check(shared || z.length === count * zDim, "z", `${zDim} or ${count * zDim} numbers`, z.length);
    const out = new Float32Array(count);
    const inputs = { ...field.weights, k: chunk.k };
    if (shared) for (let i = 0; i < points; i++) chunk.z.set(z, i * zDim);
    for (let start = 0; start < count; start += points) {
      const end = Math.min(count, start + points);
      chunk.k.fill(0).set(k.subarray(3 * start, 3 * end));
      if (!shared) chunk.z.fill(0).set(z.subarray(zDim * start, zDim * end));
      await program.run(zDim > 0 ? { ...inputs, z: chunk.z } : inputs, { f: chunk.f });
      out.set(chunk.f.subarray(0, end - start), start);
    }
    return out;
  };
  return { config, values, dispose: () => program.dispose() };
}
