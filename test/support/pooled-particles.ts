/**
 * @file Real apoferritin (EMPIAR-10146) and β-galactosidase (EMPIAR-10017) as one set of images of one kind, and the
 * same images without their particles.
 *
 * Both are treated alike, so that only what they show can tell them apart:
 * 1. Every image is divided by the root of the noise spectrum of its data set, measured outside the particles.
 * 2. *Without particle*: where the particle was, noise with the amplitudes of that image's own background and random
 *    phases; outside it the background as it is.
 * 3. Apoferritin is resampled from 3 Å to 7.08 Å by its Fourier series.
 * 4. Apoferritin's window is 192 Å wide, that of 40 pixels 283 Å: in both, what lies beyond 192 Å becomes white noise.
 * 5. Frequencies beyond 40 Å are replaced by white noise.
 * The CTF is left out: up to 40 Å it has not changed its sign.
 */
import { type Random, seededRandom } from "../../src/core/random.js";
import type { ParticleSource } from "../../src/core/types.js";
import { imageFromTransform, transformImage } from "../../src/imaging/fourier.js";
import { openParticles } from "../../src/io/particles.js";
import { memorySource } from "./memory-source.js";
import { sharedData } from "./shared-data.js";

export const POOLED: readonly string[] = ["apoferritin", "β-galactosidase"];
const LIST = ["apoferritin10146_dev.star", "bgal10017_dev.star"];
const OURS: Grid = { box: 40, pixelSizeAngstrom: 7.08 };
const FINEST_ANGSTROM = 40;
/** Half the side of the square that both have, and where it begins to fade. */
const COMMON_ANGSTROM: Ramp = [90, 75];
/** Beyond the first the background is alone: no particle, and no fringe of one. */
const BACKGROUND_ANGSTROM: Ramp = [100, 85];

interface Grid {
  readonly box: number;
  readonly pixelSizeAngstrom: number;
}

type Ramp = readonly [far: number, near: number];

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
    const source = await openParticles(sharedData("derived_real", list), { ctf: "none" });
    const raw = Array.from({ length: source.count }, (_, i) => source.readImage(i));
    source.close();
    const outside = weights(source, (x, y) => ramp(Math.hypot(x, y), BACKGROUND_ANGSTROM));
    const spectrum = backgroundSpectrum(raw, outside, source.box);
    const sampling = samplingMatrix(source);
    for (const image of raw) {
      const white = whitened(image, outside, spectrum);
      const shown = kind === "particles" ? white : withoutParticle(white, outside, random);
      images.push(framed(resampled(shown, source, sampling), random));
      species.push(s);
    }
  }
  return { source: memorySource(images, OURS.pixelSizeAngstrom), species };
}

/** A number for every pixel, from its place, Å from the middle. */
function weights({ box, pixelSizeAngstrom }: Grid, at: (x: number, y: number) => number): Float64Array {
  const place = (i: number): number => (i - box / 2) * pixelSizeAngstrom;
  return Float64Array.from({ length: box * box }, (_, i) => at(place(i % box), place(Math.floor(i / box))));
}

/** 1 beyond `far`, 0 within `near`. */
function ramp(distance: number, [far, near]: Ramp): number {
  const t = Math.min(1, Math.max(0, (distance - near) / (far - near)));
  return (1 - Math.cos(Math.PI * t)) / 2;
}

/** The mean of what is outside the particle, and the mean square of every coefficient of it, as if it filled the image. */
function background(image: Float32Array, outside: Float64Array, box: number): { mean: number; power: Float64Array } {
  const total = outside.reduce((sum, w) => sum + w, 0);
  const mean = image.reduce((sum, v, i) => sum + outside[i]! * v, 0) / total;
  const part = outside.reduce((sum, w) => sum + w * w, 0) / outside.length;
  const { values } = transformImage(
    image.map((v, i) => outside[i]! * (v - mean)),
    box,
  );
  const power = outside.map((_, i) => (values[2 * i]! ** 2 + values[2 * i + 1]! ** 2) / part);
  return { mean, power };
}

/** Float64[box box]: mean power of the background, of one value on each ring. */
function backgroundSpectrum(images: readonly Float32Array[], outside: Float64Array, box: number): Float64Array {
  const rings = new Float64Array(box);
  const points = new Float64Array(box);
  for (const image of images)
    background(image, outside, box).power.forEach((p, i) => {
      rings[ringOf(i, box)]! += p;
      points[ringOf(i, box)]!++;
    });
  // The mean was taken away: what is left at the origin says nothing.
  return outside.map((_, i) => {
    const ring = Math.max(1, ringOf(i, box));
    return rings[ring]! / points[ring]!;
  });
}

/** Distance of a coefficient from the origin, whole Fourier pixels. */
function ringOf(i: number, box: number): number {
  const fold = (k: number): number => Math.min(k, box - k);
  return Math.round(Math.hypot(fold(i % box), fold(Math.floor(i / box))));
}

function whitened(image: Float32Array, outside: Float64Array, spectrum: Float64Array): Float32Array {
  const box = Math.sqrt(image.length);
  const { mean } = background(image, outside, box);
  const transform = transformImage(
    image.map((v) => v - mean),
    box,
  );
  return imageFromTransform({ ...transform, values: transform.values.map((v, j) => v / Math.sqrt(spectrum[j >> 1]!)) });
}

function withoutParticle(image: Float32Array, outside: Float64Array, random: Random): Float32Array {
  const box = Math.sqrt(image.length);
  const { power } = background(image, outside, box);
  const white = transformImage(noiseImage(box, random), box);
  const values = white.values.map((v, j) => v * Math.sqrt(power[j >> 1]!));
  const noise = imageFromTransform({ ...white, values });
  return image.map((v, i) => outside[i]! * v + Math.sqrt(1 - outside[i]! ** 2) * noise[i]!);
}

function noiseImage(box: number, random: Random): Float32Array {
  return Float32Array.from({ length: box * box }, () => random.normal());
}

/** Float64[ours box]: value at a point of ours from those of a line, by its Fourier series up to our Nyquist limit. */
function samplingMatrix({ box, pixelSizeAngstrom }: Grid): Float64Array {
  const width = box * pixelSizeAngstrom;
  const highest = Math.min(box / 2 - 1, Math.ceil(width / (2 * OURS.pixelSizeAngstrom)) - 1);
  const out = new Float64Array(OURS.box * box);
  for (let x = 0; x < OURS.box; x++) {
    const at = (x - OURS.box / 2) * OURS.pixelSizeAngstrom;
    if (Math.abs(at) > width / 2) continue;
    for (let j = 0; j < box; j++) {
      const angle = (2 * Math.PI * (at - (j - box / 2) * pixelSizeAngstrom)) / width;
      let sum = 1;
      for (let k = 1; k <= highest; k++) sum += 2 * Math.cos(k * angle);
      out[x * box + j] = sum / box;
    }
  }
  return out;
}

/** At 7.08 Å, white noise of variance 1 staying so; zero where a smaller window ends. */
function resampled(image: Float32Array, { box, pixelSizeAngstrom }: Grid, sampling: Float64Array): Float32Array {
  const side = OURS.box;
  if (box === side) return image;
  const rows = new Float64Array(box * side);
  for (let y = 0; y < box; y++)
    for (let x = 0; x < side; x++)
      for (let j = 0; j < box; j++) rows[y * side + x]! += sampling[x * box + j]! * image[y * box + j]!;
  const out = new Float64Array(side * side);
  for (let y = 0; y < side; y++)
    for (let j = 0; j < box; j++)
      for (let x = 0; x < side; x++) out[y * side + x]! += sampling[y * box + j]! * rows[j * side + x]!;
  return Float32Array.from(out, (v) => (v * OURS.pixelSizeAngstrom) / pixelSizeAngstrom);
}

const common = weights(OURS, (x, y) => 1 - ramp(Math.max(Math.abs(x), Math.abs(y)), COMMON_ANGSTROM));

/** The square that both have, up to 40 Å; white noise around it and at finer detail. */
function framed(image: Float32Array, random: Random): Float32Array {
  const { box, pixelSizeAngstrom } = OURS;
  const around = noiseImage(box, random);
  const whole = transformImage(
    image.map((v, i) => common[i]! * v + Math.sqrt(1 - common[i]! ** 2) * around[i]!),
    box,
  );
  const white = transformImage(noiseImage(box, random), box).values;
  const finest = (box * pixelSizeAngstrom) / FINEST_ANGSTROM;
  const values = whole.values.map((v, j) => (ringOf(j >> 1, box) <= finest ? v : white[j]!));
  return imageFromTransform({ ...whole, values });
}
