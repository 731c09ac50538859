/** @file A field as a density map: its values inside a ball of frequencies, inverse-transformed. */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { volumeFromTransform } from "../imaging/fourier.js";
import type { FieldEvaluator } from "./evaluator.js";
import type { Field } from "./field.js";
import { type RasterOptions, rasterise } from "./rasterise.js";

export interface DecodeOptions extends Omit<RasterOptions, "oversampling"> {
  readonly pixelSizeAngstrom: number;
}

/**
 * The map of `field` at z, up to `radius` Fourier pixels of its `box`.
 *
 * Field values have the scale of unitary 2-D transforms of projections; a unitary 3-D transform is smaller by √box.
 */
export async function decodeVolume(evaluator: FieldEvaluator, field: Field, options: DecodeOptions): Promise<Volume> {
  const { box, radius, pixelSizeAngstrom } = options;
  check(Number.isInteger(box) && box % 2 === 0, "box", "an even side", box);
  const raster = await rasterise(evaluator, field, { ...options, oversampling: 1 });
  const half = (raster.size - 1) / 2;
  // The planes at ±box/2 are one and the same in a transform of even side: left out.
  const limit = Math.min(half, box / 2 - 1);
  const values = new Float64Array(2 * box ** 3);
  for (let z = -limit; z <= limit; z++)
    for (let y = -limit; y <= limit; y++)
      for (let x = -limit; x <= limit; x++) {
        if (x * x + y * y + z * z > radius * radius) continue;
        const from = 2 * (((z + half) * raster.size + y + half) * raster.size + x + half);
        const to = 2 * ((((z + box) % box) * box + ((y + box) % box)) * box + ((x + box) % box));
        values[to] = raster.values[from]! / Math.sqrt(box);
        values[to + 1] = raster.values[from + 1]! / Math.sqrt(box);
      }
  return volumeFromTransform({ kind: "fourier-array", side: box, rank: 3, values }, pixelSizeAngstrom);
}
