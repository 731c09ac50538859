/**
 * @file How much each particle counts near a place of latent space: a Gaussian kernel.
 *
 *     w_i = exp((d² − d_i²) / 2h²)      d_i² = Σ_j ((z_ij − z_j) / s_j)²      n_eff = (Σ w)² / Σ w²
 *
 * s_j  standard deviation of coordinate j over the particles      h  width, in those units      d  the least d_i
 *
 * n_eff (Kish 1965) is the number of particles of equal weight that would average noise as well. It rises with h from
 * the nearest particle alone to all of them, so that a width can be found for any number between.
 */
import { check } from "../core/errors.js";
import { checkPoints } from "./points.js";

export interface KernelWeights {
  readonly kind: "kernel-weights";
  /** Float64[count], 1 for the nearest particle. */
  readonly weights: Float64Array;
  /** h, in standard deviations of the particles along each coordinate. */
  readonly width: number;
  /** n_eff. */
  readonly effectiveCount: number;
  /** Float64[dimension]: weighted mean of z. It lies inwards of a place at the rim of the data. */
  readonly mean: Float64Array;
}

export interface KernelWeightsOptions {
  /** h, in standard deviations. @default what makes `effectiveCount` */
  readonly width?: number;
  /** n_eff to be met. @default 7.5 % of the particles, at least 50 */
  readonly effectiveCount?: number;
}

const SHARE = 0.075;
const LEAST = 50;

/** Weights of points, Float[count dimension], about the point `at`. */
export function kernelWeights(
  values: ArrayLike<number>,
  dimension: number,
  at: ArrayLike<number>,
  options: KernelWeightsOptions = {},
): KernelWeights {
  const count = checkPoints(values, dimension, 2);
  check(at.length === dimension, "at", `${dimension} numbers`, at.length);
  checkPoints(at, dimension, 1);
  const squares = squaredDistances(values, at, deviations(values, dimension));
  const width = options.width ?? widthFor(squares, options.effectiveCount ?? Math.max(LEAST, SHARE * count));
  check(width > 0, "options.width", "a positive number of standard deviations", width);
  const weights = weightsOf(squares, width);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const mean = new Float64Array(dimension);
  for (let i = 0; i < values.length; i++)
    mean[i % dimension]! += (weights[Math.floor(i / dimension)]! / total) * values[i]!;
  return { kind: "kernel-weights", weights, width, effectiveCount: effective(weights), mean };
}

function weightsOf(squares: Float64Array, width: number): Float64Array {
  const nearest = squares.reduce((a, b) => Math.min(a, b));
  return squares.map((square) => Math.exp((nearest - square) / (2 * width * width)));
}

function effective(weights: Float64Array): number {
  let [sum, squares] = [0, 0];
  for (const w of weights) {
    sum += w;
    squares += w * w;
  }
  return sum ** 2 / squares;
}

/** Bisection on ln h: n_eff rises with h. */
function widthFor(squares: Float64Array, wanted: number): number {
  const { length: count } = squares;
  const advice = "give a width";
  check(wanted >= 1 && wanted < count, "options.effectiveCount", `1 to fewer than ${count} particles`, wanted, advice);
  let [low, high] = [Math.log(1e-6), Math.log(1e4)];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (effective(weightsOf(squares, Math.exp(middle))) < wanted) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

function squaredDistances(values: ArrayLike<number>, at: ArrayLike<number>, scale: Float64Array): Float64Array {
  const { length: dimension } = scale;
  const squares = new Float64Array(values.length / dimension);
  for (let i = 0; i < values.length; i++) {
    const j = i % dimension;
    if (scale[j]! > 0) squares[Math.floor(i / dimension)]! += ((values[i]! - at[j]!) / scale[j]!) ** 2;
  }
  return squares;
}

/** Float64[dimension]: a coordinate that does not vary parts nobody. */
function deviations(values: ArrayLike<number>, dimension: number): Float64Array {
  const count = values.length / dimension;
  const [mean, square] = [new Float64Array(dimension), new Float64Array(dimension)];
  for (let i = 0; i < values.length; i++) mean[i % dimension]! += values[i]! / count;
  for (let i = 0; i < values.length; i++) square[i % dimension]! += (values[i]! - mean[i % dimension]!) ** 2 / count;
  return square.map(Math.sqrt);
}
