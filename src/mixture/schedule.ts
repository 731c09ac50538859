/**
 * @file What changes in the course of a run: resolution, temperatures, class balance, search, learning.
 *
 * A run is a list of stages. *Separate*: low resolution, hot, twice the classes, held to equal shares, so that species
 * part.
 * *Restart*: every class finds its poses from random ones, its images held: poses that locked while it still held two
 * species are forgotten; a search under one class instead of all costs little. *Settle*: images choose among classes
 * again, and strangers leave. Both twice: a tenth of strangers can keep a class from finding its poses, and they leave
 * after the first time. *Refine*: cold, full resolution, poses sought everywhere once more: with searches around the last poses a
 * quarter of the ribosome's images kept a wrong one. *Polish*: around the last poses. *Flex*: fields, conformations.
 * All of them find species in a sample of the images, so that the time for it does not grow with their number; *refine* gives
 * every other image its class and pose.
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
  /** Times every image of the sample is visited; of all images, with `everyImage`, and then at least once. */
  readonly passes: number;
  /** Whether images beyond the sample take part. */
  readonly everyImage: boolean;
  /** Images between two updates of the maps. */
  readonly batch: number;
  /** Classes held at most, as a multiple of those asked for; what is more is dropped where a stage joins classes (duplicates.ts). */
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
  /** The radius within which classes, and new poses against old ones, are judged on held-out images, Fourier pixels. */
  readonly judgingRadius: number;
  /** Classes that hold one species are joined first (duplicates.ts), judged within `judgingRadius`. */
  readonly joining: boolean;
  /** Images that no class explains are told first, and maps are made without them from here on (junk.ts). */
  readonly judgingJunk: boolean;
}

export interface Schedule {
  readonly stages: readonly Stage[];
  /** Images that species are found from, drawn at random; the others are assigned when those are known. */
  readonly sample: number;
  /** Radius of the disc of shifts, Å. */
  readonly shiftRangeAngstrom: number;
  /** Gradient steps on every flexing field after each batch. */
  readonly stepsPerBatch: number;
  /** Gradient steps on every field as it begins to flex, towards the subspace found (flexing.ts). */
  readonly fieldSteps: number;
  /** Weight of the Dirichlet prior on class sizes, as a fraction of the mean class size. */
  readonly dirichletPrior: number;
}

/**
 * The schedule for a working set, its stages scaled to `passes` in all. `perThree`: images of a batch at first, for each three
 * of the classes looked for: what is made anew for every batch grows with their number.
 */
export function defaultSchedule(set: PreparedParticles, passes = 50, perThree = 125, classes = 3): Schedule {
  check(Number.isInteger(passes) && passes >= 1, "passes", "an integer of at least 1", passes);
  const across = (periods: number): number => (periods * set.box * set.pixelSizeAngstrom) / set.diameterAngstrom;
  const coarsest = Math.min(across(LEAST_PERIODS), signalRadius(set, TRACE_OF_SIGNAL) + 0.5);
  const last = Math.max(coarsest, signalRadius(set, LEAST_SIGNAL));
  const whole = Math.max(coarsest, signalRadius(set, FAINT_SIGNAL));
  const first = Math.min(last, across(FIRST_PERIODS));
  const between = (fraction: number): number => first + fraction * (last - first);
  const gain = likelihoodGain(set, first);
  const hot = (fraction: number): number => Math.max(1, fraction * gain);
  const still = {
    everyImage: false,
    provision: 1,
    balance: [0, 0] as Range,
    localShare: 0,
    alone: false,
    judgingRadius: 0,
    joining: false,
    judgingJunk: false,
    learningRate: null,
  };
  const batch = Math.round(perThree * Math.max(1, Math.min(classes / 3, set.count / FEW_IMAGES)));
  const provision = Math.min(PROVISION, (classes + MOST_SURPLUS) / classes);
  const restart = {
    ...still,
    provision,
    passes: 9,
    batch,
    radius: [first, between(0.6)] as Range,
    memory: 400,
    poseTemperature: [hot(0.04), hot(0.009)] as Range,
    classTemperature: [1, 1] as Range,
    alone: true,
    judgingRadius: between(0.4),
  };
  const withSpare = (classes + SPARE) / classes;
  const settle = {
    ...still,
    batch,
    memory: 800,
    poseTemperature: [hot(0.012), 1] as Range,
    classTemperature: [hot(0.02), 1] as Range,
  };
  const refine = {
    ...still,
    batch: 2 * batch,
    radius: [whole, whole] as Range,
    memory: 5000,
    poseTemperature: [COLD, COLD] as Range,
    classTemperature: [1, 1] as Range,
    everyImage: true,
    judgingJunk: true,
  };
  const stages: Stage[] = [
    {
      ...still,
      name: "separate",
      passes: 13,
      batch,
      provision,
      radius: [first, between(0.4)],
      memory: 200,
      poseTemperature: [hot(0.04), hot(0.012)],
      classTemperature: [hot(0.28), hot(0.028)],
      balance: [1, 0],
    },
    { ...restart, name: "restart" },
    { ...settle, name: "settle", provision, passes: 3, radius: [between(0.4), between(0.8)] },
    { ...restart, name: "restart again", provision: withSpare, passes: 12, judgingRadius: between(0.8), joining: true },
    { ...settle, name: "settle again", provision: withSpare, passes: 6, radius: [between(0.4), last] },
    {
      ...refine,
      name: "refine",
      passes: 2.3,
      judgingRadius: between(0.8),
      joining: true,
    },
    { ...refine, name: "polish", passes: 0.9, localShare: 0.85 },
    {
      ...refine,
      name: "flex",
      passes: 4,
      batch: 3 * batch,
      everyImage: false,
      learningRate: [1e-3, 1e-4],
    },
  ];
  const total = stages.reduce((sum, stage) => sum + stage.passes, 0);
  return {
    stages: stages.map((stage) => ({ ...stage, passes: (stage.passes * passes) / total })),
    sample: Math.max(LEAST_SAMPLE, SAMPLE_PER_CLASS * classes),
    shiftRangeAngstrom: 0.08 * set.box * set.pixelSizeAngstrom,
    stepsPerBatch: 5,
    fieldSteps: 375,
    dirichletPrior: 0.1,
  };
}

/** Pose temperature of the last stages: the best pose, not a draw; what is left of pose error would pass for motion. */
const COLD = 0.1;
/** Images that species are found from, and at least so many for each class. */
const LEAST_SAMPLE = 6000;
/** Of so few images no batch is larger for the sake of many classes: maps would be made anew too seldom. */
const FEW_IMAGES = 3000;
const SAMPLE_PER_CLASS = 1500;
/** Classes to begin with, to each that is looked for: small species part from large ones when those fill several. */
const PROVISION = 3;
/** Of many classes no more than these beyond those asked for: every image is compared with every class. */
const MOST_SURPLUS = 6;
/** Classes held beyond those asked for until the end: junk gathers in one, and species that have not parted may yet. */
const SPARE = 2;
/** The run starts where this many periods fit across the particle. */
const FIRST_PERIODS = 4.2;
/** Signal below this fraction of the noise (r.m.s. of a coefficient) is left out; once poses have settled, less is of use. */
const LEAST_SIGNAL = 0.35;
const FAINT_SIGNAL = 0.25;

/** So many periods across the particle are looked at, even where only a trace of signal is left there. */
const LEAST_PERIODS = 5.2;
const TRACE_OF_SIGNAL = 0.12;

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
