/** @file Noise images of a known spectrum. */
import type { Random } from "../../src/core/random.js";
import { imageFromTransform, transformImage } from "../../src/imaging/fourier.js";

/** White noise of variance 1 whose Fourier coefficients at |k| Fourier pixels are multiplied by gain(|k|): Float32[box box]. */
export function colouredNoise(box: number, gain: (radius: number) => number, random: Random): Float32Array {
  const white = Float32Array.from({ length: box * box }, () => random.normal());
  const { values } = transformImage(white, box);
  for (let y = 0, at = 0; y < box; y++)
    for (let x = 0; x < box; x++, at += 2) {
      const g = gain(Math.hypot(Math.min(x, box - x), Math.min(y, box - y)));
      values[at]! *= g;
      values[at + 1]! *= g;
    }
  return imageFromTransform({ kind: "fourier-array", side: box, rank: 2, values });
}
