/**
 * @file The most probable conformation of an image, with its pose or given its pose: damped Gauss–Newton steps.
 *
 * Given the pose the model is linear in z and one step is exact. With the pose, steps that lower the score are taken
 * back and tried shorter (Levenberg–Marquardt). What is left is Laplace's approximation of the posterior: the covariance
 * of z (pose integrated out) and the log-evidence, score − ½ log det precision + constants of the pose alone.
 */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { rotationFromVector } from "../geometry/rotation.js";
import type { HalfPlane } from "../imaging/half-plane.js";
import type { LoadedImage } from "../pose/loaded-image.js";
import { POSE_STRIDE, turnedRowsInto } from "../pose/pose-row.js";
import { displaceInto } from "./displaced-image.js";
import { emptyJointEquations, type JointEquations, jointEquationsInto, POSE_PARAMETERS } from "./joint-equations.js";
import type { LinearSubspace } from "./linear-subspace.js";

/** A step that promises less than this (natural units of log-likelihood) is not taken. */
const LEAST_GAIN = 0.02;
/** Longest step. */
const LONGEST_TURN_RAD = 0.1;
const LONGEST_SHIFT_PIXELS = 1;

export interface JointEstimate {
  /** Log-evidence relative to an image of noise; comparable between ranks, not between poses held and sought. */
  readonly evidence: number;
  /** Float64[zDim zDim] */
  readonly covariance: Float64Array;
}

export interface JointClimber {
  /** Climb from the pose row `pose` (9 numbers) and z; both are replaced by what is found. At most `steps` steps. */
  climb(image: LoadedImage, pose: Float64Array, z: Float64Array, steps: number): JointEstimate;
  /** The most probable z at the pose, which stays; z is replaced. */
  solve(image: LoadedImage, pose: Float64Array, z: Float64Array): JointEstimate;
}

/** For images of `plane` up to `points` points, under one subspace. */
export function createJointClimber(subspace: LinearSubspace, plane: HalfPlane, points: number): JointClimber {
  const { zDim } = subspace;
  const centred = new Float32Array(2 * points);
  const trial = new Float64Array(POSE_STRIDE);
  const trialZ = new Float64Array(zDim);
  let [here, there] = [emptyJointEquations(zDim), emptyJointEquations(zDim)];
  const evaluate = (
    into: JointEquations,
    image: LoadedImage,
    pose: Float64Array,
    z: Float64Array,
    withPose: boolean,
  ) => {
    displaceInto(centred, image.y, plane, points, pose[6]!, pose[7]!);
    const seen = { y: centred, squares: image.squares };
    jointEquationsInto(into, subspace, plane, points, seen, pose, z, withPose);
  };

  const climb: JointClimber["climb"] = (image, pose, z, steps) => {
    evaluate(here, image, pose, z, true);
    let damping = 1e-3;
    for (let i = 0; i < steps; i++) {
      const step = dampedStep(here, damping);
      if (step === undefined || promisedGain(here, step) < LEAST_GAIN) break;
      turnedRowsInto(trial, 0, rotationFromVector([step[0]!, step[1]!, step[2]!]), 0, pose, 0);
      trial[6] = pose[6]! + step[3]!;
      trial[7] = pose[7]! + step[4]!;
      for (let j = 0; j < zDim; j++) trialZ[j] = z[j]! + step[POSE_PARAMETERS + j]!;
      evaluate(there, image, trial, trialZ, true);
      if (there.score > here.score) {
        pose.set(trial);
        z.set(trialZ);
        [here, there] = [there, here];
        damping *= 0.2;
      } else damping = Math.max(0.05, 10 * damping);
    }
    pose[8] = here.score;
    return estimate(here, zDim, 0);
  };

  const solve: JointClimber["solve"] = (image, pose, z) => {
    z.fill(0);
    if (zDim > 0) {
      evaluate(here, image, pose, z, false);
      const factor = new CholeskyDecomposition(blockOf(here, POSE_PARAMETERS));
      const found = factor.solve(Matrix.columnVector(here.gradient.subarray(POSE_PARAMETERS)));
      z.set(found.to1DArray());
    }
    evaluate(here, image, pose, z, false);
    return estimate(here, zDim, POSE_PARAMETERS);
  };

  return { climb, solve };
}

/** Score and precision at the top, parameters from `first` on. */
function estimate(equations: JointEquations, zDim: number, first: number): JointEstimate {
  const size = POSE_PARAMETERS + zDim - first;
  const covariance = new Float64Array(zDim * zDim);
  if (size === 0) return { evidence: equations.score, covariance };
  const factor = new CholeskyDecomposition(blockOf(equations, first));
  // Directions of which the image says nothing leave the prior.
  if (!factor.isPositiveDefinite()) {
    for (let j = 0; j < zDim; j++) covariance[j * zDim + j] = 1;
    return { evidence: -Infinity, covariance };
  }
  const inverse = factor.solve(Matrix.eye(size));
  for (let a = 0; a < zDim; a++)
    for (let b = 0; b < zDim; b++) covariance[a * zDim + b] = inverse.get(size - zDim + a, size - zDim + b);
  const halfLog = factor.lowerTriangularMatrix.diag().reduce((sum, d) => sum + Math.log(d), 0);
  return { evidence: equations.score - halfLog, covariance };
}

function blockOf({ precision, gradient }: JointEquations, first: number): Matrix {
  const n = gradient.length;
  const last = n - 1;
  return Matrix.from1DArray(n, n, precision).subMatrix(first, last, first, last);
}

/** (H + damping · diag H)⁻¹ g, the pose's part cut to the longest step; undefined where H is not definite. */
function dampedStep(equations: JointEquations, damping: number): Float64Array | undefined {
  const matrix = blockOf(equations, 0);
  for (let j = 0; j < matrix.rows; j++) matrix.set(j, j, (1 + damping) * matrix.get(j, j));
  const factor = new CholeskyDecomposition(matrix);
  if (!factor.isPositiveDefinite()) return undefined;
  const step = Float64Array.from(factor.solve(Matrix.columnVector(equations.gradient)).to1DArray());
  const turn = Math.hypot(step[0]!, step[1]!, step[2]!) / LONGEST_TURN_RAD;
  const shift = Math.hypot(step[3]!, step[4]!) / LONGEST_SHIFT_PIXELS;
  const cut = Math.max(1, turn, shift);
  return step.map((v) => v / cut);
}

/** Rise of the score along `step` by the quadratic model: g·s − ½ s·H s. */
function promisedGain({ gradient, precision }: JointEquations, step: Float64Array): number {
  const n = gradient.length;
  let gain = 0;
  for (let i = 0; i < n; i++) {
    let curved = 0;
    for (let j = 0; j < n; j++) curved += precision[n * i + j]! * step[j]!;
    gain += step[i]! * (gradient[i]! - 0.5 * curved);
  }
  return gain;
}
