/**
 * @file Noise power per shell, from the corners of the images, where no particle is.
 *
 * The background (outside the particle circle) keeps its pixels, the circle is set to 0, and the power of
 * that masked image is divided by the fraction of pixels kept. Shell curves are smoothed over three shells.
 */
import type { HalfPlane } from "./half-plane.js";

/** Pixels outside the circle of `radiusPixels` around the centre: 1 there, 0 inside. Float32[box box]. */
export function backgroundMask(box: number, radiusPixels: number): Float32Array {
  const mask = new Float32Array(box * box);
  for (let y = 0, i = 0; y < box; y++)
    for (let x = 0; x < box; x++, i++) mask[i] = Math.hypot(x - box / 2, y - box / 2) > radiusPixels ? 1 : 0;
  return mask;
}

/** Mean and standard deviation of the pixels where `mask` is 1, and the sum of all: not finite when one is not. */
export function maskedMoments(
  pixels: Float32Array,
  mask: Float32Array,
): { mean: number; deviation: number; total: number } {
  let n = 0;
  let total = 0;
  let sum = 0;
  let square = 0;
  for (let i = 0; i < pixels.length; i++) {
    const v = pixels[i]!;
    const kept = mask[i]!;
    total += v;
    n += kept;
    sum += kept * v;
    square += kept * v * v;
  }
  const mean = sum / n;
  return { mean, deviation: Math.sqrt(Math.max(0, square / n - mean * mean)), total };
}

/** Adds masked images one at a time; `spectrum()` is E|F|² of the unitary transform per shell: Float64[box/2]. */
export function noiseSpectrum(plane: HalfPlane): {
  /** The half-plane of an image that is 0 in the circle, and the fraction of its area that is not. */
  add(row: Float32Array, kept: number): void;
  spectrum(): Float64Array;
} {
  const shells = plane.box / 2;
  const power = new Float64Array(shells);
  const points = new Float64Array(shells);
  for (let p = 0; p < plane.count; p++) points[plane.shell[p]!]! += 1;
  let images = 0;
  return {
    add(row, kept) {
      for (let p = 0; p < plane.count; p++) power[plane.shell[p]!]! += (row[2 * p]! ** 2 + row[2 * p + 1]! ** 2) / kept;
      images++;
    },
    spectrum() {
      const raw = power.map((p, s) => p / (points[s]! * images));
      raw[0] = raw[1]!;
      return raw.map((p, s) => (s < 2 || s > shells - 2 ? p : (raw[s - 1]! + 2 * p + raw[s + 1]!) / 4));
    },
  };
}
