/** @file What the pixels of a set say by themselves: images that are unfit or the same, and the mean power spectrum. */
import { createHash } from "node:crypto";
import { checkCancelled } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import type { ParticleSource } from "../core/types.js";
import { transformImage } from "./fourier.js";
import { backgroundMask, maskedMoments } from "./noise-spectrum.js";

export interface ImageCensus {
  readonly kind: "image-census";
  /** Images looked at. */
  readonly images: number;
  /** Indices of images with NaN or infinite pixels. */
  readonly notFinite: readonly number[];
  /** Indices of images with one value in every background pixel. */
  readonly constant: readonly number[];
  /** Groups of images that are equal pixel by pixel. */
  readonly duplicates: readonly (readonly number[])[];
  readonly spectrum: {
    /** Float64[shells], 1/Å. */
    readonly frequency: Float64Array;
    /** Float64[shells]: mean |F|² over images of unit variance. */
    readonly power: Float64Array;
  };
}

/** Images whose spectrum is taken. */
const SPECTRUM_IMAGES = 100;

/** Read every image of `source` once. */
export function imageCensus(
  source: ParticleSource,
  options: { readonly diameterAngstrom: number; readonly onProgress?: OnProgress; readonly signal?: AbortSignal },
): ImageCensus {
  const { count } = source;
  const [notFinite, constant]: [number[], number[]] = [[], []];
  const byHash = new Map<string, number[]>();
  const shells = source.box / 2;
  const power = new Float64Array(shells);
  // The particle's circle as a fraction of the image; the corners are background whatever the diameter.
  const reach = Math.min(1, options.diameterAngstrom / (source.box * source.pixelSizeAngstrom));
  const masks = new Map<number, Float32Array>();
  let spectra = 0;
  const every = Math.max(1, Math.floor(count / SPECTRUM_IMAGES));
  for (let i = 0; i < count; i++) {
    if (i % 200 === 0) {
      checkCancelled(options.signal);
      options.onProgress?.({ stage: "read", fraction: i / count });
    }
    const pixels = source.readImage(i);
    const box = Math.sqrt(pixels.length);
    if (!masks.has(box)) masks.set(box, backgroundMask(box, (reach * box) / 2));
    const background = maskedMoments(pixels, masks.get(box)!);
    if (!Number.isFinite(background.total)) {
      notFinite.push(i);
      continue;
    }
    if (!(background.deviation > 1e-6 * Math.abs(background.mean))) {
      constant.push(i);
      continue;
    }
    const hash = createHash("sha1")
      .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
      .digest("base64");
    byHash.set(hash, [...(byHash.get(hash) ?? []), i]);
    if (i % every === 0 && pixels.length === source.box ** 2) {
      addSpectrum(power, unit(pixels), source.box);
      spectra++;
    }
  }
  const length = source.box * source.pixelSizeAngstrom;
  return {
    kind: "image-census",
    images: count,
    notFinite,
    constant,
    duplicates: [...byHash.values()].filter((same) => same.length > 1),
    spectrum: {
      frequency: Float64Array.from({ length: shells }, (_, s) => s / length),
      power: power.map((p) => p / Math.max(1, spectra)),
    },
  };
}

function addSpectrum(power: Float64Array, pixels: Float32Array, box: number): void {
  const { values } = transformImage(pixels, box);
  const shells = power.length;
  const [sum, points] = [new Float64Array(shells), new Float64Array(shells)];
  for (let y = 0, at = 0; y < box; y++)
    for (let x = 0; x < box; x++, at += 2) {
      const shell = Math.round(Math.hypot(Math.min(x, box - x), Math.min(y, box - y)));
      if (shell >= shells) continue;
      sum[shell]! += values[at]! ** 2 + values[at + 1]! ** 2;
      points[shell]! += 1;
    }
  for (let s = 0; s < shells; s++) power[s]! += sum[s]! / points[s]!;
}

/** Mean 0, standard deviation 1. */
function unit(pixels: Float32Array): Float32Array {
  const mean = pixels.reduce((sum, v) => sum + v, 0) / pixels.length;
  const deviation = Math.sqrt(pixels.reduce((sum, v) => sum + (v - mean) ** 2, 0) / pixels.length);
  return pixels.map((v) => (v - mean) / deviation);
}
