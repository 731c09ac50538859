/**
 * @file Particle images of a mixture of flexible species, with the truth kept apart.
 *
 * image = CTF · projection(R, z) shifted, plus white noise of one variance for the whole set, so that
 * var(signal over the whole box, all particles) / var(noise) = SNR (methods 7.1). Bright particles.
 * Junk (junk.ts) has the same noise. Memory does not grow with the number of images, but for four bytes of each.
 */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { check } from "../core/errors.js";
import { type Random, seededRandom, shuffledIndices } from "../core/random.js";
import type { Defocus, Optics } from "../core/types.js";
import { type Matrix3, randomRotation } from "../geometry/rotation.js";
import { ctf } from "../optics/ctf.js";
import { type BeadModel, beadModel, beadProjection, type Species } from "./bead-model.js";
import { imageFromTransform } from "./fourier.js";
import { drawJunk, JUNK_KINDS, type Junk, type JunkKind, type PlacedParticle } from "./junk.js";

/** The microscope and the camera of a simulation. */
export interface Exposure {
  readonly seed: number;
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  /** Images of each species. */
  readonly counts: readonly number[];
  /** Images of each kind of junk. @default none */
  readonly junk?: Readonly<Partial<Record<JunkKind, number>>>;
  readonly snr: number;
  /** Shifts are uniform in ± this, each axis. */
  readonly shiftAngstrom: number;
  readonly optics: Optics;
  readonly defocusAngstrom: readonly [smallest: number, largest: number];
  /** Largest difference of the two defoci. */
  readonly astigmatismAngstrom: number;
}

/** What is simulated; a JSON file in `datasets/`. */
export interface Recipe extends Exposure {
  readonly name: string;
  /** In the order of `counts`. */
  readonly species: readonly Species[];
  readonly beadSigmaAngstrom: number;
}

/** The particle of species `species` (0-based) at conformation z. */
export type ParticleModel = (species: number, z: number) => BeadModel;

/** What is true of one simulated image. */
export interface Truth {
  /** 0-based into `counts`; −1: junk, whose conformation and pose mean nothing. */
  readonly species: number;
  /** Hinge coordinate, uniform in [−1, 1]. */
  readonly z: number;
  readonly rotation: Matrix3;
  readonly shiftAngstrom: readonly [number, number];
  readonly optics: Optics;
  readonly defocus: Defocus;
  /** What a junk image shows instead of its particle. */
  readonly junk?: Junk;
}

export interface SimulatedImage {
  readonly truth: Truth;
  /** Float32[box box]. */
  readonly pixels: Float32Array;
}

/** The images of a recipe in a shuffled order, one at a time. Same recipe, same images. */
export function simulate(recipe: Recipe): Generator<SimulatedImage, void> {
  checkSpecies(recipe);
  return simulateModels(recipe, modelsOf(recipe));
}

/** The images of any particles, in a shuffled order, one at a time. */
export function* simulateModels(exposure: Exposure, model: ParticleModel): Generator<SimulatedImage, void> {
  const sigma = noiseSigma(exposure, model);
  const noise = seededRandom(exposure.seed + 1);
  for (const truth of drawExposures(exposure)) {
    const pixels = projectModel(exposure, model, truth);
    for (let i = 0; i < pixels.length; i++) pixels[i]! += sigma * noise.normal();
    yield { truth, pixels };
  }
}

/** The truth of every image of a recipe, in the order of `simulate`. */
export function drawTruths(recipe: Recipe): readonly Truth[] {
  checkSpecies(recipe);
  return [...drawExposures(recipe)];
}

function checkSpecies(recipe: Recipe): void {
  check(
    recipe.counts.length === recipe.species.length,
    "recipe.counts",
    `${recipe.species.length} counts`,
    recipe.counts,
  );
}

function modelsOf(recipe: Recipe): ParticleModel {
  return (species, z) => beadModel(recipe.species[species]!, z, recipe.beadSigmaAngstrom);
}

/** One truth at a time; the same from every call. */
function* drawExposures(exposure: Exposure): Generator<Truth, void> {
  const { snr, counts, junk = {}, box, pixelSizeAngstrom, shiftAngstrom } = exposure;
  check(snr > 0, "recipe.snr", "a positive ratio of variances", snr);
  const random = seededRandom(exposure.seed);
  const sizes = [...counts, ...JUNK_KINDS.map((kind) => junk[kind] ?? 0)];
  const ends = sizes.map((_, s) => sizes.slice(0, s + 1).reduce((sum, n) => sum + n, 0));
  for (const i of shuffledIndices(ends.at(-1)!, random)) {
    const group = ends.findIndex((end) => i < end);
    const truth = drawTruth(exposure, group, random);
    const kind = JUNK_KINDS[group - counts.length];
    if (kind === undefined) yield truth;
    else {
      const window = { counts, widthAngstrom: box * pixelSizeAngstrom, shiftAngstrom };
      yield { ...truth, species: -1, junk: drawJunk(kind, window, random) };
    }
  }
}

function drawTruth(exposure: Exposure, species: number, random: Random): Truth {
  const between = (a: number, b: number): number => a + (b - a) * random.uniform();
  const mean = between(...exposure.defocusAngstrom);
  const half = between(0, exposure.astigmatismAngstrom) / 2;
  return {
    species,
    z: between(-1, 1),
    rotation: randomRotation(random),
    shiftAngstrom: [
      between(-exposure.shiftAngstrom, exposure.shiftAngstrom),
      between(-exposure.shiftAngstrom, exposure.shiftAngstrom),
    ],
    optics: exposure.optics,
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
  return projectModel(recipe, modelsOf(recipe), truth);
}

function projectModel(exposure: Exposure, model: ParticleModel, truth: Truth): Float32Array {
  const { box } = exposure;
  if (truth.junk === undefined) return projectParticles(exposure, model, truth, [truth]);
  if (truth.junk.particles.length === 0) return new Float32Array(box * box);
  // In a window twice as wide, what leaves ours does not come in again from the other side.
  const wide = projectParticles({ ...exposure, box: 2 * box }, model, truth, truth.junk.particles);
  const out = new Float32Array(box * box);
  for (let y = 0; y < box; y++) {
    const from = (y + box / 2) * 2 * box + box / 2;
    out.set(wide.subarray(from, from + box), y * box);
  }
  return out;
}

function projectParticles(
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
  model: ParticleModel,
  { optics, defocus }: Truth,
  particles: readonly PlacedParticle[],
): Float32Array {
  const { box, pixelSizeAngstrom } = grid;
  const values = new Float64Array(2 * box * box);
  for (const particle of particles)
    beadProjection(model(particle.species, particle.z), grid, particle).forEach((v, i) => {
      values[i]! += v;
    });
  const transfer = ctf(optics, defocus);
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

/** Standard deviation of the noise that gives the SNR, from up to 200 images of particles. */
function noiseSigma(exposure: Exposure, model: ParticleModel): number {
  let count = 0;
  let sum = 0;
  let square = 0;
  for (const truth of drawExposures(exposure)) {
    if (truth.junk !== undefined) continue;
    for (const v of projectModel(exposure, model, truth)) {
      sum += v;
      square += v * v;
    }
    if (++count === 200) break;
  }
  check(count > 0, "recipe.counts", "at least one image of a particle", exposure.counts);
  const pixels = count * exposure.box ** 2;
  return Math.sqrt((square / pixels - (sum / pixels) ** 2) / exposure.snr);
}
