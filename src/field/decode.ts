/** @file A field as a density map: its values inside a ball of frequencies, inverse-transformed. */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { volumeFromRaster } from "../imaging/raster-volume.js";
import type { FieldEvaluator } from "./evaluator.js";
import type { Field } from "./field.js";
import { type RasterOptions, rasterise } from "./rasterise.js";

export interface DecodeOptions extends Omit<RasterOptions, "oversampling"> {
  readonly pixelSizeAngstrom: number;
}

/** The map of `field` at z, up to `radius` Fourier pixels of its `box`. */
export async function decodeVolume(evaluator: FieldEvaluator, field: Field, options: DecodeOptions): Promise<Volume> {
  const { box, radius, pixelSizeAngstrom } = options;
  check(Number.isInteger(box) && box % 2 === 0, "box", "an even side", box);
  const raster = await rasterise(evaluator, field, { ...options, oversampling: 1 });
  return volumeFromRaster(raster, { box, pixelSizeAngstrom, radius });
}
