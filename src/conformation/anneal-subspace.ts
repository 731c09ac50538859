/**
 * @file Learning a subspace from random z, from low resolution to high.
 *
 * Poses are refined against the mean first. Errors of pose are held for motion otherwise: with poses 4° off the ribosome's ratchet was
 * not found at low resolution (|Spearman| 0.1 after 15 rounds), with 2.2° it was (0.7). At low resolution they are held, and
 * z is taken as if known: that finds directions (orthogonal iteration), where EM would start from z near 0 and creep. Then
 * every image climbs in pose and z together.
 */
import { checkCancelled } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { signalRadius } from "../imaging/signal-radius.js";
import type { CoreTurn } from "./core-turns.js";
import type { LinearSubspace } from "./linear-subspace.js";
import { newSubspaceImages, redrawIdle, type SubspaceImages, standardise, takeAsKnown } from "./subspace-images.js";
import { expectationStep, maximisationStep } from "./subspace-steps.js";

/** The first resolution: this many periods across the particle. */
const FIRST_PERIODS = 5.6;
/** Poses are refined with z from here on, or from the last resolution on where that is lower. */
const POSE_PERIODS = 9.3;
/** From one resolution to the next. */
const GROWTH = 1.28;
/** Signal below this fraction of the noise (r.m.s. of a coefficient) is left out. */
const LEAST_SIGNAL = 0.12;
/** Rounds with the posterior's whole width at the end of the first resolution. */
const SETTLED = 1;
/** Of pose refinement before any motion. */
const RIGID_ROUNDS = 2;

export interface AnnealSchedule {
  /** Resolutions in Fourier pixels, rising. */
  readonly radii: readonly number[];
  /** At each. */
  readonly rounds: number;
  /** Steps of every image's pose in a round at high resolution; 0: poses are held. */
  readonly poseSteps: number;
  readonly random: Random;
  /** Of the particle's core, the identity among them (core-turns.ts): frames are drawn with the conformations. */
  readonly turns?: readonly CoreTurn[];
  readonly signal?: AbortSignal;
  /** Told after every round. */
  readonly onRound?: () => void;
}

/** EM at the resolutions from..to − 1, in place; the subspace of the last. `start` is that of the resolution before. */
export function annealSubspace(
  reader: PreparedReader,
  state: SubspaceImages,
  schedule: AnnealSchedule,
  from: number,
  to: number,
  start?: LinearSubspace,
): LinearSubspace {
  const { radii, rounds, random } = schedule;
  let subspace = start;
  for (let q = from; q < to; q++) {
    const radius = radii[q]!;
    const steps = stepsAt(reader, schedule, radius);
    const last = q === radii.length - 1;
    if (q > 0 && (last || steps > 0)) redrawIdle(state, random);
    const memory = {};
    for (let round = 0; round < rounds; round++) {
      checkCancelled(schedule.signal);
      // The last z stand as they were found: posteriors under the last modes.
      if (subspace !== undefined) {
        const settling = q === 0 ? round < rounds - SETTLED : steps === 0 && !last;
        if (settling) takeAsKnown(state, random);
        standardise(state);
      }
      subspace = maximisationStep(reader, state, radius, memory);
      const turns = schedule.turns && { operators: schedule.turns, random };
      expectationStep(reader, state, subspace, steps, state.evidence.keys(), turns);
      schedule.onRound?.();
    }
  }
  return subspace!;
}

/** Steps of pose at `radius`: none where it tells less of poses than is known. Nothing tells more than the last one. */
export function stepsAt(reader: PreparedReader, { radii, poseSteps }: AnnealSchedule, radius: number): number {
  return radius >= periods(reader, POSE_PERIODS) || radius === radii.at(-1) ? poseSteps : 0;
}

/** Poses refined against the mean alone, at `radius`: Float64[images 9]. */
export function alignedRigidly(
  reader: PreparedReader,
  images: ArrayLike<number>,
  poses: ArrayLike<number>,
  radius: number,
  poseSteps: number,
): Float64Array {
  const state = newSubspaceImages(images, poses, 0);
  for (let round = 0; round < RIGID_ROUNDS; round++)
    expectationStep(reader, state, maximisationStep(reader, state, radius, {}), poseSteps);
  return state.poses;
}

/** From 5.6 periods across the particle to where the signal ends. */
export function resolutions(reader: PreparedReader): readonly number[] {
  return resolutionsTo(reader, signalRadius(reader.set, LEAST_SIGNAL));
}

/** The same, to `last`. */
export function resolutionsTo(reader: PreparedReader, last: number): readonly number[] {
  const radii: number[] = [];
  for (let r = periods(reader, FIRST_PERIODS); r < last / Math.sqrt(GROWTH); r *= GROWTH) radii.push(Math.round(r));
  return [...radii, last];
}

function periods({ set }: PreparedReader, count: number): number {
  return (count * set.box * set.pixelSizeAngstrom) / set.diameterAngstrom;
}
