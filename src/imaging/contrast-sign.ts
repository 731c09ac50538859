/**
 * @file Whether particles are bright or dark, from the sign of their low-frequency signal.
 *
 *     t_i = Σ C Re x over |s| ≤ 1.2 / diameter          score = mean t / (standard deviation of t / √images)
 *
 * The average over all views of a particle's transform is that of a ball, positive up to 1.4 / diameter, and shifts
 * of a tenth of the image leave it so. With a CTF that is positive there (ours is), bright particles score above 0.
 */
import type { HalfPlane } from "./half-plane.js";

export interface ContrastSign {
  /** 1: bright particles on a dark background; −1: dark ones; 0: the images do not tell. */
  readonly sign: 1 | -1 | 0;
  /** Standard errors between the mean signal and 0; positive: bright. */
  readonly score: number;
}

/** A sign is told from this many standard errors on. */
const LEAST_SCORE = 4;

/** Adds images one at a time. */
export function contrastSignDetector(
  plane: HalfPlane,
  pixelSizeAngstrom: number,
  diameterAngstrom: number,
): { add(row: Float32Array, contrast: Float32Array): void; verdict(): ContrastSign } {
  const reach = Math.max(1, (1.2 * plane.box * pixelSizeAngstrom) / diameterAngstrom);
  let points = 0;
  while (points < plane.count && Math.hypot(plane.kx[points]!, plane.ky[points]!) <= reach) points++;
  let [images, sum, square] = [0, 0, 0];
  return {
    add(row, contrast) {
      let t = 0;
      for (let p = 0; p < points; p++) t += contrast[p]! * row[2 * p]!;
      images++;
      sum += t;
      square += t * t;
    },
    verdict() {
      const mean = sum / images;
      const error = Math.sqrt(Math.max(0, square / images - mean * mean) / Math.max(1, images - 1));
      const score = error > 0 ? mean / error : 0;
      return { sign: Math.abs(score) < LEAST_SCORE ? 0 : score > 0 ? 1 : -1, score };
    },
  };
}
