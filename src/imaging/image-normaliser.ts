/**
 * @file An image made ready for its transform: background of mean 0 and standard deviation 1, then a weight per pixel.
 *
 * The weights are the soft window (what is kept), or the background's mask (what the noise is measured on). Both are
 * circles in Å, the same for images of every grid.
 */
import type { ImageGrid } from "../core/types.js";
import { backgroundMask, maskedMoments } from "./noise-spectrum.js";

export interface ImageNormaliser {
  readonly grid: ImageGrid;
  /** Float32[box box]: 1 inside, 0 outside, a ramp between. */
  readonly window: Float32Array;
  /** Float32[box box]: 1 in the background, 0 in the particle's circle. */
  readonly mask: Float32Array;
  /** Write (pixels − mean) / deviation · weights to `out` from `at` on; why not, if the image is unfit. */
  normaliseInto(out: Float32Array, at: number, pixels: Float32Array, weights: Float32Array): string | undefined;
}

/** The window falls from 1 to 0 between these fractions of half the length. */
const WINDOW = [0.85, 0.99] as const;

/** For images of `grid`, a window that ends within `lengthAngstrom`, and a particle of `diameterAngstrom`. */
export function imageNormaliser(grid: ImageGrid, lengthAngstrom: number, diameterAngstrom: number): ImageNormaliser {
  const { box, pixelSizeAngstrom } = grid;
  const window = softWindow(box, lengthAngstrom / 2 / pixelSizeAngstrom);
  const mask = backgroundMask(box, diameterAngstrom / 2 / pixelSizeAngstrom);
  return {
    grid,
    window,
    mask,
    normaliseInto(out, at, pixels, weights) {
      const { mean, deviation, total } = maskedMoments(pixels, mask);
      if (!Number.isFinite(total)) return "NaN or infinite pixels";
      // Rounding gives a constant image of value v a deviation of about 1e-8 v.
      if (!(deviation > 1e-6 * Math.abs(mean))) return "the same value in every background pixel";
      const scale = 1 / deviation;
      for (let p = 0; p < pixels.length; p++) out[at + p] = (pixels[p]! - mean) * scale * weights[p]!;
      return undefined;
    },
  };
}

/** A linear ramp from 1 to 0 at the edge of a circle of `radius` pixels (methods 1.1): Float32[box box]. */
function softWindow(box: number, radius: number): Float32Array {
  const window = new Float32Array(box * box);
  for (let y = 0, i = 0; y < box; y++)
    for (let x = 0; x < box; x++, i++) {
      const r = Math.hypot(x - box / 2, y - box / 2) / radius;
      window[i] = Math.max(0, Math.min(1, 1 - (r - WINDOW[0]) / (WINDOW[1] - WINDOW[0])));
    }
  return window;
}
