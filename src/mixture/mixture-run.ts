/** @file A mixture reconstruction under way: what changes (saved in checkpoints) and what computes (not saved). */
import { availableParallelism } from "node:os";
import { check } from "../core/errors.js";
import { type Random, resumeRandom, seededRandom } from "../core/random.js";
import { createFieldEvaluator, type FieldEvaluator } from "../field/evaluator.js";
import { type Field, type FieldConfig, fieldPresets, initialiseField, trainableWeights } from "../field/field.js";
import { createFieldTrainer, type FieldOptimiser, type FieldTrainer, newFieldOptimiser } from "../field/trainer.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared, type PreparedReader } from "../imaging/prepared-reader.js";
import { createRasterPool, type RasterPool } from "../imaging/raster-pool.js";
import type { PoseSearch } from "../pose/search.js";
import { createSearchPool } from "../pose/search-pool.js";
import { createImageTable, type ImageTable } from "./image-table.js";
import { defaultSchedule, type Schedule } from "./schedule.js";
import { type Joining, type MixtureCheckpoint, type MixtureOptions, mixtureDefaults } from "./state.js";
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
  /** What the latest batch was compared with, one per class; made anew for every batch (references.ts). */
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

function emptyRun(set: PreparedParticles, options: RunOptions, random: Random, classes: number): MixtureRun {
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

/** The run of a checkpoint, over the same set and with the same options. */
export function resumeRun(set: PreparedParticles, given: MixtureOptions, checkpoint: MixtureCheckpoint): MixtureRun {
  const { meta, arrays } = checkpoint;
  const options = resolveOptions(set, given);
  const run = emptyRun(set, options, seededRandom(options.seed), Number(meta["held"]));
  for (const [name, expected] of Object.entries(identity(run)))
    check(
      meta[name] === expected,
      "resume",
      `a checkpoint with ${name} ${expected}`,
      meta[name],
      "use the options of that run",
    );
  const saved = meta as {
    random: number[];
    step: number;
    visits: number;
    stage: string;
    keptRadius: number;
    molten: boolean;
    flexing: boolean;
    joining: Joining[];
    adamSteps: number[];
  };
  for (const [name, array] of Object.entries(arraysOf(run))) {
    const from = arrays[name];
    check(
      from?.length === array.length,
      "resume",
      `${array.length} numbers in "${name}"`,
      from?.length ?? "none",
      "a checkpoint of another version of Iolaus: begin the run anew",
    );
    array.set(from);
  }
  run.fields.forEach((field, k) => {
    for (const name of trainableWeights(field.config)) {
      const m = arrays[`adam ${k} m ${name}`];
      const v = arrays[`adam ${k} v ${name}`];
      if (m === undefined || v === undefined) continue;
      run.optimisers[k]!.state[name] = { m: Float32Array.from(m), v: Float32Array.from(v), t: saved.adamSteps[k]! };
    }
  });
  run.random = resumeRandom(saved.random);
  run.step = saved.step;
  run.visits = saved.visits;
  run.stage = saved.stage;
  run.keptRadius = saved.keptRadius;
  run.molten = saved.molten;
  run.flexing = saved.flexing;
  run.joining = saved.joining;
  return run;
}

/** Everything `resumeRun` needs, copied. */
export function checkpointOf(run: MixtureRun): MixtureCheckpoint {
  const arrays: Record<string, Float32Array | Float64Array | Int32Array> = {};
  for (const [name, array] of Object.entries(arraysOf(run))) arrays[name] = array.slice();
  run.optimisers.forEach(({ state }, k) => {
    for (const [name, { m, v }] of Object.entries(state)) {
      arrays[`adam ${k} m ${name}`] = m.slice();
      arrays[`adam ${k} v ${name}`] = v.slice();
    }
  });
  const adamSteps = run.optimisers.map(({ state }) => Math.max(0, ...Object.values(state).map((moments) => moments.t)));
  return {
    meta: {
      ...identity(run),
      held: run.fields.length,
      random: run.random.state(),
      step: run.step,
      visits: run.visits,
      stage: run.stage,
      keptRadius: run.keptRadius,
      molten: run.molten,
      flexing: run.flexing,
      joining: run.joining,
      adamSteps,
    },
    arrays,
  };
}

/** What must agree between a checkpoint and the run that resumes it. */
function identity({ set, options }: MixtureRun): Readonly<Record<string, number>> {
  const { classes, auto, junk, zDim, autoAxes, seed, passes, batch } = options;
  const numbers = { count: set.count, box: set.box, classes, zDim, seed, passes, batch };
  return { ...numbers, auto: Number(auto), junk: Number(junk), autoAxes: Number(autoAxes) };
}

/** The arrays of a run that change, by name. */
function arraysOf(run: MixtureRun): Record<string, Float32Array | Float64Array | Int32Array> {
  const fields = run.fields.flatMap((field, k) =>
    Object.entries(field.weights).map(([name, array]) => [`field ${k} ${name}`, array] as const),
  );
  const table = Object.entries(run.table).map(([name, array]) => [`table ${name}`, array] as const);
  return {
    ...Object.fromEntries([...fields, ...table]),
    weights: run.weights,
    offsets: run.offsets,
    order: run.order,
    keptEvidence: run.keptEvidence,
    axes: run.axes,
  };
}

function resolveOptions(set: PreparedParticles, given: MixtureOptions): RunOptions {
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
