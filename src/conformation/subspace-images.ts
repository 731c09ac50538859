/** @file Images of one species under a linear subspace: where each stands, and its z brought to a common scale. */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import { POSE_STRIDE } from "../pose/pose-row.js";

export interface SubspaceImages {
  readonly zDim: number;
  /** Indices into the working set. */
  readonly images: ArrayLike<number>;
  /** Float64[images 9], pose rows. */
  readonly poses: Float64Array;
  /** Float64[images zDim] */
  readonly z: Float64Array;
  /** Float64[images zDim zDim] */
  readonly covariance: Float64Array;
  /** Float64[images], log-evidence. */
  readonly evidence: Float64Array;
}

/** Images at their poses (copied), their conformations normal random numbers, known exactly; 0 without `random`. */
export function newSubspaceImages(
  images: ArrayLike<number>,
  poses: ArrayLike<number>,
  zDim: number,
  random?: Random,
): SubspaceImages {
  const n = images.length;
  check(poses.length === n * POSE_STRIDE, "poses", `${n * POSE_STRIDE} numbers`, poses.length);
  return {
    zDim,
    images,
    poses: Float64Array.from(poses),
    z: Float64Array.from({ length: n * zDim }, () => random?.normal() ?? 0),
    covariance: new Float64Array(n * zDim * zDim),
    evidence: new Float64Array(n),
  };
}

/** The images `rows` of `state`, copied. */
export function pickImages(state: SubspaceImages, rows: Int32Array): SubspaceImages {
  const { zDim, images } = state;
  const own = newSubspaceImages(
    Int32Array.from(rows, (i) => images[i]!),
    new Float64Array(rows.length * POSE_STRIDE),
    zDim,
  );
  for (const [field, width] of fieldsOf(zDim))
    rows.forEach((i, row) => {
      own[field].set(state[field].subarray(i * width, (i + 1) * width), row * width);
    });
  return own;
}

/** What is known of the images of `part` written to the images `rows` of `into`. */
export function putImages(into: SubspaceImages, part: SubspaceImages, rows: Int32Array): void {
  for (const [field, width] of fieldsOf(into.zDim))
    rows.forEach((i, row) => {
      into[field].set(part[field].subarray(row * width, (row + 1) * width), i * width);
    });
}

/** The same images, the coordinates `axes` of their z alone. */
export function keepAxes(
  { images, poses, zDim, z, covariance, evidence }: SubspaceImages,
  axes: readonly number[],
): SubspaceImages {
  const each = Array.from({ length: images.length }, (_, i) => i);
  return {
    ...{ zDim: axes.length, images, poses, evidence },
    z: Float64Array.from(each.flatMap((i) => axes.map((a) => z[i * zDim + a]!))),
    covariance: Float64Array.from(
      each.flatMap((i) => axes.flatMap((a) => axes.map((b) => covariance[(i * zDim + a) * zDim + b]!))),
    ),
  };
}

function fieldsOf(zDim: number): readonly (readonly ["poses" | "z" | "covariance" | "evidence", number])[] {
  return [
    ["poses", POSE_STRIDE],
    ["z", zDim],
    ["covariance", zDim * zDim],
    ["evidence", 1],
  ];
}

/** Mean covariance of z within the images' posteriors: Float64[zDim], 0 known exactly to 1 nothing known. */
export function uncertainty({ zDim, covariance, images }: SubspaceImages): Float64Array {
  const out = new Float64Array(zDim);
  for (let i = 0; i < images.length; i++)
    for (let j = 0; j < zDim; j++) out[j]! += covariance[(i * zDim + j) * zDim + j]! / images.length;
  return out;
}

/** New random conformations along the axes of which the images say nothing; how many those are. */
export function redrawIdle(state: SubspaceImages, random: Random): number {
  const { zDim, z, covariance, images } = state;
  const idle = [...uncertainty(state).entries()].flatMap(([j, variance]) => (variance > IDLE ? [j] : []));
  for (let i = 0; i < images.length; i++)
    for (const j of idle) {
      z[i * zDim + j] = random.normal();
      for (let l = 0; l < zDim; l++) covariance[(i * zDim + j) * zDim + l] = covariance[(i * zDim + l) * zDim + j] = 0;
    }
  return idle.length;
}

const IDLE = 0.98;

/** z without its uncertainty, however small it came out; random where it came out 0. */
export function takeAsKnown({ zDim, z, covariance, images }: SubspaceImages, random: Random): void {
  covariance.fill(0);
  for (let j = 0; j < zDim; j++) {
    let power = 0;
    for (let i = 0; i < images.length; i++) power += z[i * zDim + j]! ** 2 / images.length;
    if (power > LEAST_POWER) continue;
    for (let i = 0; i < images.length; i++) z[i * zDim + j] = random.normal();
  }
}

const LEAST_POWER = 1e-12;

/** z of mean 0 and E[z zᵀ] = 1 over the posteriors, in place. The modes follow when they are solved next. */
export function standardise({ zDim, z, covariance, images }: SubspaceImages): void {
  const n = images.length;
  if (zDim === 0 || n === 0) return;
  const second = Matrix.zeros(zDim, zDim);
  for (let j = 0; j < zDim; j++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += z[i * zDim + j]! / n;
    for (let i = 0; i < n; i++) z[i * zDim + j]! -= mean;
  }
  for (let i = 0; i < n; i++)
    for (let a = 0; a < zDim; a++)
      for (let b = 0; b < zDim; b++)
        second.set(
          a,
          b,
          second.get(a, b) + (z[i * zDim + a]! * z[i * zDim + b]! + covariance[(i * zDim + a) * zDim + b]!) / n,
        );
  const symmetric = second.clone().add(second.transpose()).mul(0.5);
  const lower = new CholeskyDecomposition(symmetric).lowerTriangularMatrix;
  transform({ zDim, z, covariance, images }, inverseLower(lower));
}

/** z → M z and its covariance with it, in place. */
export function transform(
  { zDim, z, covariance, images }: Pick<SubspaceImages, "zDim" | "z" | "covariance" | "images">,
  by: Matrix,
): void {
  const m = by.to2DArray();
  const line = new Float64Array(zDim);
  const block = new Float64Array(zDim * zDim);
  for (let i = 0; i < images.length; i++) {
    const own = z.subarray(i * zDim, (i + 1) * zDim);
    for (let a = 0; a < zDim; a++) line[a] = own.reduce((sum, v, b) => sum + m[a]![b]! * v, 0);
    own.set(line);
    const cov = covariance.subarray(i * zDim * zDim, (i + 1) * zDim * zDim);
    for (let a = 0; a < zDim; a++)
      for (let b = 0; b < zDim; b++) {
        let sum = 0;
        for (let c = 0; c < zDim; c++) for (let d = 0; d < zDim; d++) sum += m[a]![c]! * cov[c * zDim + d]! * m[b]![d]!;
        block[a * zDim + b] = sum;
      }
    cov.set(block);
  }
}

function inverseLower(lower: Matrix): Matrix {
  const n = lower.rows;
  const out = Matrix.zeros(n, n);
  for (let c = 0; c < n; c++)
    for (let r = c; r < n; r++) {
      let sum = r === c ? 1 : 0;
      for (let j = c; j < r; j++) sum -= lower.get(r, j) * out.get(j, c);
      out.set(r, c, sum / lower.get(r, r));
    }
  return out;
}
