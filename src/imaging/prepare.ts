/**
 * @file The working set: every image normalised, windowed, Fourier-cropped and whitened, once, on disk.
 *
 * Per image: subtract the background's mean, divide by its standard deviation, multiply by a soft circular
 * window, transform, keep the half-plane of the working box, divide by the noise's standard deviation of the
 * shell. Then Re and Im of every coefficient carry noise of variance 1, and −log likelihood = ½ Σ |x − C·S|².
 * One row per image, ordered by radius, so a resolution limit is a shorter read. Memory does not grow with
 * the number of images.
 */
import { check, checkCancelled, IolausError } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { seededRandom, shuffledIndices } from "../core/random.js";
import type { Defocus, Optics, ParticleSource } from "../core/types.js";
import { AtomicFile } from "../io/atomic.js";
import { contrastRow } from "./contrast-row.js";
import { transformImage } from "./fourier.js";
import { gatherHalfPlane, type HalfPlane, halfPlane } from "./half-plane.js";
import { backgroundMask, maskedMoments, noiseSpectrum } from "./noise-spectrum.js";

export interface PrepareOptions {
  /** Side of the working images, pixels; even, at most the input's. @default the input's, at most 64 */
  readonly box?: number;
  /** Diameter of the circle that holds the particle. @default 70 % of the image */
  readonly diameterAngstrom?: number;
  /** 1: bright particles; −1: dark ones, inverted on the way in. @default 1 */
  readonly dataSign?: 1 | -1;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Numbers of one image's CTF in `PreparedParticles.contrast`, in this order. */
const CONTRAST_FIELDS = 8;

/** The working set. Plain data: it can be sent to another thread and opened there with `openPrepared`. */
export interface PreparedParticles {
  readonly kind: "prepared-particles";
  /** Rows of Float32[points 2], one per image. */
  readonly file: string;
  readonly count: number;
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly diameterAngstrom: number;
  readonly dataSign: 1 | -1;
  readonly points: number;
  readonly keys: readonly string[];
  /** Float64[count 8]: has CTF, kV, Cs mm, w, dU Å, dV Å, angle rad, phase rad. */
  readonly contrast: Float64Array;
  /** Float32[box/2]: noise of Re and of Im per shell, in units of the normalised image's transform. */
  readonly noiseSigma: Float32Array;
  /** Float32[box/2]: r.m.s. of Re and of Im of the whitened signal before the CTF, per shell. */
  readonly signalEnvelope: Float32Array;
}

/** Images used to measure noise and signal. */
const SPECTRUM_IMAGES = 1000;
/** The window falls from 1 to 0 between these fractions of box/2. */
const WINDOW = [0.85, 0.99] as const;

/** Make the working set in `file` (written whole or not at all). */
export function prepare(source: ParticleSource, file: string, options: PrepareOptions = {}): PreparedParticles {
  const { dataSign = 1, onProgress, signal } = options;
  const box = options.box ?? Math.min(64, source.box);
  const diameterAngstrom = options.diameterAngstrom ?? 0.7 * source.box * source.pixelSizeAngstrom;
  check(source.count > 0, source.path, "at least one image", source.count);
  check(box % 2 === 0 && box >= 16 && box <= source.box, "box", `an even side from 16 to ${source.box} pixels`, box);
  const window = softWindow(source.box);
  const mask = backgroundMask(source.box, diameterAngstrom / 2 / source.pixelSizeAngstrom);
  const order = shuffledIndices(source.count, seededRandom(0)).subarray(0, SPECTRUM_IMAGES);

  const noise = noiseSpectrum(source.box, mask);
  const pixels = new Float32Array(source.box ** 2);
  for (const i of order) {
    source.readImage(i, pixels);
    noise.add(pixels, momentsOf(source, i, pixels, mask));
  }
  const windowPower = window.reduce((sum, w) => sum + w * w, 0) / window.length;
  const noiseSigma = Float32Array.from(noise.spectrum().subarray(0, box / 2), (p) => Math.sqrt((p * windowPower) / 2));

  const plane = halfPlane(box);
  const row = new Float32Array(2 * plane.count);
  const readRow = (i: number): Float32Array => {
    source.readImage(i, pixels);
    const { mean, deviation } = momentsOf(source, i, pixels, mask);
    for (let p = 0; p < pixels.length; p++) pixels[p] = ((pixels[p]! - mean) / deviation) * dataSign * window[p]!;
    gatherHalfPlane(transformImage(pixels, source.box), plane, row);
    for (let p = 0; p < plane.count; p++) {
      const sigma = noiseSigma[plane.shell[p]!] ?? noiseSigma[box / 2 - 1]!;
      row[2 * p]! /= sigma;
      row[2 * p + 1]! /= sigma;
    }
    return row;
  };

  const contrast = contrastTable(source);
  const shared = { box, pixelSizeAngstrom: (source.pixelSizeAngstrom * source.box) / box, contrast };
  const signalEnvelope = measureEnvelope(order, readRow, plane, shared);

  const whole = new AtomicFile(file);
  try {
    for (let i = 0; i < source.count; i++) {
      if (i % 100 === 0) {
        checkCancelled(signal);
        onProgress?.({ stage: "prepare", fraction: i / source.count });
      }
      const bytes = readRow(i);
      whole.writeAt(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), i * bytes.byteLength);
    }
    whole.commit();
  } catch (error) {
    whole.discard();
    throw error;
  }
  onProgress?.({ stage: "prepare", fraction: 1 });
  const { count, keys } = source;
  const set = { file, count, diameterAngstrom, dataSign, points: plane.count, keys, noiseSigma, signalEnvelope };
  return { kind: "prepared-particles", ...shared, ...set };
}

/** The optics and defocus of image `index`; undefined when the set has no CTF. */
export function contrastOf(
  contrast: Float64Array,
  index: number,
): { readonly optics: Optics; readonly defocus: Defocus } | undefined {
  const [has, kv, cs, w, u, v, angle, phase] = contrast.subarray(
    CONTRAST_FIELDS * index,
    CONTRAST_FIELDS * (index + 1),
  );
  if (has === 0) return undefined;
  return {
    optics: { voltageKv: kv!, sphericalAberrationMm: cs!, amplitudeContrast: w! },
    defocus: { uAngstrom: u!, vAngstrom: v!, angleRad: angle!, phaseShiftRad: phase! },
  };
}

function contrastTable(source: ParticleSource): Float64Array {
  const table = new Float64Array(CONTRAST_FIELDS * source.count);
  for (let i = 0; i < source.count; i++) {
    if (!source.hasCtf) continue;
    const [o, d] = [source.optics(i), source.defocus(i)];
    const values = [1, o.voltageKv, o.sphericalAberrationMm, o.amplitudeContrast];
    table.set([...values, d.uAngstrom, d.vAngstrom, d.angleRad, d.phaseShiftRad], CONTRAST_FIELDS * i);
  }
  return table;
}

function momentsOf(
  source: ParticleSource,
  index: number,
  pixels: Float32Array,
  mask: Float32Array,
): { mean: number; deviation: number } {
  const moments = maskedMoments(pixels, mask);
  const areFinite = pixels.every(Number.isFinite);
  // Rounding gives a constant image of value v a deviation of about 1e-8 v.
  if (areFinite && moments.deviation > 1e-6 * Math.abs(moments.mean)) return moments;
  const what = areFinite ? "the same value in every background pixel" : "NaN or infinite pixels";
  throw new IolausError(
    "bad-file",
    `${source.path}, image ${index + 1} (${source.keys[index]}): expected finite pixels that vary, got ${what}; remove that particle`,
  );
}

/** Shell by shell: mean |x|² less the noise's 2, over twice the mean C². */
function measureEnvelope(
  order: Int32Array,
  readRow: (i: number) => Float32Array,
  plane: HalfPlane,
  set: { readonly box: number; readonly pixelSizeAngstrom: number; readonly contrast: Float64Array },
): Float32Array {
  const shells = set.box / 2;
  const power = new Float64Array(shells);
  const transfer = new Float64Array(shells);
  const points = new Float64Array(shells);
  for (const i of order) {
    const row = readRow(i);
    const c = contrastRow(plane, set.pixelSizeAngstrom, contrastOf(set.contrast, i));
    for (let p = 0; p < plane.count; p++) {
      const shell = Math.min(shells - 1, plane.shell[p]!);
      power[shell]! += row[2 * p]! ** 2 + row[2 * p + 1]! ** 2;
      transfer[shell]! += c[p]! ** 2;
      points[shell]! += 1;
    }
  }
  const envelope = Float32Array.from(power, (total, s) =>
    points[s] === 0
      ? 0
      : Math.sqrt(Math.max(0, total / points[s]! - 2) / Math.max(2e-2, (2 * transfer[s]!) / points[s]!)),
  );
  envelope[0] = envelope[1]!;
  // A shell without measurable signal still needs a scale: half of the shell before it at least.
  for (let s = 1; s < shells; s++) envelope[s] = Math.max(envelope[s]!, 0.5 * envelope[s - 1]!, 1e-3);
  return envelope;
}

/** A linear ramp from 1 to 0 at the edge of the image (methods 1.1): Float32[box box]. */
function softWindow(box: number): Float32Array {
  const window = new Float32Array(box * box);
  for (let y = 0, i = 0; y < box; y++)
    for (let x = 0; x < box; x++, i++) {
      const r = Math.hypot(x - box / 2, y - box / 2) / (box / 2);
      window[i] = Math.max(0, Math.min(1, 1 - (r - WINDOW[0]) / (WINDOW[1] - WINDOW[0])));
    }
  return window;
}
