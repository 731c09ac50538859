/** @file A raster as a density map: its values at whole Fourier pixels, inverse-transformed. */
import type { Volume } from "../core/types.js";
import { volumeFromTransform } from "./fourier.js";
import type { FourierRaster } from "./fourier-raster.js";

export interface RasterVolumeOptions {
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  /** Fourier pixels. @default that of the raster */
  readonly radius?: number;
  /** Factor at |k| = 0, 1, 2 … Fourier pixels, linear between, constant beyond the last. @default 1 */
  readonly gain?: ArrayLike<number>;
  /** Whether the trilinear kernel was divided out of the raster (as `rasterFromVolume` does) and is put back. @default false */
  readonly undoKernel?: boolean;
}

/**
 * The map of a raster. Its values have the scale of unitary 2-D transforms of projections; a unitary 3-D transform is
 * smaller by √box.
 */
export function volumeFromRaster(raster: FourierRaster, options: RasterVolumeOptions): Volume {
  const { box, pixelSizeAngstrom, radius = raster.radius, gain, undoKernel = false } = options;
  const { size, oversampling } = raster;
  const middle = (size - 1) / 2;
  // The planes at ±box/2 are one and the same in a transform of even side: left out.
  const limit = Math.min(Math.floor(middle / oversampling), box / 2 - 1);
  const values = new Float64Array(2 * box ** 3);
  for (let z = -limit; z <= limit; z++)
    for (let y = -limit; y <= limit; y++)
      for (let x = -limit; x <= limit; x++) {
        const r = Math.hypot(x, y, z);
        if (r > radius) continue;
        const [fx, fy, fz] = [x, y, z].map((k) => k * oversampling + middle) as [number, number, number];
        const from = 2 * ((fz * size + fy) * size + fx);
        const to = 2 * ((((z + box) % box) * box + ((y + box) % box)) * box + ((x + box) % box));
        const factor = (gain === undefined ? 1 : between(gain, r)) / Math.sqrt(box);
        values[to] = raster.values[from]! * factor;
        values[to + 1] = raster.values[from + 1]! * factor;
      }
  const volume = volumeFromTransform({ kind: "fourier-array", side: box, rank: 3, values }, pixelSizeAngstrom);
  if (undoKernel) applyKernel(volume, box * oversampling);
  return volume;
}

function between(gain: ArrayLike<number>, r: number): number {
  const below = Math.min(gain.length - 1, Math.floor(r));
  const above = Math.min(gain.length - 1, below + 1);
  return gain[below]! + (r - below) * (gain[above]! - gain[below]!);
}

/** Times sinc²(x / padded) along each axis, in place. */
function applyKernel({ box, values }: Volume, padded: number): void {
  const kernel = Float64Array.from({ length: box }, (_, i) => {
    const x = (Math.PI * (i - box / 2)) / padded;
    return x === 0 ? 1 : (Math.sin(x) / x) ** 2;
  });
  for (let z = 0, i = 0; z < box; z++)
    for (let y = 0; y < box; y++) for (let x = 0; x < box; x++, i++) values[i]! *= kernel[z]! * kernel[y]! * kernel[x]!;
}
