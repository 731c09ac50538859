/**
 * @file Real apoferritin (EMPIAR-10146) and β-galactosidase (EMPIAR-10017) as one set of images of one kind, and the
 * same images without their particles.
 *
 * Both are brought to 7.08 Å and 40², and treated alike, so that only what they show can tell them apart:
 * 1. Apoferritin is resampled (3 Å, a window of 192 Å) by its Fourier series. What lies beyond that window is replaced
 *    in both by noise of the data set's own spectrum, measured outside the particles.
 * 2. Frequencies up to 40 Å are divided by the root of that spectrum: noise of variance 1 in both.
 * 3. Frequencies beyond 40 Å are replaced by white noise.
 * *Without particle*: where the particle was, noise with the amplitudes of that image's own background and random
 * phases; outside it the background as it is.
 * The CTF is left out: beyond 40 Å it has not changed its sign.
 */
import { type Random, seededRandom } from "../../src/core/random.js";
import type { ParticleSource } from "../../src/core/types.js";
import { imageFromTransform, transformImage } from "../../src/imaging/fourier.js";
import { openParticles } from "../../src/io/particles.js";
import { memorySource } from "./memory-source.js";
import { sharedData } from "./shared-data.js";

export const POOLED: readonly string[] = ["apoferritin", "β-galactosidase"];
const BOX = 40;
const PIXEL_ANGSTROM = 7.08;
const LIST = ["apoferritin10146_dev.star", "bgal10017_dev.star"];
const FINEST_ANGSTROM = 40;
/** Half the side of the square of both that is measured, and where it begins to fade. */
const MEASURED_ANGSTROM: Ramp = [92, 75];
/** Beyond the first the background is alone: no particle, and no fringe of one. */
const BACKGROUND_ANGSTROM: Ramp = [100, 85];

/** 0 beyond the first distance, 1 within the second, or the other way round. */
type Ramp = readonly [number, number];

export interface Pooled {
  readonly source: ParticleSource;
  /** Index into `POOLED` of every image. */
  readonly species: readonly number[];
}

/** The 394 and 630 images, or what is left of them without particles. */
export async function pooledParticles(kind: "particles" | "background"): Promise<Pooled> {
  const images: Float32Array[] = [];
  const species: number[] = [];
  const random = seededRandom(3);
  for (const [s, list] of LIST.entries()) {
    const raw = await rawImages(list);
    const alone = raw[0]!.some((v, i) => measured[i] === 0 && v !== 0)
      ? outside
      : outside.map((w, i) => w * measured[i]!);
    const spectrum = backgroundSpectrum(raw, alone);
    for (const image of raw) {
      const shown = kind === "particles" ? image : withoutParticle(image, alone, random);
      images.push(whitened(framed(shown, alone, noiseOf(spectrum, random)), spectrum, random));
      species.push(s);
    }
  }
  return { source: memorySource(images, PIXEL_ANGSTROM), species };
}

/** Every image at 7.08 Å and 40²; zero where a smaller window ends. */
async function rawImages(list: string): Promise<Float32Array[]> {
  const source = await openParticles(sharedData("derived_real", list), { ctf: "none" });
  const sampling = samplingMatrix(source.box, source.pixelSizeAngstrom);
  const images = Array.from({ length: source.count }, (_, i) => resampled(source.readImage(i), source.box, sampling));
  source.close();
  return images;
}

/** Float64[BOX box]: value at a point of ours from those of a line of `box`, a Fourier series up to our Nyquist limit. */
function samplingMatrix(box: number, pixelSizeAngstrom: number): Float64Array {
  const width = box * pixelSizeAngstrom;
  const highest = Math.min(box / 2 - 1, Math.ceil(width / (2 * PIXEL_ANGSTROM)) - 1);
  const out = new Float64Array(BOX * box);
  for (let x = 0; x < BOX; x++) {
    const at = (x - BOX / 2) * PIXEL_ANGSTROM;
    if (Math.abs(at) > width / 2 - pixelSizeAngstrom) continue;
    for (let j = 0; j < box; j++) {
      const angle = (2 * Math.PI * (at - (j - box / 2) * pixelSizeAngstrom)) / width;
      let sum = 1;
      for (let k = 1; k <= highest; k++) sum += 2 * Math.cos(k * angle);
      out[x * box + j] = sum / box;
    }
  }
  return out;
}

function resampled(image: Float32Array, box: number, sampling: Float64Array): Float32Array {
  if (box === BOX) return Float32Array.from(image);
  const rows = new Float64Array(box * BOX);
  for (let y = 0; y < box; y++)
    for (let x = 0; x < BOX; x++)
      for (let j = 0; j < box; j++) rows[y * BOX + x]! += sampling[x * box + j]! * image[y * box + j]!;
  const out = new Float32Array(BOX * BOX);
  for (let y = 0; y < BOX; y++)
    for (let j = 0; j < box; j++)
      for (let x = 0; x < BOX; x++) out[y * BOX + x]! += sampling[y * box + j]! * rows[j * BOX + x]!;
  return out;
}

/** Weight of every pixel: 1 inside the square that is measured, 0 outside. */
const measured = weights((x, y) => 1 - ramp(Math.max(Math.abs(x), Math.abs(y)), MEASURED_ANGSTROM));
/** Weight of every pixel: 1 where no particle is, 0 where it is. */
const outside = weights((x, y) => ramp(Math.hypot(x, y), BACKGROUND_ANGSTROM));

function weights(at: (x: number, y: number) => number): Float64Array {
  return Float64Array.from({ length: BOX * BOX }, (_, i) =>
    at(((i % BOX) - BOX / 2) * PIXEL_ANGSTROM, (Math.floor(i / BOX) - BOX / 2) * PIXEL_ANGSTROM),
  );
}

/** 1 beyond `far`, 0 within `near`. */
function ramp(distance: number, [far, near]: Ramp): number {
  const t = Math.min(1, Math.max(0, (distance - near) / (far - near)));
  return (1 - Math.cos(Math.PI * t)) / 2;
}

/** The background of an image, its mean taken away, and nothing where the particle or no pixel is. */
function backgroundOf(
  image: Float32Array,
  weight: Float64Array,
): { pixels: Float32Array; mean: number; power: number } {
  const total = weight.reduce((sum, w) => sum + w, 0);
  const mean = image.reduce((sum, v, i) => sum + weight[i]! * v, 0) / total;
  const pixels = image.map((v, i) => weight[i]! * (v - mean));
  return { pixels, mean, power: weight.reduce((sum, w) => sum + w * w, 0) / weight.length };
}

/** Float64[BOX BOX]: mean square of every coefficient of the background, of one value on each ring. */
function backgroundSpectrum(images: readonly Float32Array[], alone: Float64Array): Float64Array {
  const rings = new Float64Array(BOX);
  const points = new Float64Array(BOX);
  for (const image of images) {
    const { pixels, power } = backgroundOf(image, alone);
    const { values } = transformImage(pixels, BOX);
    for (let i = 0; i < BOX * BOX; i++) {
      rings[ringOf(i)]! += (values[2 * i]! ** 2 + values[2 * i + 1]! ** 2) / power;
      points[ringOf(i)]!++;
    }
  }
  // The mean was taken away: what is left at the origin says nothing.
  return Float64Array.from({ length: BOX * BOX }, (_, i) => {
    const ring = Math.max(1, ringOf(i));
    return rings[ring]! / points[ring]!;
  });
}

/** Distance of a coefficient from the origin, whole Fourier pixels. */
function ringOf(i: number): number {
  const fold = (k: number): number => Math.min(k, BOX - k);
  return Math.round(Math.hypot(fold(i % BOX), fold(Math.floor(i / BOX))));
}

/** An image of Gaussian noise of this spectrum. */
function noiseOf(spectrum: ArrayLike<number>, random: Random): Float32Array {
  const transform = transformImage(
    Float32Array.from({ length: BOX * BOX }, () => random.normal()),
    BOX,
  );
  const values = transform.values.map((v, i) => v * Math.sqrt(spectrum[i >> 1]!));
  return imageFromTransform({ ...transform, values });
}

/** The square that is measured, with noise around it; the variance of background is the same all over. */
function framed(image: Float32Array, alone: Float64Array, noise: Float32Array): Float32Array {
  const { mean } = backgroundOf(image, alone);
  return image.map((v, i) => measured[i]! * (v - mean) + Math.sqrt(1 - measured[i]! ** 2) * noise[i]!);
}

function withoutParticle(image: Float32Array, alone: Float64Array, random: Random): Float32Array {
  const { pixels, mean, power } = backgroundOf(image, alone);
  const { values } = transformImage(pixels, BOX);
  const own = Float64Array.from(
    { length: BOX * BOX },
    (_, i) => (values[2 * i]! ** 2 + values[2 * i + 1]! ** 2) / power,
  );
  const noise = noiseOf(own, random);
  return image.map((v, i) => mean + outside[i]! * (v - mean) + Math.sqrt(1 - outside[i]! ** 2) * noise[i]!);
}

/** Noise of variance 1: up to 40 Å what was measured, divided by the root of the spectrum; beyond, white noise. */
function whitened(image: Float32Array, spectrum: Float64Array, random: Random): Float32Array {
  const finest = (BOX * PIXEL_ANGSTROM) / FINEST_ANGSTROM;
  const transform = transformImage(image, BOX);
  const white = transformImage(
    Float32Array.from({ length: BOX * BOX }, () => random.normal()),
    BOX,
  ).values;
  const values = transform.values.map((v, j) => {
    const i = j >> 1;
    return ringOf(i) <= finest ? v / Math.sqrt(spectrum[i]!) : white[j]!;
  });
  return imageFromTransform({ ...transform, values });
}
