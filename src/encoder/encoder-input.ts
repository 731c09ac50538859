/**
 * @file What the encoder sees: the particle as far as it can be told from the noise, on a small grid.
 *
 *     I = W F⁻¹[ C E² / (1 + C² E²) · x ] / scale
 *
 * x  whitened coefficients (noise of variance 1)      E  r.m.s. of the whitened signal per shell (signalEnvelope)
 * C  CTF                                              W  a soft circle, 1 inside
 *
 * That is Wiener's estimate of the signal: its phases are flipped where C < 0, and what noise buries is left out.
 * The grid covers the particle, not the box, and only frequencies that it holds enter: 32 pixels serve any box.
 */
import { check } from "../core/errors.js";
import { type HalfPlane, pointsWithin } from "../imaging/half-plane.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";

/** How images become inputs: plain data, kept with the trained network. */
export interface EncoderInput {
  /** Side of the working images, pixels, and their pixel size: the frame of shifts and frequencies. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly diameterAngstrom: number;
  readonly dataSign: 1 | -1;
  /** Side of the input, pixels, and what it covers. */
  readonly inputBox: number;
  readonly extentAngstrom: number;
  /** Float32[box/2]: E of the images that the network learnt from, and the noise they were whitened with. */
  readonly signalEnvelope: Float32Array;
  readonly noiseSigma: Float32Array;
  /** Standard deviation of I before it is divided by it. */
  readonly scale: number;
}

export interface InputReader {
  /** Fourier pixels of the box that enter, and how many points of the half-plane that are. */
  readonly radius: number;
  readonly points: number;
  /** Input pixels per working pixel. */
  readonly perPixel: number;
  /** Float32[inputBox inputBox] of whitened coefficients Float32[points 2] and their CTF. Valid until the next call. */
  image(row: Float32Array, contrast: Float32Array): Float32Array;
  /** The same of image `index` of the set. */
  read(index: number): Float32Array;
}

/** Images from which the scale is measured. */
const SCALE_IMAGES = 200;
/** The input covers the particle's circle and a little more: particles lie off the centre. */
const COVER = 1.1;
/** W falls from 1 to 0 between these fractions of the inscribed circle. */
const EDGE = [0.85, 1] as const;

/** Measure how the images of a working set become inputs of `inputBox` pixels. */
export function measureInput(reader: PreparedReader, inputBox: number): EncoderInput {
  const { set } = reader;
  const { box, pixelSizeAngstrom, diameterAngstrom, dataSign, signalEnvelope, noiseSigma } = set;
  const extentAngstrom = Math.min(box * pixelSizeAngstrom, COVER * diameterAngstrom);
  const unscaled = {
    ...{ box, pixelSizeAngstrom, diameterAngstrom, dataSign },
    ...{ inputBox, extentAngstrom, signalEnvelope, noiseSigma },
  };
  const input = createInputReader(reader, { ...unscaled, scale: 1 });
  const count = Math.min(SCALE_IMAGES, set.count);
  let square = 0;
  for (let i = 0; i < count; i++)
    for (const v of input.read(Math.floor((i * set.count) / count))) square += (v * v) / (count * inputBox ** 2);
  return { ...unscaled, scale: Math.sqrt(Math.max(square, 1e-20)) };
}

/** Read inputs from a working set, not necessarily the one they were measured on. */
export function createInputReader(reader: PreparedReader, facts: EncoderInput): InputReader {
  const { plane, set } = reader;
  const { inputBox: side, scale } = facts;
  check(set.box === facts.box, "box", `working images of ${facts.box} pixels, as in training`, set.box);
  const perPixel = (side * facts.pixelSizeAngstrom) / facts.extentAngstrom;
  const radius = Math.min(set.box / 2 - 1, Math.floor((set.box * perPixel) / 2 - 1e-9));
  const points = pointsWithin(plane, radius);
  const row = new Float32Array(2 * points);
  const contrast = new Float32Array(points);
  const envelope = envelopeFor(facts, set);
  const square = Float32Array.from({ length: points }, (_, p) => envelope[plane.shell[p]!]! ** 2);
  const coefficients = new Float32Array(2 * points);
  const draw = planeToGrid(plane, points, side, perPixel);
  const circle = softCircle(side);
  return {
    ...{ radius, points, perPixel },
    image(row, contrast) {
      for (let p = 0; p < points; p++) {
        const c = contrast[p]!;
        const gain = (c * square[p]!) / (1 + c * c * square[p]!) / scale;
        coefficients[2 * p] = gain * row[2 * p]!;
        coefficients[2 * p + 1] = gain * row[2 * p + 1]!;
      }
      const image = draw(coefficients);
      for (let i = 0; i < image.length; i++) image[i]! *= circle[i]!;
      return image;
    },
    read(index) {
      reader.readRow(index, row);
      reader.readContrast(index, contrast);
      return this.image(row, contrast);
    },
  };
}

/**
 * The unitary inverse transform of the first `points` of `plane`, sampled on `side`² pixels about the centre, `perPixel`
 * of them per pixel of the box. In two passes, with P(kx, k) = F(kx, k) + F(kx, −k) and Q = i F(kx, k) − i F(kx, −k):
 *
 *     I(x, y) = 2 Σ_{k ≥ 0} cos(k y) Re Σ_kx P e^{i kx x} + sin(k y) Re Σ_kx Q e^{i kx x}
 *
 * Cosines are even and sines odd, so both passes do half of the grid and mirror it.
 */
function planeToGrid(
  { box, kx, ky }: HalfPlane,
  points: number,
  side: number,
  perPixel: number,
): (coefficients: Float32Array) => Float32Array {
  const reach = Math.round(Math.max(...ky.subarray(0, points)));
  const half = side / 2;
  const width = half + 1;
  const waves = (of: (angle: number) => number): Float64Array =>
    Float64Array.from({ length: (reach + 1) * width }, (_, i) =>
      of((2 * Math.PI * Math.floor(i / width) * (i % width)) / (box * perPixel)),
    );
  const [cos, sin] = [waves(Math.cos), waves(Math.sin)];
  // Even and odd in x, of P and of Q.
  const parts = Array.from({ length: 4 }, () => new Float64Array((reach + 1) * width));
  const [pe, po, qe, qo] = parts as [Float64Array, Float64Array, Float64Array, Float64Array];
  const [p, q] = [new Float64Array((reach + 1) * side), new Float64Array((reach + 1) * side)];
  const [even, odd] = [new Float64Array(side), new Float64Array(side)];
  const image = new Float32Array(side * side);
  return (coefficients) => {
    for (const part of parts) part.fill(0);
    for (let i = 0; i < points; i++) {
      const re = (2 * coefficients[2 * i]!) / box;
      const im = (2 * coefficients[2 * i + 1]!) / box;
      const sign = ky[i]! < 0 ? 1 : -1;
      const wave = kx[i]! * width;
      const at = Math.abs(ky[i]!) * width;
      for (let x = 0; x < width; x++) {
        const c = cos[wave + x]!;
        const s = sin[wave + x]!;
        pe[at + x]! += re * c;
        po[at + x]! -= im * s;
        qe[at + x]! += sign * im * c;
        qo[at + x]! += sign * re * s;
      }
    }
    for (let k = 0; k <= reach; k++) {
      const [from, to] = [k * width, k * side + half];
      for (let x = 0; x < width; x++) {
        if (x < half) {
          p[to + x] = pe[from + x]! + po[from + x]!;
          q[to + x] = qe[from + x]! + qo[from + x]!;
        }
        p[to - x] = pe[from + x]! - po[from + x]!;
        q[to - x] = qe[from + x]! - qo[from + x]!;
      }
    }
    for (let y = 0; y < width; y++) {
      even.fill(0);
      odd.fill(0);
      for (let k = 0; k <= reach; k++) {
        const c = cos[k * width + y]!;
        const s = sin[k * width + y]!;
        const from = k * side;
        for (let x = 0; x < side; x++) {
          even[x]! += c * p[from + x]!;
          odd[x]! += s * q[from + x]!;
        }
      }
      const below = (half - y) * side;
      const above = (half + y) * side;
      for (let x = 0; x < side; x++) {
        if (y < half) image[above + x] = even[x]! + odd[x]!;
        image[below + x] = even[x]! - odd[x]!;
      }
    }
    return image;
  };
}

function softCircle(side: number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, i) => {
    const r = Math.hypot((i % side) - side / 2, Math.floor(i / side) - side / 2) / (side / 2);
    return Math.max(0, Math.min(1, (EDGE[1] - r) / (EDGE[1] - EDGE[0])));
  });
}

/** The signal that the network learnt, in units of the noise of `set`: images of another session are not louder. */
export function envelopeFor(
  facts: Pick<EncoderInput, "signalEnvelope" | "noiseSigma">,
  set: Pick<PreparedParticles, "noiseSigma">,
): Float32Array {
  return facts.signalEnvelope.map((e, s) => (e * facts.noiseSigma[s]!) / set.noiseSigma[s]!);
}
