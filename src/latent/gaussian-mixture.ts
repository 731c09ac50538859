/**
 * @file Gaussian mixtures of latent coordinates by expectation–maximisation, full covariances, as in scikit-learn.
 *
 *     p(x) = Σ_c w_c N(x; μ_c, Σ_c),     BIC = p ln N − 2 ln L,    p = K − 1 + K d + K d (d + 1) / 2
 *
 * Starts from k-means. A small `ridge` on the diagonal of every covariance keeps a component from closing in on one
 * point. Components are numbered by the first coordinate of their means. Dempster, Laird & Rubin 1977; Schwarz 1978.
 */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { check, IolausError } from "../core/errors.js";
import { kMeans } from "./kmeans.js";
import { checkPoints } from "./points.js";

export interface GaussianMixtureOptions {
  /** Added to the diagonal of every covariance. @default 1e-6 */
  readonly ridge?: number;
  /** Stop when the mean log-likelihood of a point rises by less. @default 1e-6 */
  readonly tolerance?: number;
  /** @default 500 */
  readonly rounds?: number;
  /** Seed of the k-means start. @default 1 */
  readonly seed?: number;
  /** Component of every point to start from, Int[count], instead of k-means. */
  readonly from?: ArrayLike<number>;
}

export interface GaussianMixture {
  readonly kind: "gaussian-mixture";
  readonly K: number;
  readonly dimension: number;
  /** Float64[K]. */
  readonly weights: Float64Array;
  /** Float64[K dimension]. */
  readonly means: Float64Array;
  /** Float64[K dimension dimension]. */
  readonly covariances: Float64Array;
  /** Float64[count K]: how surely each point belongs to each component. */
  readonly responsibilities: Float64Array;
  /** Int32[count]: 0..K−1, the surest component. */
  readonly labels: Int32Array;
  /** Int32[K]: the position of the point nearest each mean, measured by the component's covariance. */
  readonly nearest: Int32Array;
  /** Int32[K]: points whose surest component this is. */
  readonly sizes: Int32Array;
  /** Natural logarithm, sum over points. */
  readonly logLikelihood: number;
  /** Smaller is better. */
  readonly bic: number;
  readonly status: "converged" | "max-rounds";
}

type Parameters = Pick<GaussianMixture, "K" | "dimension" | "weights" | "means" | "covariances">;

/** Fit `K` components to points, Float[count dimension]. */
export function gaussianMixture(
  values: ArrayLike<number>,
  dimension: number,
  K: number,
  options: GaussianMixtureOptions = {},
): GaussianMixture {
  const { ridge = 1e-6, tolerance = 1e-6, rounds = 500, seed = 1 } = options;
  const count = checkPoints(values, dimension, 2);
  check(Number.isInteger(K) && K >= 1 && K <= count, "K", `a whole number from 1 to ${count}`, K);
  const from = options.from ?? kMeans(values, dimension, K, { seed }).labels;
  check(from.length === count, "from", `${count} components`, from.length);
  let shares: Float64Array = new Float64Array(count * K);
  for (let i = 0; i < count; i++) shares[i * K + from[i]!] = 1;
  let [last, status]: [number, GaussianMixture["status"]] = [Number.NEGATIVE_INFINITY, "max-rounds"];
  let model = maximise(values, dimension, shares, K, ridge);
  for (let round = 0; round < rounds && status !== "converged"; round++) {
    const expected = expectation(values, model);
    if (Math.abs(expected.logLikelihood - last) < tolerance * count) status = "converged";
    last = expected.logLikelihood;
    shares = expected.responsibilities;
    model = maximise(values, dimension, shares, K, ridge);
  }
  model = inOrder(model);
  return describe(values, model, status);
}

/** Fit 1 to `most` components and keep the number with the least BIC; `tried` holds all. */
export function gaussianMixtureByBic(
  values: ArrayLike<number>,
  dimension: number,
  most: number,
  options: GaussianMixtureOptions = {},
): { readonly best: GaussianMixture; readonly tried: readonly GaussianMixture[] } {
  check(Number.isInteger(most) && most >= 1, "most", "a positive number of components", most);
  const tried = Array.from({ length: most }, (_, i) => gaussianMixture(values, dimension, i + 1, options));
  return { best: tried.reduce((a, b) => (b.bic < a.bic ? b : a)), tried };
}

/** How surely (other) points, Float[count dimension], belong to each component: Float64[count K]. */
export function mixtureResponsibilities(model: GaussianMixture, values: ArrayLike<number>): Float64Array {
  checkPoints(values, model.dimension, 0);
  return expectation(values, model).responsibilities;
}

/** Float64[count K] of ln(w_c N(x_i; μ_c, Σ_c)). */
function logJoint(values: ArrayLike<number>, { K, dimension, weights, means, covariances }: Parameters): Float64Array {
  const count = values.length / dimension;
  const out = new Float64Array(count * K);
  const y = new Float64Array(dimension);
  for (let c = 0; c < K; c++) {
    const lower = choleskyFactor(covariances.subarray(c * dimension ** 2, (c + 1) * dimension ** 2), dimension);
    let constant = Math.log(weights[c]!) - (dimension / 2) * Math.log(2 * Math.PI);
    for (let d = 0; d < dimension; d++) constant -= Math.log(lower[d * dimension + d]!);
    for (let i = 0; i < count; i++) {
      let square = 0;
      for (let d = 0; d < dimension; d++) {
        let v = values[i * dimension + d]! - means[c * dimension + d]!;
        for (let j = 0; j < d; j++) v -= lower[d * dimension + j]! * y[j]!;
        v /= lower[d * dimension + d]!;
        y[d] = v;
        square += v * v;
      }
      out[i * K + c] = constant - square / 2;
    }
  }
  return out;
}

/** Row-major lower triangle L with L Lᵀ = the covariance. */
function choleskyFactor(covariance: Float64Array, dimension: number): Float64Array {
  const rows = Array.from({ length: dimension }, (_, d) => covariance.subarray(d * dimension, (d + 1) * dimension));
  const decomposition = new CholeskyDecomposition(new Matrix(rows.map((row) => [...row])));
  if (!decomposition.isPositiveDefinite())
    throw new IolausError("diverged", "gaussianMixture: expected covariances that are positive; raise options.ridge");
  return Float64Array.from(decomposition.lowerTriangularMatrix.to1DArray());
}

function expectation(
  values: ArrayLike<number>,
  model: Parameters,
): { logLikelihood: number; responsibilities: Float64Array } {
  const { K } = model;
  const responsibilities = logJoint(values, model);
  let logLikelihood = 0;
  for (let at = 0; at < responsibilities.length; at += K) {
    const row = responsibilities.subarray(at, at + K);
    const most = Math.max(...row);
    let sum = 0;
    for (let c = 0; c < K; c++) sum += Math.exp(row[c]! - most);
    const total = most + Math.log(sum);
    logLikelihood += total;
    for (let c = 0; c < K; c++) row[c] = Math.exp(row[c]! - total);
  }
  return { logLikelihood, responsibilities };
}

function maximise(
  values: ArrayLike<number>,
  dimension: number,
  shares: Float64Array,
  K: number,
  ridge: number,
): Parameters {
  const count = values.length / dimension;
  const weights = new Float64Array(K);
  const means = new Float64Array(K * dimension);
  const covariances = new Float64Array(K * dimension * dimension);
  for (let c = 0; c < K; c++) {
    let total = 10 * Number.EPSILON; // as scikit-learn: an empty component divides by no zero
    for (let i = 0; i < count; i++) total += shares[i * K + c]!;
    const mean = means.subarray(c * dimension, (c + 1) * dimension);
    for (let i = 0; i < count; i++)
      for (let d = 0; d < dimension; d++) mean[d]! += (shares[i * K + c]! * values[i * dimension + d]!) / total;
    const covariance = covariances.subarray(c * dimension ** 2, (c + 1) * dimension ** 2);
    for (let i = 0; i < count; i++) {
      const share = shares[i * K + c]! / total;
      if (share === 0) continue;
      for (let d = 0; d < dimension; d++)
        for (let e = 0; e <= d; e++)
          covariance[d * dimension + e]! +=
            share * (values[i * dimension + d]! - mean[d]!) * (values[i * dimension + e]! - mean[e]!);
    }
    for (let d = 0; d < dimension; d++) {
      for (let e = 0; e < d; e++) covariance[e * dimension + d] = covariance[d * dimension + e]!;
      covariance[d * dimension + d]! += ridge;
    }
    weights[c] = total / count;
  }
  return { K, dimension, weights, means, covariances };
}

function inOrder({ K, dimension, weights, means, covariances }: Parameters): Parameters {
  const size = dimension * dimension;
  const order = Array.from({ length: K }, (_, c) => c).sort((a, b) => means[a * dimension]! - means[b * dimension]!);
  const pick = (from: Float64Array, width: number): Float64Array =>
    Float64Array.from(order.flatMap((c) => [...from.subarray(c * width, (c + 1) * width)]));
  return {
    K,
    dimension,
    weights: pick(weights, 1),
    means: pick(means, dimension),
    covariances: pick(covariances, size),
  };
}

function describe(values: ArrayLike<number>, model: Parameters, status: GaussianMixture["status"]): GaussianMixture {
  const { K, dimension } = model;
  const count = values.length / dimension;
  const joint = logJoint(values, model);
  const { logLikelihood, responsibilities } = expectation(values, model);
  const labels = new Int32Array(count);
  const nearest = new Int32Array(K);
  const sizes = new Int32Array(K);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < K; c++) {
      if (responsibilities[i * K + c]! > responsibilities[i * K + labels[i]!]!) labels[i] = c;
      if (joint[i * K + c]! > joint[nearest[c]! * K + c]!) nearest[c] = i;
    }
    sizes[labels[i]!]!++;
  }
  const parameters = K - 1 + K * dimension + (K * dimension * (dimension + 1)) / 2;
  const bic = parameters * Math.log(count) - 2 * logLikelihood;
  return {
    kind: "gaussian-mixture",
    ...model,
    responsibilities,
    labels,
    nearest,
    sizes,
    logLikelihood,
    bic,
    status,
  };
}
