/** @file prototype */
import type { Volume } from "../core/types.js";
import { volumeFromAccumulators } from "../imaging/accumulated-volume.js";
import { addSlice, newAccumulator } from "../imaging/fourier-accumulator.js";
import { type FourierRaster, rasterFromVolume } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { POSE_STRIDE } from "../pose/pose-row.js";

export function wienerRaster(
  reader: PreparedReader,
  images: readonly number[],
  poses: Float32Array,
  radius: number,
  priorScale = 1,
): FourierRaster {
  const { set, plane } = reader;
  const points = reader.points(radius);
  const row = new Float32Array(2 * points);
  const contrast = new Float32Array(points);
  const acc = newAccumulator(radius, 2);
  const slice = { kx: plane.kx, ky: plane.ky, points, row, contrast, box: set.box };
  images.forEach((image, j) => {
    reader.readRow(image, row);
    reader.readContrast(image, contrast);
    const at = j * POSE_STRIDE;
    addSlice(acc, slice, poses, at, { shiftX: poses[at + 6]!, shiftY: poses[at + 7]!, weight: 1 });
  });
  let box = 16;
  while (box / 2 < radius + 1) box *= 2;
  const pixel = (set.box * set.pixelSizeAngstrom) / box;
  const power = Float64Array.from(set.signalEnvelope, (s) => priorScale * s * s);
  const volume = volumeFromAccumulators([acc], { box, pixelSizeAngstrom: pixel }, power);
  return rasterFromVolume(masked(volume, set.diameterAngstrom / 2), radius, 2);
}

export function masked(volume: Volume, radiusAngstrom: number): Volume {
  const { box, pixelSizeAngstrom } = volume;
  const values = volume.values.slice();
  const soft = Math.max(pixelSizeAngstrom * 2, radiusAngstrom * 0.1);
  for (let z = 0, i = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, i++) {
        const r = Math.hypot(x - box / 2, y - box / 2, z - box / 2) * pixelSizeAngstrom;
        const t = (r - radiusAngstrom) / soft + 0.5;
        if (t >= 1) values[i] = 0;
        else if (t > 0) values[i]! *= 0.5 + 0.5 * Math.cos(Math.PI * t);
      }
  return { ...volume, values };
}
