/**
 * @file Noise power per shell, from the corners of the images, where no particle is.
 *
 * The background (outside the particle circle) keeps its pixels, the circle is set to 0, and the power of
 * that masked image is divided by the fraction of pixels kept. Shell curves are smoothed over three shells.
 */
import { check } from "../core/errors.js";
import { transformImage } from "./fourier.js";

/** Pixels outside the circle of `radiusPixels` around the centre: 1 there, 0 inside. Float32[box box]. */
export function backgroundMask(box: number, radiusPixels: number): Float32Array {
  const mask = new Float32Array(box * box);
  for (let y = 0, i = 0; y < box; y++)
    for (let x = 0; x < box; x++, i++) mask[i] = Math.hypot(x - box / 2, y - box / 2) > radiusPixels ? 1 : 0;
  return mask;
}

/** Mean and standard deviation of the pixels where `mask` is 1. */
export function maskedMoments(pixels: Float32Array, mask: Float32Array): { mean: number; deviation: number } {
  let n = 0;
  let sum = 0;
  let square = 0;
  for (let i = 0; i < pixels.length; i++) {
    if (mask[i] === 0) continue;
    n++;
    sum += pixels[i]!;
    square += pixels[i]! * pixels[i]!;
  }
  const mean = sum / n;
  return { mean, deviation: Math.sqrt(Math.max(0, square / n - mean * mean)) };
}

/** Adds images one at a time; `spectrum()` is E|F|² of the unitary transform per shell: Float64[box/2]. */
export function noiseSpectrum(
  box: number,
  mask: Float32Array,
): { add(pixels: Float32Array, moments: { mean: number; deviation: number }): void; spectrum(): Float64Array } {
  const shells = box / 2;
  const power = new Float64Array(shells);
  const points = new Float64Array(shells);
  const kept = mask.reduce((a, b) => a + b, 0) / mask.length;
  check(
    kept > 0.02,
    "particle diameter",
    "a circle that leaves background in the corners",
    `${kept} of the image left`,
  );
  let images = 0;
  const work = new Float32Array(box * box);
  return {
    add(pixels, { mean, deviation }) {
      for (let i = 0; i < work.length; i++) work[i] = mask[i] === 0 ? 0 : (pixels[i]! - mean) / deviation;
      const { values } = transformImage(work, box);
      for (let y = 0; y < box; y++)
        for (let x = 0; x < box; x++) {
          const shell = Math.round(Math.hypot(x < shells ? x : x - box, y < shells ? y : y - box));
          if (shell >= shells) continue;
          const at = 2 * (y * box + x);
          power[shell]! += values[at]! ** 2 + values[at + 1]! ** 2;
          if (images === 0) points[shell]! += 1;
        }
      images++;
    },
    spectrum() {
      const raw = power.map((p, s) => p / (points[s]! * images * kept));
      return raw
        .map((p, s) => (s < 2 || s > shells - 2 ? p : (raw[s - 1]! + 2 * p + raw[s + 1]!) / 4))
        .map((p, s) => (s === 0 ? (raw[1] ?? p) : p));
    },
  };
}
