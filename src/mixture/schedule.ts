/**
 * @file What changes in the course of a run: resolution, temperatures, class balance, search, learning.
 *
 * A run is a list of stages. *Separate*: low resolution, hot, twice the classes, held to equal shares, so that species
 * part; then duplicates are dropped (class-merge.ts).
 * *Restart*: every class finds its poses from random ones, its images held: poses that locked while it still held two
 * species are forgotten; a search under one class instead of all costs little. *Settle*: images choose among classes
 * again, and strangers leave. Both twice: a tenth of strangers can keep a class from finding its poses, and they leave
 * after the first time. *Refine*: cold, full resolution, searches around the last poses. *Flex*: fields, conformations.
 * Temperatures are relative to what an image can say at the first radius, the log-likelihood gain of the right pose
 * G = Σ C²|S|² (measured on the working set), so that one schedule serves every signal-to-noise ratio.
 */
import { check } from "../core/errors.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { signalRadius } from "../imaging/signal-radius.js";

/** From the first batch of a stage to its last. */
export type Range = readonly [from: number, to: number];

export interface Stage {
  readonly name: string;
  readonly passes: number;
  /** Images between two updates of the maps. */
  readonly batch: number;
  /** Classes held, as a multiple of those asked for; the surplus is dropped when the next stage begins. */
  readonly provision: number;
  /** Fourier pixels of the working box; linear. */
  readonly radius: Range;
  /** Classes learn from the images visited last, this many to a class; more would slow the forgetting. */
  readonly memory: number;
  /** Geometric. */
  readonly poseTemperature: Range;
  /** Geometric. */
  readonly classTemperature: Range;
  /** How far classes are held to equal shares, 0..1; linear (class-balance.ts). */
  readonly balance: Range;
  /** Fraction of the images searched around their last poses only. */
  readonly localShare: number;
  /** Images keep their classes, and the poses of every class begin anew at random. */
  readonly alone: boolean;
  /** Of the fields, geometric; null: classes are rigid, maps without fields, and conformations are held at 0. */
  readonly learningRate: Range | null;
  /** Where poses begin anew: the radius within which new and old ones are judged, Fourier pixels. */
  readonly judgingRadius: number;
  /** Where poses begin anew: classes that hold one species are joined first (duplicates.ts). */
  readonly joining: boolean;
}

export interface Schedule {
  readonly stages: readonly Stage[];
  /** Radius of the disc of shifts, Å. */
  readonly shiftRangeAngstrom: number;
  /** Gradient steps on every flexing field after each batch. */
  readonly stepsPerBatch: number;
  /** Gradient steps on every field as it begins to flex (flexing.ts). */
  readonly fieldSteps: number;
  /** Weight of the Dirichlet prior on class sizes, as a fraction of the mean class size. */
  readonly dirichletPrior: number;
}

/** The settings of one batch. */
export interface Settings {
  readonly stage: string;
  readonly batch: number;
  readonly provision: number;
  readonly radius: number;
  readonly memory: number;
  readonly poseTemperature: number;
  readonly classTemperature: number;
  readonly balance: number;
  readonly localShare: number;
  readonly alone: boolean;
  readonly learningRate: number | null;
  readonly judgingRadius: number;
  readonly joining: boolean;
}

/** The schedule for a working set, its stages scaled to `passes` in all. */
export function defaultSchedule(set: PreparedParticles, passes = 50, batch = 125): Schedule {
  check(Number.isInteger(passes) && passes >= 1, "passes", "an integer of at least 1", passes);
  const last = signalRadius(set, LEAST_SIGNAL);
  const first = Math.min(last, (FIRST_PERIODS * set.box * set.pixelSizeAngstrom) / set.diameterAngstrom);
  const between = (fraction: number): number => first + fraction * (last - first);
  const gain = likelihoodGain(set, first);
  const hot = (fraction: number): number => Math.max(1, fraction * gain);
  const still = {
    provision: 1,
    balance: [0, 0] as Range,
    localShare: 0,
    alone: false,
    judgingRadius: 0,
    joining: false,
    learningRate: null,
  };
  const restart = {
    ...still,
    passes: 9,
    batch,
    radius: [first, between(0.6)] as Range,
    memory: 400,
    poseTemperature: [hot(0.04), hot(0.009)] as Range,
    classTemperature: [1, 1] as Range,
    alone: true,
    judgingRadius: between(0.4),
  };
  const settle = {
    ...still,
    batch,
    memory: 800,
    poseTemperature: [hot(0.012), 1] as Range,
    classTemperature: [hot(0.02), 1] as Range,
  };
  const stages: Stage[] = [
    {
      ...still,
      name: "separate",
      passes: 13,
      batch,
      provision: 2,
      radius: [first, between(0.4)],
      memory: 200,
      poseTemperature: [hot(0.04), hot(0.012)],
      classTemperature: [hot(0.28), hot(0.028)],
      balance: [1, 0],
    },
    { ...restart, name: "restart" },
    { ...settle, name: "settle", passes: 3, radius: [between(0.4), between(0.8)] },
    { ...restart, name: "restart again", passes: 12, judgingRadius: between(0.8), joining: true },
    { ...settle, name: "settle again", passes: 6, radius: [between(0.4), last] },
    {
      ...still,
      name: "refine",
      passes: 3,
      batch: 2 * batch,
      radius: [last, last],
      memory: 5000,
      poseTemperature: [COLD, COLD],
      classTemperature: [1, 1],
      localShare: 0.85,
    },
    {
      ...still,
      name: "flex",
      passes: 4,
      batch: 3 * batch,
      radius: [last, last],
      memory: 5000,
      poseTemperature: [COLD, COLD],
      classTemperature: [1, 1],
      learningRate: [3e-3, 3e-4],
    },
  ];
  const total = stages.reduce((sum, stage) => sum + stage.passes, 0);
  return {
    stages: stages.map((stage) => ({ ...stage, passes: (stage.passes * passes) / total })),
    shiftRangeAngstrom: 0.08 * set.box * set.pixelSizeAngstrom,
    stepsPerBatch: 5,
    fieldSteps: 375,
    dirichletPrior: 0.1,
  };
}

/** Pose temperature of the last stages: the best pose, not a draw; what is left of pose error would pass for motion. */
const COLD = 0.1;
/** The run starts where this many periods fit across the particle. */
const FIRST_PERIODS = 4.2;
/** Signal below this fraction of the noise (r.m.s. of a coefficient) is left out. */
const LEAST_SIGNAL = 0.35;

/** The settings at `passes` (a fraction counts) from the start. */
export function settingsAt(schedule: Schedule, passes: number): Settings {
  check(passes >= 0, "passes", "at least 0", passes);
  let index = 0;
  let done = passes;
  while (index < schedule.stages.length - 1 && done >= schedule.stages[index]!.passes) {
    done -= schedule.stages[index]!.passes;
    index++;
  }
  const stage = schedule.stages[index]!;
  const at = Math.min(1, done / stage.passes);
  const linear = ([from, to]: Range): number => from + at * (to - from);
  const geometric = ([from, to]: Range): number => from * (to / from) ** at;
  return {
    stage: stage.name,
    batch: stage.batch,
    provision: stage.provision,
    radius: linear(stage.radius),
    memory: stage.memory,
    poseTemperature: geometric(stage.poseTemperature),
    classTemperature: geometric(stage.classTemperature),
    balance: linear(stage.balance),
    localShare: stage.localShare,
    alone: stage.alone,
    learningRate: stage.learningRate && geometric(stage.learningRate),
    judgingRadius: stage.judgingRadius,
    joining: stage.joining,
  };
}

/** One batch of a run: images from..to of the pass's order, and the passes done before it. */
export interface Batch {
  readonly pass: number;
  readonly from: number;
  readonly to: number;
  readonly settings: Settings;
}

/** All batches of a run over `count` images. No batch spans two passes. */
export function planBatches(schedule: Schedule, count: number): readonly Batch[] {
  const passes = Math.round(schedule.stages.reduce((sum, stage) => sum + stage.passes, 0));
  const batches: Batch[] = [];
  for (let pass = 0; pass < passes; pass++)
    for (let from = 0; from < count; ) {
      const settings = settingsAt(schedule, pass + from / count);
      const to = Math.min(count, from + settings.batch);
      batches.push({ pass, from, to, settings });
      from = to;
    }
  return batches;
}

/** Mean over images of Σ C²|S|² within `radius`, what the right pose adds to 2·log-likelihood. */
function likelihoodGain(set: PreparedParticles, radius: number): number {
  const reader = openPrepared(set);
  const points = reader.points(radius);
  const contrast = new Float32Array(points);
  const images = Math.min(50, set.count);
  let gain = 0;
  for (let i = 0; i < images; i++) {
    reader.readContrast(i, contrast);
    for (let p = 0; p < points; p++) gain += (contrast[p]! * set.signalEnvelope[reader.plane.shell[p]!]!) ** 2 / images;
  }
  reader.close();
  return gain;
}
