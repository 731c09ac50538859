/**
 * @file The transform of a map in a box `oversampling` times as wide, inside a ball: only the lines that hold data
 * are transformed and only the frequencies inside the ball are kept.
 *
 *     F(g) = padded^(−3/2) Σ_x V(x) exp(−2πi g·x / padded),   x measured from the middle of the map
 */
import type { Volume } from "../core/types.js";
import { lineTransform } from "./fourier.js";

/** Half of the ball: Float32[size size half 2], gz and gy from −middle to middle, gx from 0. */
export interface HalfBall {
  readonly size: number;
  readonly half: number;
  readonly values: Float32Array;
}

/**
 * The transform of `volume` at |g| ≤ middle + 1, `size` = 2·middle + 1 cells across; times `scale`. `gain[i]` multiplies
 * the map at index i of each axis on the way. `middle` must be below box · oversampling / 2.
 */
export function paddedTransform(
  volume: Volume,
  oversampling: number,
  middle: number,
  gain: Float64Array,
  scale: number,
): HalfBall {
  const { box } = volume;
  const padded = box * oversampling;
  const [size, half] = [2 * middle + 1, middle + 1];
  const transform = lineTransform(padded);
  const line = new Float64Array(2 * padded);
  const wrap = (k: number): number => (k < 0 ? k + padded : k);
  // Two real rows at a time, as real and imaginary part.
  const rows = new Float64Array(2 * box * box * half);
  for (let row = 0; row < box * box; row += 2) {
    const z = Math.floor(row / box);
    const y = row % box;
    line.fill(0);
    for (let x = 0; x < box; x++) {
      const to = 2 * wrap(x - box / 2);
      line[to] = volume.values[row * box + x]! * gain[z]! * gain[y]! * gain[x]!;
      line[to + 1] = volume.values[(row + 1) * box + x]! * gain[z]! * gain[y + 1]! * gain[x]!;
    }
    transform(line);
    const [a, b] = [2 * row * half, 2 * (row + 1) * half];
    for (let x = 0; x < half; x++) {
      const [p, q] = [2 * x, 2 * ((padded - x) % padded)];
      rows[a + p] = 0.5 * (line[p]! + line[q]!);
      rows[a + p + 1] = 0.5 * (line[p + 1]! - line[q + 1]!);
      rows[b + p] = 0.5 * (line[p + 1]! + line[q + 1]!);
      rows[b + p + 1] = 0.5 * (line[q]! - line[p]!);
    }
  }
  const planes = new Float64Array(2 * box * size * half);
  for (let z = 0; z < box; z++)
    for (let x = 0; x < half; x++) {
      line.fill(0);
      for (let y = 0; y < box; y++) copyPair(line, 2 * wrap(y - box / 2), rows, 2 * ((z * box + y) * half + x));
      transform(line);
      for (let y = 0; y < size; y++) copyPair(planes, 2 * ((z * size + y) * half + x), line, 2 * wrap(y - middle));
    }
  const values = new Float32Array(2 * size * size * half);
  const factor = scale * padded ** -1.5;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < half; x++) {
      if ((y - middle) ** 2 + x * x > (middle + 1) ** 2) continue;
      line.fill(0);
      for (let z = 0; z < box; z++) copyPair(line, 2 * wrap(z - box / 2), planes, 2 * ((z * size + y) * half + x));
      transform(line);
      for (let z = 0; z < size; z++) {
        const to = 2 * ((z * size + y) * half + x);
        const from = 2 * wrap(z - middle);
        values[to] = factor * line[from]!;
        values[to + 1] = factor * line[from + 1]!;
      }
    }
  return { size, half, values };
}

function copyPair(to: Float64Array, at: number, from: Float64Array, source: number): void {
  to[at] = from[source]!;
  to[at + 1] = from[source + 1]!;
}
