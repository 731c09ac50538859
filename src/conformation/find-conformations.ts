/**
 * @file The motion of one species from its images and their poses: directions, z with its uncertainty, better poses.
 *
 * A linear subspace on the Fourier grid (methods 8.4) is learnt by EM from random z, annealed from low resolution to high.
 * Poses are held while the resolution is too low to improve them; from there on every image climbs in pose and z together.
 */
import { check, checkCancelled } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { seededRandom } from "../core/random.js";
import type { Volume } from "../core/types.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { volumeFromRaster } from "../imaging/raster-volume.js";
import { signalRadius } from "../imaging/signal-radius.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import { type LinearSubspace, rasterAtLatent } from "./linear-subspace.js";
import { newSubspaceImages, redrawIdle, type SubspaceImages, standardise } from "./subspace-images.js";
import { expectationStep, maximisationStep } from "./subspace-steps.js";

/** What holds where ConformationOptions says nothing. */
export const conformationDefaults: {
  readonly zDim: number;
  readonly seed: number;
  readonly starts: number;
  readonly rounds: number;
  readonly poseSteps: number;
} = { zDim: 2, seed: 1, starts: 3, rounds: 5, poseSteps: 3 };

export interface ConformationOptions {
  /** Directions of motion; 0: rigid. One more than are there leaves room for what is no motion. @default 2 */
  readonly zDim?: number;
  /** @default 1 */
  readonly seed?: number;
  /** Random z to start from; the start of most evidence goes on beyond the first resolutions. @default 3 */
  readonly starts?: number;
  /** Highest resolution, Fourier pixels. @default where the signal ends */
  readonly radius?: number;
  /** Rounds of EM at each resolution. @default 5 */
  readonly rounds?: number;
  /** Steps of every image's pose in a round at high resolution; 0: poses are held. @default 3 */
  readonly poseSteps?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** What one species does. */
export interface Conformations {
  readonly kind: "conformations";
  readonly zDim: number;
  /** Mean and modes in whitened units; z has mean 0 and variance 1 on every axis, the strongest first. */
  readonly subspace: LinearSubspace;
  /** Int32[images], indices into the working set. */
  readonly images: Int32Array;
  /** Float64[images 9], pose rows (rows 0 and 1 of R, shift in pixels, score), refined. */
  readonly poses: Float64Array;
  /** Float64[images zDim] */
  readonly z: Float64Array;
  /**
   * Float64[images zDim zDim], posterior covariance given the modes, the pose integrated out where it was refined. The
   * error of the modes themselves is not in it: from few images z is less certain than this says.
   */
  readonly covariance: Float64Array;
  /** Float64[images], log-evidence over an image of noise. */
  readonly evidence: Float64Array;
}

/** The first resolution: this many periods across the particle. */
const FIRST_PERIODS = 5.6;
/** Poses are refined from here on. */
const POSE_PERIODS = 9.3;
/** From one resolution to the next. */
const GROWTH = 1.28;
/** Resolutions that every start goes through. */
const EARLY = 2;
/** Signal below this fraction of the noise (r.m.s. of a coefficient) is left out. */
const LEAST_SIGNAL = 0.12;

/** The motion of the images `images` at their pose rows (Float[images 9]). Reads each image twice in every round. */
export function findConformations(
  reader: PreparedReader,
  images: ArrayLike<number>,
  poses: ArrayLike<number>,
  options: ConformationOptions = {},
): Conformations {
  const { zDim, seed, starts, rounds, poseSteps } = { ...conformationDefaults, ...options };
  check(images.length > zDim, "images", `more than ${zDim}`, images.length);
  check(poses.length === images.length * POSE_STRIDE, "poses", `${images.length * POSE_STRIDE} numbers`, poses.length);
  check(Number.isInteger(zDim) && zDim >= 0 && zDim <= 8, "zDim", "an integer from 0 to 8", zDim);
  check(Number.isInteger(starts) && starts >= 1, "starts", "an integer of at least 1", starts);
  check(Number.isInteger(rounds) && rounds >= 1, "rounds", "an integer of at least 1", rounds);
  const random = seededRandom(seed);
  const radii = resolutions(reader, options.radius);
  const early = Math.min(EARLY, radii.length);
  const tries = zDim === 0 ? 1 : starts;
  const total = rounds * (tries * early + radii.length - early);
  let done = 0;
  /** EM at resolutions from..to; the subspace of the last. */
  const anneal = (state: SubspaceImages, from: number, to: number, start?: LinearSubspace): LinearSubspace => {
    let subspace = start;
    for (let q = from; q < to; q++) {
      const radius = radii[q]!;
      const steps = radius >= periods(reader, POSE_PERIODS) || radii.length === 1 ? poseSteps : 0;
      if (q > 0) redrawIdle(state, random);
      const memory = {};
      for (let round = 0; round < rounds; round++) {
        checkCancelled(options.signal);
        // The last z stand as they were found: posteriors under the last modes.
        if (subspace !== undefined) standardise(state);
        subspace = maximisationStep(reader, state, radius, memory);
        expectationStep(reader, state, subspace, steps);
        options.onProgress?.({ stage: "conformations", fraction: ++done / total });
      }
    }
    return subspace!;
  };
  const begun = Array.from({ length: tries }, () => {
    const state = newSubspaceImages(images, poses, zDim, random);
    const subspace = anneal(state, 0, early);
    return { state, subspace, evidence: state.evidence.reduce((sum, e) => sum + e, 0) };
  });
  const { state, subspace: best } = begun.reduce((a, b) => (b.evidence > a.evidence ? b : a));
  const subspace = anneal(state, early, radii.length, best);
  return {
    kind: "conformations",
    zDim,
    subspace,
    images: Int32Array.from(images),
    poses: state.poses,
    z: state.z,
    covariance: state.covariance,
    evidence: state.evidence,
  };
}

/** The map at conformation z, in units of the normalised images. */
export function conformationVolume(
  { subspace }: Pick<Conformations, "subspace">,
  { set }: Pick<PreparedReader, "set">,
  z: ArrayLike<number>,
): Volume {
  const { box, pixelSizeAngstrom, noiseSigma: gain } = set;
  return volumeFromRaster(rasterAtLatent(subspace, z), { box, pixelSizeAngstrom, gain, undoKernel: true });
}

function periods({ set }: PreparedReader, count: number): number {
  return (count * set.box * set.pixelSizeAngstrom) / set.diameterAngstrom;
}

function resolutions(reader: PreparedReader, given: number | undefined): readonly number[] {
  const { set } = reader;
  const nyquist = set.box / 2 - 1;
  check(given === undefined || (given > 0 && given <= nyquist), "radius", `a radius in (0, ${nyquist}]`, given);
  const last = given ?? signalRadius(set, LEAST_SIGNAL);
  const radii: number[] = [];
  for (let r = periods(reader, FIRST_PERIODS); r < last / Math.sqrt(GROWTH); r *= GROWTH) radii.push(Math.round(r));
  return [...radii, last];
}
