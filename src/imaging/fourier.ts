/**
 * @file Discrete Fourier transforms of images and volumes of any even side.
 *
 *     F(k) = n^(−d/2) Σ_x I(x) exp(−2πi k·(x − n/2)/n),   k in Fourier pixels, wrapped to the corner
 *
 * Unitary: white noise of variance 1 per pixel has E|F|² = 1. The origin is pixel n/2, so an object
 * centred there has no phase ramp. Lines are transformed by fft.js, through Bluestein's chirp when the
 * side is not a power of two.
 */
import FFT from "fft.js";
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";

/** Complex array, interleaved (re, im): Float64[side^rank 2], DC first, frequencies wrapped. */
export interface FourierArray {
  readonly kind: "fourier-array";
  readonly side: number;
  readonly rank: 2 | 3;
  readonly values: Float64Array;
}

/** Transform of an image: Float32[side side] → DC-first complex. */
export function transformImage(pixels: Float32Array, side: number): FourierArray {
  check(pixels.length === side * side, "pixels", `${side}×${side} values`, pixels.length);
  return { kind: "fourier-array", side, rank: 2, values: forward(pixels, side, 2) };
}

/** Transform of a map. */
export function transformVolume(volume: Volume): FourierArray {
  return { kind: "fourier-array", side: volume.box, rank: 3, values: forward(volume.values, volume.box, 3) };
}

/** The image of a transform: Float32[side side]. The imaginary part is dropped. */
export function imageFromTransform(transform: FourierArray): Float32Array {
  return inverse(transform);
}

/** The map of a transform. */
export function volumeFromTransform(transform: FourierArray, pixelSizeAngstrom: number): Volume {
  return { kind: "volume", box: transform.side, pixelSizeAngstrom, values: inverse(transform) };
}

function forward(real: Float32Array, side: number, rank: 2 | 3): Float64Array {
  check(side > 0 && side % 2 === 0, "box", "a positive even side", side);
  const data = new Float64Array(2 * real.length);
  for (let i = 0; i < real.length; i++) data[2 * i] = real[i]!;
  transformAxes(data, side, rank, false);
  applyCentre(data, side, rank, side ** (-rank / 2));
  return data;
}

function inverse({ values, side, rank }: FourierArray): Float32Array {
  const data = values.slice();
  applyCentre(data, side, rank, side ** (-rank / 2));
  transformAxes(data, side, rank, true);
  const out = new Float32Array(data.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = data[2 * i]!;
  return out;
}

/** Multiply by (−1)^(Σk) · scale: moves the origin between pixel 0 and pixel n/2. */
function applyCentre(data: Float64Array, side: number, rank: 2 | 3, scale: number): void {
  const rows = side ** (rank - 1);
  for (let row = 0, i = 0; row < rows; row++) {
    const parity = rank === 2 ? row : Math.floor(row / side) + (row % side);
    for (let x = 0; x < side; x++, i += 2) {
      const factor = (parity + x) % 2 === 0 ? scale : -scale;
      data[i]! *= factor;
      data[i + 1]! *= factor;
    }
  }
}

/** Unnormalised transforms along every axis, in place. */
function transformAxes(data: Float64Array, side: number, rank: 2 | 3, backward: boolean): void {
  const line = new Float64Array(2 * side);
  const transform = lineTransform(side);
  const total = side ** rank;
  for (let stride = 1; stride < total; stride *= side)
    for (let start = 0; start < total; start++) {
      if (Math.floor(start / stride) % side !== 0) continue;
      for (let i = 0, at = 2 * start; i < side; i++, at += 2 * stride) {
        line[2 * i] = data[at]!;
        line[2 * i + 1] = backward ? -data[at + 1]! : data[at + 1]!;
      }
      transform(line);
      for (let i = 0, at = 2 * start; i < side; i++, at += 2 * stride) {
        data[at] = line[2 * i]!;
        data[at + 1] = backward ? -line[2 * i + 1]! : line[2 * i + 1]!;
      }
    }
}

export type LineTransform = (line: Float64Array) => void;
const plans = new Map<number, LineTransform>();

/** Forward transform of one interleaved complex line of `side` values, in place, not scaled. */
export function lineTransform(side: number): LineTransform {
  const known = plans.get(side);
  if (known !== undefined) return known;
  const plan = Number.isInteger(Math.log2(side)) && side > 1 ? powerOfTwo(side) : bluestein(side);
  plans.set(side, plan);
  return plan;
}

function powerOfTwo(side: number): LineTransform {
  const fft = new FFT(side);
  const out = new Float64Array(2 * side);
  return (line) => {
    fft.transform(out, line);
    line.set(out);
  };
}

/** Bluestein 1970: a transform of any length as a convolution with a chirp. */
function bluestein(side: number): LineTransform {
  const padded = 2 ** Math.ceil(Math.log2(2 * side - 1));
  const fft = new FFT(padded);
  const chirp = new Float64Array(2 * side);
  const kernel = new Float64Array(2 * padded);
  for (let i = 0; i < side; i++) {
    const angle = (Math.PI * ((i * i) % (2 * side))) / side;
    chirp[2 * i] = Math.cos(angle);
    chirp[2 * i + 1] = -Math.sin(angle);
    for (const at of i === 0 ? [0] : [i, padded - i]) {
      kernel[2 * at] = Math.cos(angle);
      kernel[2 * at + 1] = Math.sin(angle);
    }
  }
  const kernelTransform = new Float64Array(2 * padded);
  fft.transform(kernelTransform, kernel);
  const work = new Float64Array(2 * padded);
  const product = new Float64Array(2 * padded);
  return (line) => {
    work.fill(0);
    multiplyInto(work, line, chirp);
    fft.transform(product, work);
    multiplyInto(product, product, kernelTransform);
    fft.inverseTransform(work, product);
    multiplyInto(line, work.subarray(0, 2 * side), chirp);
  };
}

/** Element-wise complex product of `a` and `b` over the shorter of the two. */
function multiplyInto(out: Float64Array, a: Float64Array, b: Float64Array): void {
  const count = Math.min(a.length, b.length);
  for (let i = 0; i < count; i += 2) {
    const re = a[i]! * b[i]! - a[i + 1]! * b[i + 1]!;
    out[i + 1] = a[i]! * b[i + 1]! + a[i + 1]! * b[i]!;
    out[i] = re;
  }
}
