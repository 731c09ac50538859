/**
 * @file Particle images of a mixture of flexible species, with the truth kept apart.
 *
 * image = CTF · projection(R, z) shifted, plus white noise of one variance for the whole set, so that
 * var(signal over the whole box, all images) / var(noise) = SNR (methods 7.1). Bright particles.
 */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { check } from "../core/errors.js";
import { type Random, seededRandom, shuffledIndices } from "../core/random.js";
import type { Defocus, Optics } from "../core/types.js";
import { type Matrix3, randomRotation } from "../geometry/rotation.js";
import { ctf } from "../optics/ctf.js";
import { beadModel, beadProjection, type Species } from "./bead-model.js";
import { imageFromTransform } from "./fourier.js";

/** What is simulated; a JSON file in `datasets/`. */
export interface Recipe {
  readonly name: string;
  readonly seed: number;
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  /** Images of each species, in the order of `species`. */
  readonly counts: readonly number[];
  readonly species: readonly Species[];
  readonly beadSigmaAngstrom: number;
  readonly snr: number;
  /** Shifts are uniform in ± this, each axis. */
  readonly shiftAngstrom: number;
  readonly optics: Optics;
  readonly defocusAngstrom: readonly [smallest: number, largest: number];
  /** Largest difference of the two defoci. */
  readonly astigmatismAngstrom: number;
}

/** What is true of one simulated image. */
export interface Truth {
  /** 0-based into `recipe.species`. */
  readonly species: number;
  /** Hinge coordinate, uniform in [−1, 1]. */
  readonly z: number;
  readonly rotation: Matrix3;
  readonly shiftAngstrom: readonly [number, number];
  readonly optics: Optics;
  readonly defocus: Defocus;
}

export interface SimulatedImage {
  readonly truth: Truth;
  /** Float32[box box]. */
  readonly pixels: Float32Array;
}

/** The images of a recipe in a shuffled order, one at a time. Same recipe, same images. */
export function* simulate(recipe: Recipe): Generator<SimulatedImage, void> {
  const truths = drawTruths(recipe);
  const sigma = noiseSigma(recipe, truths);
  const noise = seededRandom(recipe.seed + 1);
  for (const truth of truths) {
    const pixels = cleanImage(recipe, truth);
    for (let i = 0; i < pixels.length; i++) pixels[i]! += sigma * noise.normal();
    yield { truth, pixels };
  }
}

/** The truth of every image of a recipe, in the order of `simulate`. */
export function drawTruths(recipe: Recipe): readonly Truth[] {
  check(
    recipe.counts.length === recipe.species.length,
    "recipe.counts",
    `${recipe.species.length} counts`,
    recipe.counts,
  );
  check(recipe.snr > 0, "recipe.snr", "a positive ratio of variances", recipe.snr);
  const random = seededRandom(recipe.seed);
  const species = recipe.counts.flatMap((count, s) => new Array<number>(count).fill(s));
  const order = shuffledIndices(species.length, random);
  return Array.from(order, (i) => drawTruth(recipe, species[i]!, random));
}

function drawTruth(recipe: Recipe, species: number, random: Random): Truth {
  const between = (a: number, b: number): number => a + (b - a) * random.uniform();
  const mean = between(...recipe.defocusAngstrom);
  const half = between(0, recipe.astigmatismAngstrom) / 2;
  return {
    species,
    z: between(-1, 1),
    rotation: randomRotation(random),
    shiftAngstrom: [
      between(-recipe.shiftAngstrom, recipe.shiftAngstrom),
      between(-recipe.shiftAngstrom, recipe.shiftAngstrom),
    ],
    optics: recipe.optics,
    defocus: {
      uAngstrom: mean + half,
      vAngstrom: mean - half,
      angleRad: between(0, 180) * RADIANS_PER_DEGREE,
      phaseShiftRad: 0,
    },
  };
}

/** The image without noise: Float32[box box]. */
export function cleanImage(recipe: Recipe, truth: Truth): Float32Array {
  const { box, pixelSizeAngstrom } = recipe;
  const model = beadModel(recipe.species[truth.species]!, truth.z, recipe.beadSigmaAngstrom);
  const values = beadProjection(model, recipe, truth);
  const transfer = ctf(truth.optics, truth.defocus);
  const step = 1 / (box * pixelSizeAngstrom);
  const wrapped = (k: number): number => (k < box / 2 ? k : k - box) * step;
  for (let ky = 0, at = 0; ky < box; ky++)
    for (let kx = 0; kx < box; kx++, at += 2) {
      const c = transfer(wrapped(kx), wrapped(ky));
      values[at]! *= c;
      values[at + 1]! *= c;
    }
  return imageFromTransform({ kind: "fourier-array", side: box, rank: 2, values });
}

/** Standard deviation of the noise that gives the recipe's SNR, from up to 200 evenly drawn images. */
function noiseSigma(recipe: Recipe, truths: readonly Truth[]): number {
  const count = Math.min(200, truths.length);
  let sum = 0;
  let square = 0;
  for (const truth of truths.slice(0, count))
    for (const v of cleanImage(recipe, truth)) {
      sum += v;
      square += v * v;
    }
  const pixels = count * recipe.box ** 2;
  return Math.sqrt((square / pixels - (sum / pixels) ** 2) / recipe.snr);
}
