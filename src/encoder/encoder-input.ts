/**
 * @file What the encoder sees: the particle as far as it can be told from the noise, on a small grid.
 *
 *     I = F⁻¹[ C E² / (1 + C² E²) · x ] / scale
 *
 * x  whitened coefficients (noise of variance 1)      E  r.m.s. of the whitened signal per shell (signalEnvelope)
 * C  CTF
 *
 * That is Wiener's estimate of the signal: its phases are flipped where C < 0, and what noise buries is left out.
 * Only frequencies of the input's own grid enter, so 32 pixels serve a particle of any box; smaller boxes are interpolated.
 */
import { check } from "../core/errors.js";
import { imageFromTransform } from "../imaging/fourier.js";
import { pointsWithin } from "../imaging/half-plane.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";

/** How images become inputs: plain data, kept with the trained network. */
export interface EncoderInput {
  /** Side of the working images, pixels, and their pixel size: the frame of shifts and frequencies. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly diameterAngstrom: number;
  readonly dataSign: 1 | -1;
  /** Side of the input, pixels. */
  readonly inputBox: number;
  /** Float32[box/2]: E of the images that the network learnt from, and the noise they were whitened with. */
  readonly signalEnvelope: Float32Array;
  readonly noiseSigma: Float32Array;
  /** Standard deviation of I before it is divided by it. */
  readonly scale: number;
}

export interface InputReader {
  /** Points of the half-plane that enter. */
  readonly points: number;
  /** Float32[inputBox inputBox] of image `index`. Valid until the next call. */
  read(index: number): Float32Array;
}

/** Images from which the scale is measured. */
const SCALE_IMAGES = 200;

/** Measure how the images of a working set become inputs of `inputBox` pixels. */
export function measureInput(reader: PreparedReader, inputBox: number): EncoderInput {
  const { set } = reader;
  const { box, pixelSizeAngstrom, diameterAngstrom, dataSign, signalEnvelope, noiseSigma } = set;
  const unscaled = { box, pixelSizeAngstrom, diameterAngstrom, dataSign, inputBox, signalEnvelope, noiseSigma };
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
  const points = pointsWithin(plane, side / 2 - 1);
  const row = new Float32Array(2 * points);
  const contrast = new Float32Array(points);
  const envelope = envelopeFor(facts, set);
  const square = Float32Array.from({ length: points }, (_, p) => envelope[plane.shell[p]!]! ** 2);
  // The transform is unitary, so a smaller grid would hold larger values: kept as they are on the working grid.
  const unit = side / (set.box * scale);
  const values = new Float64Array(2 * side * side);
  const place = (kx: number, ky: number): number => 2 * (((ky + side) % side) * side + ((kx + side) % side));
  const at = Int32Array.from({ length: points }, (_, p) => place(plane.kx[p]!, plane.ky[p]!));
  const mirror = Int32Array.from({ length: points }, (_, p) => place(-plane.kx[p]!, -plane.ky[p]!));
  return {
    points,
    read(index) {
      reader.readRow(index, row);
      reader.readContrast(index, contrast);
      for (let p = 0; p < points; p++) {
        const c = contrast[p]!;
        const gain = (unit * c * square[p]!) / (1 + c * c * square[p]!);
        const [re, im] = [gain * row[2 * p]!, gain * row[2 * p + 1]!];
        values[at[p]!] = re;
        values[at[p]! + 1] = im;
        values[mirror[p]!] = re;
        values[mirror[p]! + 1] = -im;
      }
      return imageFromTransform({ kind: "fourier-array", side, rank: 2, values });
    },
  };
}

/** The signal that the network learnt, in units of the noise of `set`: images of another session are not louder. */
export function envelopeFor(
  facts: Pick<EncoderInput, "signalEnvelope" | "noiseSigma">,
  set: Pick<PreparedParticles, "noiseSigma">,
): Float32Array {
  return facts.signalEnvelope.map((e, s) => (e * facts.noiseSigma[s]!) / set.noiseSigma[s]!);
}
