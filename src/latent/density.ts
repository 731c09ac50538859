/**
 * @file How densely particles lie in latent space, as natural logarithms of a probability density.
 *
 *     k nearest neighbours   ln p(x) = ln k − ln n − ln V_d − d ln r_k        V_d  volume of the unit ball
 *     Gaussian kernels       p(x) = 1/n Σ_i N(x; x_i, h² C),  h = n^(−1/(d+4))   C  covariance (Scott 1992, as SciPy)
 *
 * Kernels are summed over all points: time grows with points × places. A density is a population in
 * latent coordinates, not an energy: a smooth change of coordinates, which training does not determine, changes it.
 */
import { check } from "../core/errors.js";
import type { Neighbours } from "./nearest-neighbours.js";
import { principalComponents, projectOnto } from "./pca.js";
import { checkPoints } from "./points.js";

/** Float64[count]: ln p at every point from the distance to its k-th neighbour; `dimension` is that of the points. */
export function neighbourLogDensity(neighbours: Neighbours, dimension: number): Float64Array {
  const { count, k, distances } = neighbours;
  const constant = Math.log(k) - Math.log(count - 1) - logUnitBall(dimension);
  return Float64Array.from({ length: count }, (_, i) => constant - dimension * Math.log(distances[(i + 1) * k - 1]!));
}

/** ln(π^(d/2) / Γ(d/2 + 1)), by V_d = V_(d−2) 2π/d. */
function logUnitBall(dimension: number): number {
  let log = dimension % 2 === 0 ? 0 : Math.log(2);
  for (let d = dimension % 2 === 0 ? 2 : 3; d <= dimension; d += 2) log += Math.log((2 * Math.PI) / d);
  return log;
}

export interface KernelDensityOptions {
  /** Width of the kernels as a fraction of the spread of the points. @default Scott's n^(−1/(d+4)) */
  readonly bandwidth?: number;
}

/** Float64[at.length/dimension]: ln p at the points `at` by kernels on points, Float[count dimension]. */
export function kernelLogDensity(
  values: ArrayLike<number>,
  dimension: number,
  at: ArrayLike<number>,
  options: KernelDensityOptions = {},
): Float64Array {
  const count = checkPoints(values, dimension, 2);
  checkPoints(at, dimension, 0);
  const { bandwidth = count ** (-1 / (dimension + 4)) } = options;
  check(bandwidth > 0, "options.bandwidth", "a positive fraction", bandwidth);
  const components = principalComponents(values, dimension);
  const widths = components.variance.map((v) => bandwidth * Math.sqrt(v));
  check(
    widths[dimension - 1]! > 1e-6 * widths[0]!,
    "values",
    "points that spread along every axis",
    "points in a plane or on a line",
  );
  // In units of the kernel, along the components: the kernels are round, and neighbours are all that counts.
  const rounded = (points: ArrayLike<number>): Float64Array =>
    projectOnto(components, points).map((v, i) => v / widths[i % dimension]!);
  const [points, places] = [rounded(values), rounded(at)];
  const constant =
    -Math.log(count) - (dimension / 2) * Math.log(2 * Math.PI) - widths.reduce((sum, w) => sum + Math.log(w), 0);
  const squares = new Float64Array(count);
  return Float64Array.from({ length: places.length / dimension }, (_, p) => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      let square = 0;
      for (let d = 0; d < dimension; d++) square += (points[i * dimension + d]! - places[p * dimension + d]!) ** 2;
      squares[i] = square;
      if (square < least) least = square;
    }
    let sum = 0;
    for (let i = 0; i < count; i++) sum += Math.exp((least - squares[i]!) / 2);
    return constant - least / 2 + Math.log(sum);
  });
}
