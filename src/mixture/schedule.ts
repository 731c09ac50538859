/**
 * @file What changes in the course of a run: resolution, temperatures, search depth, learning rate.
 *
 * Frequency marching with annealing (design 6.4, 6.8): the radius grows from `firstRadius` to `lastRadius` over the
 * first `marchFraction` of the run, while the pose temperature falls to 1 and the class temperature, cooler from
 * the start, falls with it.
 */

import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { check } from "../core/errors.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { SearchPlan } from "../pose/search.js";
import { KEEP } from "./image-table.js";

export interface Schedule {
  /** Fourier pixels of the working box. */
  readonly firstRadius: number;
  readonly lastRadius: number;
  readonly marchFraction: number;
  readonly poseTemperature: number;
  readonly classTemperature: number;
  readonly learningRate: number;
  readonly lastLearningRate: number;
  /** Classes are held to equal shares until half this fraction of the run, then ever less. */
  readonly balanceFraction: number;
  /** Conformations are held at 0 before this fraction of the run. */
  readonly latentFraction: number;
  /** From this fraction on, most images are searched around their last poses only. */
  readonly localFraction: number;
  /** Fraction of the images that are searched everywhere all the same. */
  readonly globalShare: number;
  /** Half-width of the square of shifts, Å. */
  readonly shiftRangeAngstrom: number;
  /** Gradient steps on every field after each batch. */
  readonly stepsPerBatch: number;
  /** Weight of the Dirichlet prior on class sizes, as a fraction of the mean class size. */
  readonly dirichletPrior: number;
}

/** The schedule for a working set: the last radius is where the signal's amplitude falls to that of the noise. */
export function defaultSchedule(set: PreparedParticles): Schedule {
  const lastRadius = signalRadius(set);
  return {
    firstRadius: Math.min(6, lastRadius),
    lastRadius,
    marchFraction: 0.6,
    poseTemperature: 4,
    classTemperature: 4,
    balanceFraction: 0.6,
    learningRate: 3e-3,
    lastLearningRate: 5e-4,
    latentFraction: 0.7,
    localFraction: 0.6,
    globalShare: 0.15,
    shiftRangeAngstrom: 0.1 * set.box * set.pixelSizeAngstrom,
    stepsPerBatch: 10,
    dirichletPrior: 0.1,
  };
}

/** Largest radius with useful signal, Fourier pixels, between 6 and box/2 − 1. */
function signalRadius(set: PreparedParticles): number {
  let radius = 6;
  while (radius < set.box / 2 - 1 && set.signalEnvelope[radius + 1]! > 0.1) radius++;
  return Math.min(radius, set.box / 2 - 1);
}

/** Angle over which a particle's slice changes at `radius`, rad: diameter × angle = half a period. */
function usefulAngle(set: PreparedParticles, radius: number): number {
  return (set.box * set.pixelSizeAngstrom) / (2 * radius * (set.diameterAngstrom / 2));
}

/** The pose search of one moment of the run. */
export function searchPlan(schedule: Schedule, settings: Settings, set: PreparedParticles): SearchPlan {
  const { radius, poseTemperature } = settings;
  const coarseRadius = Math.min(8, radius);
  const spacing = 15 * RADIANS_PER_DEGREE;
  const levels = Math.max(0, Math.min(4, Math.round(Math.log2(spacing / (0.25 * usefulAngle(set, radius))))));
  return {
    order: 2,
    coarseRadius,
    radius: levels === 0 ? coarseRadius : radius,
    shiftRangePixels: schedule.shiftRangeAngstrom / set.pixelSizeAngstrom,
    shiftStepPixels: set.box / 4 / coarseRadius,
    levels,
    localLevels: Math.max(1, levels - 1),
    localSpacingRad: spacing / 4,
    keep: KEEP,
    temperature: poseTemperature,
  };
}

export interface Settings {
  readonly radius: number;
  readonly poseTemperature: number;
  readonly classTemperature: number;
  readonly learningRate: number;
  readonly latents: boolean;
  readonly local: boolean;
  /** How far classes are held to equal shares, 1 to 0 (class-balance.ts). */
  readonly balance: number;
}

/** The settings at `fraction` (0..1) of a run. */
export function settingsAt(schedule: Schedule, fraction: number): Settings {
  check(fraction >= 0 && fraction <= 1, "fraction", "a number in [0, 1]", fraction);
  const march = Math.min(1, fraction / schedule.marchFraction);
  const geometric = (from: number, to: number, at: number): number => from * (to / from) ** at;
  return {
    radius: schedule.firstRadius + march * (schedule.lastRadius - schedule.firstRadius),
    poseTemperature: geometric(schedule.poseTemperature, 1, march),
    classTemperature: geometric(schedule.classTemperature, 1, march),
    learningRate: geometric(schedule.learningRate, schedule.lastLearningRate, fraction),
    latents: fraction >= schedule.latentFraction,
    local: fraction >= schedule.localFraction,
    balance: Math.max(0, Math.min(1, 2 - (2 * fraction) / schedule.balanceFraction)),
  };
}
