/**
 * @file The motion of one species from its images and their poses: directions, z with its uncertainty, better poses.
 *
 * A linear subspace on the Fourier grid (methods 8.4) is learnt by EM from random z, annealed from low resolution to high
 * (anneal-subspace.ts). In the end every image is judged under modes that it had no part in (of few images: under all), so
 * that the posterior of its z holds the error of the modes too.
 */
import { check } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { seededRandom, shuffledIndices } from "../core/random.js";
import type { Volume } from "../core/types.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { volumeFromRaster } from "../imaging/raster-volume.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import {
  type AnnealSchedule,
  alignedRigidly,
  annealSubspace,
  resolutions,
  resolutionsTo,
  stepsAt,
} from "./anneal-subspace.js";
import { coreFrames } from "./core-frames.js";
import type { CoreTurn, CoreTurns } from "./core-turns.js";
import { type AxisEvidence, axisEvidence, nuisanceLeakage } from "./count-axes.js";
import { type LinearSubspace, rasterAtLatent, withModes } from "./linear-subspace.js";
import {
  keepAxes,
  newSubspaceImages,
  pickImages,
  putImages,
  type SubspaceImages,
  standardise,
  uncertainty,
} from "./subspace-images.js";
import { crossFitted, expectationStep } from "./subspace-steps.js";

/** What holds where ConformationOptions says nothing. */
export const conformationDefaults: {
  readonly zDim: number;
  readonly seed: number;
  readonly starts: number;
  readonly rounds: number;
  readonly poseSteps: number;
  readonly mostImages: number;
} = { zDim: 2, seed: 1, starts: 3, rounds: 5, poseSteps: 3, mostImages: 5000 };

export interface ConformationOptions {
  /**
   * Directions of motion, 0 (rigid) to 8; "auto": as many as one half of the images teaches and the other half confirms.
   * @default 2
   */
  readonly zDim?: number | "auto";
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
  /** Images that the motion is learnt from, drawn at random; the others are judged under it. @default 5000 */
  readonly mostImages?: number;
  /** They are drawn from the first so many images: what comes after them may be junk. @default all */
  readonly teachers?: number;
  /**
   * Turns g, in the map's frame, of a core that repeats: poses are known up to R·g. Frames are found with the motion
   * (core-turns.ts). @default none
   */
  readonly turns?: readonly CoreTurn[];
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
  /** Float64[images zDim zDim], posterior covariance: noise, the modes' error, and the pose where it was refined. */
  readonly covariance: Float64Array;
  /** Float64[images], log-evidence over an image of noise, under a mean and modes that the image had no part in. */
  readonly evidence: Float64Array;
  /** What halves of the images said of each axis that was tried, the strongest first; of zDim "auto" alone. */
  readonly axes: readonly AxisEvidence[];
}

/** Axes that "auto" tries. */
const MOST_AXES = 3;
/** "auto" finds nothing in fewer images. */
const LEAST_IMAGES = 100;
/** Resolutions that every start goes through. */
const EARLY = 2;
/**
 * Parts of the images, each left out of the modes that judge it in the end. The more, the better the modes: on the ribosome's
 * ratchet (1,000 images) |Spearman| is 0.894 with 4, 0.898 with 8, 0.901 with 16; each costs seconds.
 */
const FOLDS = 16;

/** The motion of the images `images` at their pose rows (Float[images 9]). Reads each image twice in every round. */
export function findConformations(
  reader: PreparedReader,
  images: ArrayLike<number>,
  poses: ArrayLike<number>,
  options: ConformationOptions = {},
): Conformations {
  const { zDim, seed, starts, rounds, poseSteps, mostImages } = { ...conformationDefaults, ...options };
  const auto = zDim === "auto";
  check(auto || (Number.isInteger(zDim) && zDim >= 0 && zDim <= 8), "zDim", 'an integer from 0 to 8, or "auto"', zDim);
  check(images.length > (auto ? 0 : zDim), "images", `more than ${zDim}`, images.length);
  check(poses.length === images.length * POSE_STRIDE, "poses", `${images.length * POSE_STRIDE} numbers`, poses.length);
  check(Number.isInteger(starts) && starts >= 1, "starts", "an integer of at least 1", starts);
  check(Number.isInteger(rounds) && rounds >= 1, "rounds", "an integer of at least 1", rounds);
  check(Number.isInteger(mostImages) && mostImages >= 20, "mostImages", "an integer of at least 20", mostImages);
  const { teachers = images.length } = options;
  const isShare = Number.isInteger(teachers) && teachers > (auto ? 0 : zDim) && teachers <= images.length;
  check(isShare, "teachers", `an integer above ${auto ? 0 : zDim}, at most the ${images.length} images`, teachers);
  const { turns } = options;
  const random = seededRandom(seed);
  const radii = radiiOf(reader, options.radius);
  const early = Math.min(EARLY, radii.length);
  const tries = zDim === 0 ? 1 : starts;
  const total = rounds * (tries * early + radii.length - early);
  let done = 0;
  const schedule: AnnealSchedule = {
    ...{ radii, rounds, poseSteps, random },
    ...(options.signal && { signal: options.signal }),
    ...(turns && { turns }),
    onRound: () => options.onProgress?.({ stage: "conformations", fraction: ++done / total }),
  };
  const order = shuffledIndices(teachers, random);
  const taught = order.slice(0, mostImages).sort();
  const judgedOnly = [...order.subarray(taught.length), ...everyAxis(images.length).slice(teachers)];
  const given = pickImages(newSubspaceImages(images, poses, 0), taught);
  const posed =
    poseSteps > 0 ? alignedRigidly(reader, given.images, given.poses, radii.at(-1)!, poseSteps) : given.poses;
  const frameRadius = radii[Math.min(1, radii.length - 1)]!;
  const aligned = turns ? coreFrames(reader, given.images, posed, frameRadius, { operators: turns, random }) : posed;
  const judged = auto && taught.length >= LEAST_IMAGES;
  const axes = judged ? axisEvidence(reader, given.images, aligned, MOST_AXES, coarse(reader, schedule)) : [];
  // An axis that is no motion may be stronger than one that is: both are learnt, and the first is dropped.
  const learnt = auto ? axes.findLastIndex(({ moves }) => moves) + 1 : zDim;
  const begun = Array.from({ length: tries }, () => {
    const state = newSubspaceImages(given.images, aligned, learnt, random);
    const subspace = annealSubspace(reader, state, schedule, 0, early);
    return { state, subspace, evidence: state.evidence.reduce((sum, e) => sum + e, 0) };
  });
  const { state, subspace: first } = begun.reduce((a, b) => (b.evidence > a.evidence ? b : a));
  annealSubspace(reader, state, schedule, early, radii.length, first);
  const steps = stepsAt(reader, schedule, radii.at(-1)!);
  const best = turns && { operators: turns };
  const subspace = crossFit(reader, state, radii.at(-1)!, steps, best);
  const whole = newSubspaceImages(images, poses, learnt);
  putImages(whole, state, taught);
  expectationStep(reader, whole, subspace, 2 * steps, judgedOnly, best);
  const kept = auto ? leastLeaking(reader, state, axes.filter(({ moves }) => moves).length) : everyAxis(learnt);
  const result = keepAxes(whole, kept);
  return {
    ...{ kind: "conformations", zDim: kept.length, subspace: withModes(subspace, kept), axes },
    images: Int32Array.from(images),
    poses: result.poses,
    z: result.z,
    covariance: result.covariance,
    evidence: result.evidence,
  };
}

/** Every image's conformation, once more, under modes that it had no part in (under all where images are few); the modes of all images. */
function crossFit(
  reader: PreparedReader,
  state: SubspaceImages,
  radius: number,
  steps: number,
  turns?: CoreTurns,
): LinearSubspace {
  standardise(state);
  const { whole, without } = crossFitted(reader, state, radius, {});
  if (state.images.length < 2 * FOLDS) return whole;
  for (let fold = 0; fold < FOLDS; fold++) {
    const rows = everyAxis(state.images.length).filter((i) => i % FOLDS === fold);
    expectationStep(reader, state, without(fold, FOLDS), steps, rows, turns);
  }
  return whole;
}

/** Where poses are held: enough to see whether there is motion. */
function coarse(reader: PreparedReader, { onRound: _, ...schedule }: AnnealSchedule): AnnealSchedule {
  const radii = schedule.radii.filter((radius) => stepsAt(reader, schedule, radius) === 0);
  return { ...schedule, radii: radii.length > 0 ? radii : schedule.radii.slice(0, 1), poseSteps: 0 };
}

/** The `count` axes that tell least of view, defocus and shift for what they tell, in order. */
function leastLeaking(reader: PreparedReader, state: SubspaceImages, count: number): number[] {
  const all = everyAxis(state.zDim);
  if (count === all.length) return all;
  const told = uncertainty(state).map((u) => Math.max(1e-3, 1 - u));
  const share = nuisanceLeakage(reader, state).map((leakage, j) => leakage / told[j]!);
  return all
    .sort((a, b) => share[a]! - share[b]!)
    .slice(0, count)
    .sort();
}

function everyAxis(count: number): number[] {
  return Array.from({ length: count }, (_, j) => j);
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

function radiiOf(reader: PreparedReader, given: number | undefined): readonly number[] {
  const nyquist = reader.set.box / 2 - 1;
  check(given === undefined || (given > 0 && given <= nyquist), "radius", `a radius in (0, ${nyquist}]`, given);
  return given === undefined ? resolutions(reader) : resolutionsTo(reader, given);
}
