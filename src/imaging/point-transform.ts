/**
 * @file The Fourier transform of weighted points anywhere in an image or volume, as good as exact.
 *
 *     F(k) = Σ_j w_j exp(−2πi k·p_j / n)      |k_a| < n/2
 *
 * Points are spread as Gaussians over a grid at least twice as fine, transformed, and the Gaussian divided out (Greengard
 * and Lee 2004, their kernel width). `SPREAD` grid points to either side leave an error of about 10^(−SPREAD) of Σ|w|:
 * far below single precision, at a cost per point that does not grow with the box.
 */
import { lineTransform } from "./fourier.js";

/** Grid points to either side. */
const SPREAD = 7;

/**
 * Float64[n^axes 2], DC first, zero at the Nyquist frequencies. `points`: Float64[count axes], pixels from the origin, x
 * first; `weights`: Float64[count].
 */
export function transformOfPoints(points: Float64Array, weights: Float64Array, box: number, axes: 2 | 3): Float64Array {
  const side = 2 ** Math.ceil(Math.log2(2 * box));
  const spread = SPREAD;
  const ratio = side / box;
  const variance = (spread * ratio) / (2 * Math.PI * (ratio - 0.5));
  const grid = spreadPoints({ points, weights, axes, ratio, side, spread, variance });
  const half = box / 2;
  const positive = Int32Array.from({ length: half }, (_, k) => k);
  const all = Int32Array.from({ length: box }, (_, k) => (k < half ? k : k - box));
  let values: Float64Array = grid;
  let inner = 1;
  for (let axis = 0; axis < axes; axis++) {
    const kept = axis === 0 ? positive : all;
    values = transformAxis(values, { side, inner, kept, outer: side ** (axes - 1 - axis), real: axis === 0 });
    inner *= kept.length;
  }
  return deconvolved(
    values,
    box,
    axes,
    Float64Array.from(all, (k) => gaussianGain(k / side, variance)),
  );
}

/** One over the transform of the Gaussian at `k` cycles per grid point. */
function gaussianGain(k: number, variance: number): number {
  return Math.exp(2 * Math.PI ** 2 * variance * k * k) / Math.sqrt(2 * Math.PI * variance);
}

interface Spreading {
  readonly points: Float64Array;
  readonly weights: Float64Array;
  readonly axes: 2 | 3;
  /** Grid points per pixel. */
  readonly ratio: number;
  readonly side: number;
  readonly spread: number;
  readonly variance: number;
}

/** Every point as a Gaussian on the periodic grid: Float64[side^axes]. Rows have room beyond their ends, folded back afterwards. */
function spreadPoints({ points, weights, axes, ratio, side, spread, variance }: Spreading): Float64Array {
  const width = 2 * spread;
  const pitch = side + width;
  const rows = new Float64Array(pitch * side ** (axes - 1));
  const value = [0, 1, 2].map(() => new Float64Array(width).fill(1));
  const first = new Int32Array(3);
  const tail = Float64Array.from({ length: width }, (_, i) => Math.exp(-((i - spread + 1) ** 2) / (2 * variance)));
  for (let j = 0; j < weights.length; j++) {
    for (let axis = 0; axis < axes; axis++) {
      const at = points[j * axes + axis]! * ratio;
      const below = Math.floor(at);
      const part = at - below;
      first[axis] = modulo(below - spread + 1, side);
      gaussianInto(value[axis]!, part, tail, variance);
    }
    const [vx, vy, vz] = value as [Float64Array, Float64Array, Float64Array];
    for (let c = 0; c < (axes === 3 ? width : 1); c++) {
      const plane = axes === 3 ? ((first[2]! + c) % side) * side : 0;
      for (let b = 0; b < width; b++)
        addScaled(rows, (plane + ((first[1]! + b) % side)) * pitch + first[0]!, vx, weights[j]! * vz[c]! * vy[b]!);
    }
  }
  return folded(rows, side, pitch);
}

/** exp(−(m − part)²/2v) = exp(−part²/2v) · exp(m part/v) · exp(−m²/2v), m from 1 − spread on. */
function gaussianInto(out: Float64Array, part: number, tail: Float64Array, variance: number): void {
  const step = Math.exp(part / variance);
  let factor = Math.exp((-part * part) / (2 * variance)) * step ** (1 - out.length / 2);
  for (let i = 0; i < out.length; i++, factor *= step) out[i] = factor * tail[i]!;
}

function addScaled(rows: Float64Array, at: number, values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i++) rows[at + i]! += factor * values[i]!;
}

function folded(rows: Float64Array, side: number, pitch: number): Float64Array {
  const grid = new Float64Array((rows.length / pitch) * side);
  for (let row = 0; row * pitch < rows.length; row++)
    for (let x = 0; x < pitch; x++) grid[row * side + (x % side)]! += rows[row * pitch + x]!;
  return grid;
}

function modulo(value: number, side: number): number {
  return ((value % side) + side) % side;
}

interface Axis {
  readonly side: number;
  readonly inner: number;
  readonly outer: number;
  /** Frequencies that are kept. */
  readonly kept: Int32Array;
  readonly real: boolean;
}

/** Transform along one axis of [outer side inner], complex or real: complex [outer kept inner]. */
function transformAxis(values: Float64Array, { side, inner, outer, kept, real }: Axis): Float64Array {
  const out = new Float64Array(2 * outer * kept.length * inner);
  const line = new Float64Array(2 * side);
  const transform = lineTransform(side);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      for (let s = 0; s < side; s++) {
        const from = (o * side + s) * inner + i;
        line[2 * s] = real ? values[from]! : values[2 * from]!;
        line[2 * s + 1] = real ? 0 : values[2 * from + 1]!;
      }
      transform(line);
      for (let k = 0; k < kept.length; k++) {
        const from = 2 * ((kept[k]! + side) % side);
        const to = 2 * ((o * kept.length + k) * inner + i);
        out[to] = line[from]!;
        out[to + 1] = line[from + 1]!;
      }
    }
  return out;
}

/** From [.. box half] without negative kx to the whole transform, each frequency times its gain along every axis. */
function deconvolved(half: Float64Array, box: number, axes: 2 | 3, gain: Float64Array): Float64Array {
  const out = new Float64Array(2 * box ** axes);
  const middle = box / 2;
  const depth = axes === 3 ? box : 1;
  for (let z = 0, from = 0; z < depth; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < middle; x++, from += 2) {
        if (y === middle || (axes === 3 && z === middle)) continue;
        const g = gain[x]! * gain[y]! * (axes === 3 ? gain[z]! : 1);
        const to = 2 * ((z * box + y) * box + x);
        out[to] = g * half[from]!;
        out[to + 1] = g * half[from + 1]!;
        if (x === 0) continue;
        const mirror = 2 * ((((box - z) % depth) * box + ((box - y) % box)) * box + box - x);
        out[mirror] = g * half[from]!;
        out[mirror + 1] = -g * half[from + 1]!;
      }
  return out;
}
