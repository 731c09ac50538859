/**
 * @file How many directions a species moves along: those that one half of its images teaches and the other half confirms.
 *
 *     gain_d = evidence of an image under d axes of the other half − evidence under d − 1        natural logarithm
 *
 * Evidence has z and pose integrated out. An axis of noise loses: it explains nothing of images that it was not made of,
 * and the volume it adds counts against it. What both halves share and is no motion, as a window's edge or a normalisation
 * that depends on the view, follows from viewing direction, defocus and shift: such an axis is real but no motion.
 */
import { explainedVariance } from "../core/explained-variance.js";
import { viewHarmonics } from "../geometry/view-harmonics.js";
import { contrastOf } from "../imaging/image-contrast.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { POSE_STRIDE, rotationOfPose } from "../pose/pose-row.js";
import { type AnnealSchedule, annealSubspace } from "./anneal-subspace.js";
import { type LinearSubspace, withModes } from "./linear-subspace.js";
import { newSubspaceImages, type SubspaceImages, uncertainty } from "./subspace-images.js";
import { expectationStep } from "./subspace-steps.js";

export interface AxisEvidence {
  /** Of an image held out, mean, natural logarithm. */
  readonly gain: number;
  /** Its standard error. */
  readonly error: number;
  /** Adjusted R² of z on viewing direction, defocus and shift. */
  readonly leakage: number;
  /** Variance of z that images tell, 0..1: what the leakage of a function of the view alone would be. */
  readonly reliability: number;
  /** Confirmed, and no function of the view. */
  readonly moves: boolean;
}

/** The gain counts from this many standard errors. */
const SIGNIFICANT = 3;
/** Leakage above this part of the reliability: what z tells is mostly the view. */
const MOST_LEAKAGE = 0.5;
/** Steps of pose under the other half's modes. */
const STEPS = 2;

/** Evidence of each of `axes` axes, the strongest first, at the last of the schedule's resolutions. */
export function axisEvidence(
  reader: PreparedReader,
  images: ArrayLike<number>,
  poses: Float64Array,
  axes: number,
  schedule: AnnealSchedule,
): readonly AxisEvidence[] {
  const halves = [0, 1].map((half) => {
    const rows = Array.from({ length: images.length }, (_, i) => i).filter((i) => i % 2 === half);
    const own = rows.map((i) => images[i]!);
    const seen = Float64Array.from(rows.flatMap((i) => [...poses.subarray(i * POSE_STRIDE, (i + 1) * POSE_STRIDE)]));
    const state = newSubspaceImages(own, seen, axes, schedule.random);
    return { state, poses: seen, subspace: annealSubspace(reader, state, schedule, 0, schedule.radii.length) };
  });
  const judged = halves.map((half, h) => heldOut(reader, half, halves[1 - h]!.subspace, schedule));
  return Array.from({ length: axes }, (_, d) => {
    const gains = judged.flatMap(({ evidence }) => [...evidence[d + 1]!].map((e, i) => e - evidence[d]![i]!));
    const gain = gains.reduce((sum, g) => sum + g, 0) / gains.length;
    const variance = gains.reduce((sum, g) => sum + (g - gain) ** 2, 0) / (gains.length - 1);
    const error = Math.sqrt(variance / gains.length);
    const mean = (of: (half: Judged) => Float64Array): number => (of(judged[0]!)[d]! + of(judged[1]!)[d]!) / 2;
    const leakage = mean((half) => half.leakage);
    const reliability = mean((half) => half.reliability);
    const moves = gain > SIGNIFICANT * error && leakage < MOST_LEAKAGE * reliability;
    return { gain, error, leakage, reliability, moves };
  });
}

interface Judged {
  /** [axes + 1] of Float64[images]. */
  readonly evidence: readonly Float64Array[];
  /** Float64[axes] */
  readonly leakage: Float64Array;
  readonly reliability: Float64Array;
}

/** Images under none, one, … and all axes of a subspace that they had no part in. */
function heldOut(
  reader: PreparedReader,
  { state, poses }: { readonly state: SubspaceImages; readonly poses: Float64Array },
  subspace: LinearSubspace,
  { turns }: Pick<AnnealSchedule, "turns">,
): Judged {
  const { images, zDim } = state;
  const under = Array.from({ length: zDim + 1 }, (_, d) => {
    const fresh = newSubspaceImages(images, poses, d);
    const leading = Array.from({ length: d }, (_, j) => j);
    const best = turns && { operators: turns };
    expectationStep(reader, fresh, withModes(subspace, leading), STEPS, fresh.evidence.keys(), best);
    return fresh;
  });
  const all = under[zDim]!;
  return {
    evidence: under.map(({ evidence }) => evidence),
    leakage: nuisanceLeakage(reader, all),
    reliability: uncertainty(all).map((u) => 1 - u),
  };
}

/** Adjusted R² of every axis of z on what should not matter: viewing direction, defocus and shift. Float64[zDim]. */
export function nuisanceLeakage({ set }: PreparedReader, { images, poses, z, zDim }: SubspaceImages): Float64Array {
  const rows = Array.from({ length: images.length }, (_, i) => {
    const [x, y, w] = rotationOfPose(poses, i * POSE_STRIDE).slice(6) as [number, number, number];
    const defocus = contrastOf(set.contrast, images[i]!)?.defocus;
    const focus = defocus === undefined ? 0 : (defocus.uAngstrom + defocus.vAngstrom) / 2e4 - 1.5;
    const [tx, ty] = [poses[i * POSE_STRIDE + 6]! / set.box, poses[i * POSE_STRIDE + 7]! / set.box];
    return [...viewHarmonics(x, y, w), focus, focus ** 2, tx, ty, tx ** 2, ty ** 2];
  });
  return explainedVariance(rows, z, zDim);
}
