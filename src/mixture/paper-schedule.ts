/**
 * @file The published phases of Hydra (Levy et al. 2024; methods.md 2.2-2.5), for comparison side by side.
 *
 *     pretrain   poses at random, shifts 0, z = 0.1·normal, all afresh; fields and scores learn
 *     search     every image under every class at every visit: the pose of least error, no gradient on poses;
 *                fields, z and scores learn
 *     gradient   fields, z, scores and poses learn, from the poses last found under every class
 *
 * As published: an independent field per class; tables of z, poses and scores per image and class; the loss of
 * paper-loss.ts on every Fourier coefficient from the first step; Adam at constant rates on everything, table rows
 * drifting while they rest (engine/adam-rest.ts, exact); no memory of poses between visits of the search.
 *
 * Ours, where it does the same or better: images are whitened and fields carry the envelope of the signal
 * (imaging/prepare.ts); the plane waves of a field fill the particle; the search looks up slices of a raster of each
 * field, made every `searchEvery` images at the mean z of the class, instead of evaluating the network for each image
 * at its own z (methods.md 8.2), and displaces by halving steps instead of 196 shifts a level.
 */
import { check } from "../core/errors.js";

/** Defaults are those of the released code unless said otherwise. */
export interface PaperOptions {
  /** Plane waves, width and residual layers. @default 192, 128 (the paper; 256 in the code), 3 */
  readonly field?: { readonly frequencies: number; readonly width: number; readonly depth: number };
  /** @default 10,000 */
  readonly pretrainImages?: number;
  /**
   * n: the search visits every image max(2, ⌊n/N⌋ + 1) times.
   * @default 500,000 (the paper: 100,000 for its synthetic sets, 2,000,000 for RyR)
   */
  readonly searchImages?: number;
  /** @default 100 */
  readonly gradientEpochs?: number;
  /** Images of one step. @default 32 */
  readonly pretrainBatch?: number;
  /** @default 8 */
  readonly searchBatch?: number;
  /** @default 64 (the paper; 256 in the code) */
  readonly gradientBatch?: number;
  /** Adam's, of the fields. @default 1e-4 */
  readonly fieldRate?: number;
  /** @default 1e-2 */
  readonly zRate?: number;
  /** Of rotations (six numbers) and shifts (pixels). @default 1e-3 */
  readonly poseRate?: number;
  /** @default 1e-2 (the text of the paper: 0.1, which RyR used) */
  readonly scoreRate?: number;
  /** Noise of a number in the loss. @default 1 (the paper: 0.1 for tomotwin3, 10 for RyR) */
  readonly sigma?: number;
  /** Radii of the search's products and last halving, Fourier pixels, as far as the set goes. @default 12, 32 (the paper: 6, 16) */
  readonly searchRadius?: readonly [from: number, to: number];
  /** Radius of the disc of shifts. @default 8 % of the box: the paper's 10 pixels of 128 (20 in the code) */
  readonly shiftRangeAngstrom?: number;
  /** Images searched with the same rasters. @default 256 */
  readonly searchEvery?: number;
  /** Fourier points of an image in one step, drawn anew for each: an unbiased part of the error. @default all */
  readonly pointsPerImage?: number;
}

export type PaperStage = "pretrain" | "search" | "gradient";

/** What is done between two states: images from..to of the epoch's order, in batches. */
export interface PaperStep {
  readonly stage: PaperStage;
  /** Epochs over the images completed before. */
  readonly pass: number;
  readonly from: number;
  readonly to: number;
  readonly batch: number;
  /** The images up to here are searched before the step; 0: nothing is. */
  readonly searchTo: number;
}

export type PaperSchedule = Required<Omit<PaperOptions, "shiftRangeAngstrom">>;

const defaults: PaperSchedule = {
  field: { frequencies: 192, width: 128, depth: 3 },
  pretrainImages: 10_000,
  searchImages: 500_000,
  gradientEpochs: 100,
  pretrainBatch: 32,
  searchBatch: 8,
  gradientBatch: 64,
  fieldRate: 1e-4,
  zRate: 1e-2,
  poseRate: 1e-3,
  scoreRate: 1e-2,
  sigma: 1,
  searchRadius: [12, 32],
  searchEvery: 256,
  pointsPerImage: Infinity,
};

/** Images between two states, about: soon enough for a stop. */
const STEP_IMAGES = 32;

/** The published schedule with departures. */
export function paperSchedule(given: PaperOptions = {}): PaperSchedule {
  const schedule = { ...defaults, ...given };
  for (const name of ["pretrainImages", "searchImages", "gradientEpochs"] as const)
    check(Number.isInteger(schedule[name]) && schedule[name] >= 0, `paper.${name}`, "a whole number", schedule[name]);
  for (const name of ["pretrainBatch", "searchBatch", "gradientBatch", "searchEvery"] as const)
    check(
      Number.isInteger(schedule[name]) && schedule[name] > 0,
      `paper.${name}`,
      "a positive integer",
      schedule[name],
    );
  for (const name of ["fieldRate", "zRate", "poseRate", "scoreRate"] as const)
    check(schedule[name] >= 0, `paper.${name}`, "a rate of at least 0", schedule[name]);
  check(schedule.sigma > 0, "paper.sigma", "a positive number", schedule.sigma);
  check(schedule.pointsPerImage >= 1, "paper.pointsPerImage", "at least 1", schedule.pointsPerImage);
  return schedule;
}

/** Epochs of the search over `count` images. */
export function searchEpochs({ searchImages }: PaperSchedule, count: number): number {
  return searchImages === 0 ? 0 : Math.max(2, Math.floor(searchImages / count) + 1);
}

/** All steps of a run over `count` images. No step spans two epochs or two groups of the search. */
export function paperSteps(schedule: PaperSchedule, count: number): readonly PaperStep[] {
  const { pretrainImages, pretrainBatch, searchBatch, gradientBatch, searchEvery, gradientEpochs } = schedule;
  const steps: PaperStep[] = [];
  let pass = 0;
  const epoch = (stage: PaperStage, batch: number, images: number, group: number): void => {
    const size = batch * Math.ceil(STEP_IMAGES / batch);
    for (let start = 0; start < images; start += group) {
      const end = Math.min(images, start + group);
      for (let from = start; from < end; from += size) {
        const searchTo = stage === "search" && from === start ? end : 0;
        steps.push({ stage, pass, from, to: Math.min(end, from + size), batch, searchTo });
      }
    }
    if (images === count) pass++;
  };
  for (let left = pretrainImages; left > 0; left -= count)
    epoch("pretrain", pretrainBatch, Math.min(left, count), count);
  for (let e = 0; e < searchEpochs(schedule, count); e++) epoch("search", searchBatch, count, searchEvery);
  for (let e = 0; e < gradientEpochs; e++) epoch("gradient", gradientBatch, count, count);
  return steps;
}
