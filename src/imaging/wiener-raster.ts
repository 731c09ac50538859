/**
 * @file The raster that best explains images of given poses: back-projection in whitened units, Wiener-filtered by the
 * signal envelope, and nothing outside the particle's sphere.
 *
 *     S = Σ C x exp(+2πi k·t) / (Σ C² + 1 / envelope²)   on the oversampled grid, then a soft mask in real space
 *
 * The explicit counterpart of a neural field's training: one pass over the images instead of thousands of gradient
 * steps (methods 8.3). Worked out in the smallest box that holds the radius.
 */
import type { Volume } from "../core/types.js";
import { volumeFromAccumulators } from "./accumulated-volume.js";
import { addSlice, newAccumulator } from "./fourier-accumulator.js";
import { type FourierRaster, rasterFromVolume } from "./fourier-raster.js";
import type { PreparedReader } from "./prepared-reader.js";

/** Images with a pose each: rows of 9, as `POSE_STRIDE` (rows 0 and 1 of R, shift in pixels, score). */
export interface PosedRows {
  /** Int32[poses], indices into the working set. */
  readonly images: ArrayLike<number>;
  /** Float32[poses 9] */
  readonly poses: Float32Array;
}

const OVERSAMPLING = 2;
const STRIDE = 9;

/** Raster of the posed images within `radius` Fourier pixels, whitened units. */
export function wienerRaster(reader: PreparedReader, { images, poses }: PosedRows, radius: number): FourierRaster {
  const { set, plane } = reader;
  const points = reader.points(radius);
  const row = new Float32Array(2 * points);
  const contrast = new Float32Array(points);
  const sums = newAccumulator(radius, OVERSAMPLING);
  const slice = { kx: plane.kx, ky: plane.ky, points, row, contrast, box: set.box };
  for (let j = 0; j < images.length; j++) {
    reader.readRow(images[j]!, row);
    reader.readContrast(images[j]!, contrast);
    const at = j * STRIDE;
    addSlice(sums, slice, poses, at, { shiftX: poses[at + 6]!, shiftY: poses[at + 7]!, weight: 1 });
  }
  const box = leastBox(radius);
  const grid = { box, pixelSizeAngstrom: (set.box * set.pixelSizeAngstrom) / box };
  const power = Float64Array.from(set.signalEnvelope, (s) => s * s);
  const volume = volumeFromAccumulators([sums], grid, power);
  return rasterFromVolume(withinSphere(volume, set.diameterAngstrom), radius, OVERSAMPLING);
}

/** The smallest power of two that holds `radius` Fourier pixels. */
export function leastBox(radius: number): number {
  let box = 16;
  while (box / 2 < radius + 1) box *= 2;
  return box;
}

/** The map times a soft sphere: half at the diameter, the edge a tenth of the radius or two voxels wide. */
export function withinSphere(volume: Volume, diameterAngstrom: number): Volume {
  const { box, pixelSizeAngstrom } = volume;
  const radius = diameterAngstrom / 2 / pixelSizeAngstrom;
  const edge = Math.max(2, 0.1 * radius);
  const values = volume.values.slice();
  for (let z = 0, i = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, i++) {
        const beyond = (Math.hypot(x - box / 2, y - box / 2, z - box / 2) - radius) / edge + 0.5;
        if (beyond >= 1) values[i] = 0;
        else if (beyond > 0) values[i]! *= 0.5 + 0.5 * Math.cos(Math.PI * beyond);
      }
  return { ...volume, values };
}
