/** @file A mixture reconstruction under way: what changes (saved in checkpoints) and what computes (not saved). */
import { availableParallelism } from "node:os";
import { check } from "../core/errors.js";
import { type Random, seededRandom } from "../core/random.js";
import { createFieldEvaluator, type FieldEvaluator } from "../field/evaluator.js";
import { type Field, type FieldConfig, fieldPresets, initialiseField } from "../field/field.js";
import { createFieldTrainer, type FieldOptimiser, type FieldTrainer, newFieldOptimiser } from "../field/trainer.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared, type PreparedReader } from "../imaging/prepared-reader.js";
import { createRasterPool, type RasterPool } from "../imaging/raster-pool.js";
import type { PoseSearch } from "../pose/search.js";
import { createSearchPool } from "../pose/search-pool.js";
import { createImageTable, type ImageTable } from "./image-table.js";
import { defaultSchedule, type Schedule } from "./schedule.js";
import { type Joining, type MixtureOptions, mixtureDefaults } from "./state.js";
import { createPointSampler, type PointSampler } from "./training-points.js";

/** Axes that are looked for where their number is to be found. */
const MOST_AXES = 3;
/** Fourier points of one gradient step. */
export const POINTS = 2048;

/** Options with every default filled in; `classes` are as many as are looked for at most. */
export type RunOptions = Required<Omit<MixtureOptions, "signal" | "schedule" | "classes" | "mostClasses" | "zDim">> & {
  readonly classes: number;
  /** Whether their number is to be found. */
  readonly auto: boolean;
  /** Coordinates held of every conformation. */
  readonly zDim: number;
  /** Whether the number of axes that are used is to be found, class by class. */
  readonly autoAxes: boolean;
  readonly schedule: Schedule;
};

/** All that changes in the course of a run. */
export interface MixtureRun {
  readonly set: PreparedParticles;
  readonly options: RunOptions;
  /** One per class held at present; at first more than `options.classes`. */
  fields: readonly Field[];
  optimisers: readonly FieldOptimiser[];
  table: ImageTable;
  weights: Float64Array;
  /** Float64[K], see class-balance.ts. */
  offsets: Float64Array;
  order: Int32Array;
  random: Random;
  /** Batches done. */
  step: number;
  /** Images visited, each pass counting again. */
  visits: number;
  /** What the latest batch was compared with, one per class; made anew for every batch (references.ts), none before the first. */
  references: readonly FourierRaster[];
  /** The stage of the latest batch. */
  stage: string;
  /** While poses begin anew, the radius within which the old ones were judged (stage-start.ts); 0 otherwise. */
  keptRadius: number;
  /** Float64[K], what the old poses came to. */
  keptEvidence: Float64Array;
  /** Whether views have piled up, and poses are kept from freezing since (molten-poses.ts). */
  molten: boolean;
  /** Whether conformations have been started (flexing.ts). */
  flexing: boolean;
  /** Int32[K]: axes along which each class moves; 0 until conformations are found. */
  axes: Int32Array;
  joining: readonly Joining[];
  imagesPerSecond: number;
}

/** The compiled programs and threads of a run. */
export interface MixtureTools {
  readonly reader: PreparedReader;
  readonly search: PoseSearch;
  readonly backProjection: RasterPool;
  readonly trainer: FieldTrainer;
  readonly evaluator: FieldEvaluator;
  readonly sampler: PointSampler;
}

/** Compile the programs and start the threads. */
export async function openTools(run: MixtureRun): Promise<MixtureTools> {
  const { set, options } = run;
  const config = run.fields[0]!.config;
  const program = { points: POINTS, threads: options.threads };
  const reader = openPrepared(set);
  return {
    reader,
    search: createSearchPool(set, options.threads),
    backProjection: createRasterPool(set, options.threads),
    trainer: await createFieldTrainer(config, program),
    evaluator: await createFieldEvaluator(config, program),
    sampler: createPointSampler(reader, POINTS, options.zDim),
  };
}

export async function closeTools(tools: MixtureTools): Promise<void> {
  await tools.search.dispose();
  await tools.backProjection.dispose();
  await tools.trainer.dispose();
  await tools.evaluator.dispose();
  tools.reader.close();
}

/** The plane waves of the fields fill the particle's sphere. */
function fieldConfig(set: PreparedParticles, zDim: number): FieldConfig {
  return { ...fieldPresets.small, zDim, supportPixels: set.diameterAngstrom / 2 / set.pixelSizeAngstrom };
}

/** A run at its beginning, with `provision` times the classes asked for (one class stays one). */
export function startRun(set: PreparedParticles, given: MixtureOptions): MixtureRun {
  const options = resolveOptions(set, given);
  const random = seededRandom(options.seed);
  return emptyRun(set, options, random, heldClasses(options, options.schedule.stages[0]!.provision));
}

/** How many classes a stage holds at most. */
export function heldClasses({ classes, auto }: RunOptions, provision: number): number {
  return classes === 1 || auto ? classes : Math.round(classes * provision);
}

/** A run before its first batch, with `classes` classes. */
export function emptyRun(set: PreparedParticles, options: RunOptions, random: Random, classes: number): MixtureRun {
  const config = fieldConfig(set, options.zDim);
  const fields = Array.from({ length: classes }, () => initialiseField(config, random));
  return {
    set,
    options,
    fields,
    optimisers: fields.map(() => newFieldOptimiser(0)), // the rate is set before every step
    table: createImageTable(set.count, classes, options.zDim),
    weights: new Float64Array(classes).fill(1 / classes),
    offsets: new Float64Array(classes),
    order: new Int32Array(set.count),
    random,
    step: 0,
    visits: 0,
    references: [],
    stage: "",
    keptRadius: 0,
    keptEvidence: new Float64Array(classes),
    molten: false,
    flexing: false,
    axes: new Int32Array(classes),
    joining: [],
    imagesPerSecond: 0,
  };
}

/** Every default filled in, and every value looked at. */
export function resolveOptions(set: PreparedParticles, given: MixtureOptions): RunOptions {
  const { classes: asked, mostClasses, junk, zDim: axes, seed, passes, batch } = { ...mixtureDefaults, ...given };
  const { threads = Math.min(8, availableParallelism()) } = given;
  const auto = asked === "auto";
  const isWhole = auto || (Number.isInteger(asked) && asked >= 1);
  check(isWhole, "classes", 'an integer of at least 1, or "auto"', asked);
  check(Number.isInteger(mostClasses) && mostClasses >= 1, "mostClasses", "an integer of at least 1", mostClasses);
  const classes = auto ? Math.min(mostClasses, set.count) : asked;
  check(classes <= set.count, "classes", `at most the number of images, ${set.count}`, classes);
  const autoAxes = axes === "auto";
  const zDim = autoAxes ? MOST_AXES : axes;
  check(Number.isInteger(zDim) && zDim >= 0 && zDim <= 8, "zDim", 'an integer from 0 to 8, or "auto"', zDim);
  check(Number.isInteger(passes) && passes >= 1, "passes", "an integer of at least 1", passes);
  check(Number.isInteger(batch) && batch >= 1, "batch", "an integer of at least 1", batch);
  return {
    classes,
    auto,
    junk,
    zDim,
    autoAxes,
    seed,
    passes,
    batch,
    threads,
    schedule: { ...defaultSchedule(set, passes, batch, classes), ...given.schedule },
  };
}
