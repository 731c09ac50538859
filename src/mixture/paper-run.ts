/** @file A run of the published schedule: what changes (saved in checkpoints) and what computes (not saved). */
import { availableParallelism } from "node:os";
import { check } from "../core/errors.js";
import { type Random, resumeRandom, seededRandom } from "../core/random.js";
import { createFieldEvaluator, type FieldEvaluator } from "../field/evaluator.js";
import { type Field, initialiseField, trainableWeights } from "../field/field.js";
import { type FieldOptimiser, newFieldOptimiser } from "../field/trainer.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared, type PreparedReader } from "../imaging/prepared-reader.js";
import type { PoseSearch } from "../pose/search.js";
import { createSearchPool } from "../pose/search-pool.js";
import { IMAGE_VARIABLES } from "./paper-loss.js";
import { type PaperSchedule, paperSchedule } from "./paper-schedule.js";
import { createPaperTables, type PaperTables } from "./paper-tables.js";
import { createPaperTrainer, type PaperTrainer } from "./paper-trainer.js";
import { type MixtureCheckpoint, mixtureDefaults, type PaperMixtureOptions } from "./state.js";

export interface PaperRun {
  readonly set: PreparedParticles;
  readonly options: {
    readonly classes: number;
    readonly zDim: number;
    readonly seed: number;
    readonly threads: number;
    readonly shiftRangeAngstrom: number;
  };
  readonly schedule: PaperSchedule;
  readonly fields: readonly Field[];
  readonly optimisers: readonly FieldOptimiser[];
  readonly tables: PaperTables;
  /** Int32[count], the class of largest score; −1 before the first visit. */
  readonly classes: Int32Array;
  /** Int32[count]: 1 where it changed at the latest visit. */
  readonly changed: Int32Array;
  /** Float64[count]: log-likelihood under that class over that of nothing, at the latest visit. */
  readonly evidence: Float64Array;
  readonly order: Int32Array;
  random: Random;
  step: number;
  imagesPerSecond: number;
}

export interface PaperTools {
  readonly reader: PreparedReader;
  readonly search: PoseSearch;
  readonly trainer: PaperTrainer;
  readonly evaluator: FieldEvaluator;
}

/** The loss counts every coefficient of the set, from the first step on. */
export function paperRadius({ box }: PreparedParticles): number {
  return box / 2 - 1;
}

/** Compile the programs and start the threads. */
export async function openPaperTools({ set, options, schedule, fields }: PaperRun): Promise<PaperTools> {
  const { classes, threads } = options;
  const { sigma, pointsPerImage } = schedule;
  const config = fields[0]!.config;
  const reader = openPrepared(set);
  const program = { classes, sigma, pointsPerImage, radius: paperRadius(set), threads };
  return {
    reader,
    search: createSearchPool(set, threads),
    trainer: await createPaperTrainer(reader, config, program),
    evaluator: await createFieldEvaluator(config, { points: 2048, threads }),
  };
}

export async function closePaperTools(tools: PaperTools): Promise<void> {
  await tools.search.dispose();
  await tools.trainer.dispose();
  await tools.evaluator.dispose();
  tools.reader.close();
}

/** A run at its beginning. */
export function startPaperRun(set: PreparedParticles, given: PaperMixtureOptions): PaperRun {
  const { classes: asked, zDim, seed } = { ...mixtureDefaults, ...given };
  check(asked !== "auto", "classes", "a number for the published schedule", asked);
  const classes = asked;
  const { threads = Math.min(8, availableParallelism()), paper = {} } = given;
  const { shiftRangeAngstrom = 0.08 * set.box * set.pixelSizeAngstrom } = paper;
  check(Number.isInteger(classes) && classes >= 1, "classes", "an integer of at least 1", classes);
  const isLength = zDim !== "auto" && Number.isInteger(zDim) && zDim >= 0 && zDim <= 8;
  check(isLength, "zDim", "an integer from 0 to 8 for the published schedule", zDim);
  const schedule = paperSchedule(paper);
  const random = seededRandom(seed);
  const config = { ...schedule.field, zDim, supportPixels: set.diameterAngstrom / 2 / set.pixelSizeAngstrom };
  const fields = Array.from({ length: classes }, () => initialiseField(config, random));
  return {
    set,
    options: { classes, zDim, seed, threads, shiftRangeAngstrom },
    schedule,
    fields,
    optimisers: fields.map((field) => restedOptimiser(field, schedule.fieldRate)),
    tables: createPaperTables(set.count, { K: classes, zDim }, schedule, random),
    classes: new Int32Array(set.count).fill(-1),
    changed: new Int32Array(set.count),
    evidence: new Float64Array(set.count),
    order: new Int32Array(set.count),
    random,
    step: 0,
    imagesPerSecond: 0,
  };
}

/** An optimiser whose moments are there from the start, so that checkpoints of any step hold the same arrays. */
function restedOptimiser({ config, weights }: Field, learningRate: number): FieldOptimiser {
  const optimiser = newFieldOptimiser(learningRate);
  for (const name of trainableWeights(config)) {
    const size = weights[name]!.length;
    optimiser.state[name] = { m: new Float32Array(size), v: new Float32Array(size), t: 0 };
  }
  return optimiser;
}

/** The run of a checkpoint, over the same set and with the same options. */
export function resumePaperRun(
  set: PreparedParticles,
  given: PaperMixtureOptions,
  { meta, arrays }: MixtureCheckpoint,
): PaperRun {
  const run = startPaperRun(set, given);
  const advice = "use the options of that run";
  for (const [name, expected] of Object.entries(identity(run)))
    check(meta[name] === expected, "resume", `a checkpoint with ${name} ${expected}`, meta[name], advice);
  for (const [name, array] of Object.entries(arraysOf(run))) {
    const from = arrays[name];
    const other = "begin the run anew with these options";
    check(from?.length === array.length, "resume", `${array.length} numbers in "${name}"`, from?.length, other);
    array.set(from);
  }
  const saved = meta as { random: number[]; step: number; fieldSteps: number; tableSteps: number[] };
  for (const { state } of run.optimisers) for (const moments of Object.values(state)) moments.t = saved.fieldSteps;
  IMAGE_VARIABLES.forEach((name, i) => {
    run.tables[name].steps = saved.tableSteps[i]!;
  });
  run.random = resumeRandom(saved.random);
  run.step = saved.step;
  return run;
}

/** Everything `resumePaperRun` needs, copied. */
export function paperCheckpoint(run: PaperRun): MixtureCheckpoint {
  const [moments] = Object.values(run.optimisers[0]!.state);
  return {
    meta: {
      ...identity(run),
      random: run.random.state(),
      step: run.step,
      fieldSteps: moments!.t,
      tableSteps: IMAGE_VARIABLES.map((name) => run.tables[name].steps),
    },
    arrays: Object.fromEntries(Object.entries(arraysOf(run)).map(([name, array]) => [name, array.slice()])),
  };
}

/** What must agree between a checkpoint and the run that resumes it. */
function identity({ set, options, schedule }: PaperRun): Readonly<Record<string, number | string>> {
  const { classes, zDim, seed } = options;
  return { schedule: "paper", count: set.count, box: set.box, classes, zDim, seed, paper: JSON.stringify(schedule) };
}

/** The arrays of a run that change, by name. */
function arraysOf(run: PaperRun): Record<string, Float32Array | Float64Array | Int32Array> {
  const { classes, changed, evidence, order } = run;
  const out: Record<string, Float32Array | Float64Array | Int32Array> = { classes, changed, evidence, order };
  run.fields.forEach(({ weights }, k) => {
    for (const name in weights) out[`field ${k} ${name}`] = weights[name]!;
    for (const [name, { m, v }] of Object.entries(run.optimisers[k]!.state)) {
      out[`adam ${k} m ${name}`] = m;
      out[`adam ${k} v ${name}`] = v;
    }
  });
  for (const name of IMAGE_VARIABLES) {
    const { values, adam } = run.tables[name];
    Object.assign(out, { [`table ${name}`]: values, [`table ${name} m`]: adam.m });
    Object.assign(out, { [`table ${name} v`]: adam.v, [`table ${name} t`]: adam.t });
  }
  return out;
}
