/**
 * @file From a pose near the top of the likelihood to the top: damped Gauss–Newton steps on turn and shift.
 *
 * A step that lowers the score is taken back and tried shorter (Levenberg–Marquardt). The precision at the top
 * is that of the posterior of the pose there.
 */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { rotationFromVector } from "../geometry/rotation.js";
import { emptyNormalEquations, type NormalEquations, normalEquationsInto, PARAMETERS } from "./normal-equations.js";
import { POSE_STRIDE, turnedRowsInto } from "./pose-row.js";
import type { Slicer } from "./slicer.js";

/** Evaluations of a climb, at most. */
const EVALUATIONS = 8;
/** A step that promises less than this (natural units of log-likelihood) is not taken. */
const LEAST_GAIN = 0.02;
/** Longest step. */
const LONGEST_TURN_RAD = 0.1;
const LONGEST_SHIFT_PIXELS = 1;

export interface Climber {
  /** Bring the pose row at `poses[at]` to the top of its hill, score included; Float64[5 5], the precision there (overwritten by the next climb). */
  climb(slicer: Slicer, points: number, poses: Float64Array, at: number): Float64Array;
  /** Score of the pose row `pose` after a turn (rad, camera's frame) and a shift (pixels). */
  scoreAt(
    slicer: Slicer,
    points: number,
    pose: Float64Array,
    turn: readonly [number, number, number],
    shift: readonly [number, number],
  ): number;
}

/** For images of side `box`. */
export function createClimber(box: number): Climber {
  const trial = new Float64Array(POSE_STRIDE);
  const best = new Float64Array(POSE_STRIDE);
  let [here, there] = [emptyNormalEquations(), emptyNormalEquations()];

  function climb(slicer: Slicer, points: number, poses: Float64Array, at: number): Float64Array {
    const evaluate = (equations: NormalEquations, pose: Float64Array): void => {
      slicer.centre(points, pose[6]!, pose[7]!);
      normalEquationsInto(equations, slicer, box, points, pose, 0);
    };
    best.set(poses.subarray(at, at + POSE_STRIDE));
    evaluate(here, best);
    let damping = 1e-3;
    for (let i = 1; i < EVALUATIONS; i++) {
      const step = dampedStep(here, damping);
      if (step === undefined || promisedGain(here, step) < LEAST_GAIN) break;
      turnedRowsInto(trial, 0, rotationFromVector([step[0]!, step[1]!, step[2]!]), 0, best, 0);
      trial[6] = best[6]! + step[3]!;
      trial[7] = best[7]! + step[4]!;
      evaluate(there, trial);
      if (there.score > here.score) {
        best.set(trial);
        [here, there] = [there, here];
        damping *= 0.2;
      } else damping = Math.max(0.05, 10 * damping);
    }
    best[8] = here.score;
    poses.set(best, at);
    return here.precision;
  }

  const scoreAt: Climber["scoreAt"] = (slicer, points, pose, turn, shift) => {
    turnedRowsInto(trial, 0, rotationFromVector(turn), 0, pose, 0);
    slicer.centre(points, pose[6]! + shift[0], pose[7]! + shift[1]);
    return slicer.score(points, trial, 0);
  };

  return { climb, scoreAt };
}

/** (H + damping · diag H)⁻¹ g, cut to the longest step; undefined where the image says nothing of the pose. */
function dampedStep({ gradient, precision }: NormalEquations, damping: number): Float64Array | undefined {
  const matrix = Matrix.from1DArray(PARAMETERS, PARAMETERS, precision);
  for (let j = 0; j < PARAMETERS; j++) matrix.set(j, j, (1 + damping) * matrix.get(j, j));
  const factor = new CholeskyDecomposition(matrix);
  if (!factor.isPositiveDefinite()) return undefined;
  const step = Float64Array.from(factor.solve(Matrix.columnVector(gradient)).to1DArray());
  const turn = Math.hypot(step[0]!, step[1]!, step[2]!) / LONGEST_TURN_RAD;
  const shift = Math.hypot(step[3]!, step[4]!) / LONGEST_SHIFT_PIXELS;
  const cut = Math.max(1, turn, shift);
  return step.map((v) => v / cut);
}

/** Rise of the score along `step` by the quadratic model: g·s − ½ s·H s. */
function promisedGain({ gradient, precision }: NormalEquations, step: Float64Array): number {
  let gain = 0;
  for (let i = 0; i < PARAMETERS; i++) {
    let curved = 0;
    for (let j = 0; j < PARAMETERS; j++) curved += precision[PARAMETERS * i + j]! * step[j]!;
    gain += step[i]! * (gradient[i]! - 0.5 * curved);
  }
  return gain;
}
