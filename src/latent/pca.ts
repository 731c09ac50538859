/**
 * @file Principal components of latent coordinates (ml-pca), strongest first.
 *
 * Each axis points so that its largest entry is positive: the sign of a component is arbitrary, but here always the same.
 */
import { PCA } from "ml-pca";
import { checkPoints, pointRows } from "./points.js";

export interface PrincipalComponents {
  readonly kind: "principal-components";
  readonly dimension: number;
  /** Float64[dimension]. */
  readonly mean: Float64Array;
  /** Float64[dimension dimension]: row c is the unit vector of component c. */
  readonly axes: Float64Array;
  /** Float64[dimension]: variance along each component (N − 1 in the denominator). */
  readonly variance: Float64Array;
  /** Float64[dimension]: each component's share of the total, 0..1. */
  readonly explained: Float64Array;
  /** Float64[count dimension]: coordinates of the points along the components. */
  readonly scores: Float64Array;
}

/** Principal components of points, Float[count dimension]; at least two. */
export function principalComponents(values: ArrayLike<number>, dimension: number): PrincipalComponents {
  const count = checkPoints(values, dimension, 2);
  // The d×d covariance, not the SVD of all points: same axes, and time linear in their number.
  const model = new PCA(pointRows(values, dimension), { method: "covarianceMatrix", center: true });
  const vectors = model.getEigenvectors();
  const axes = new Float64Array(dimension * dimension);
  for (let c = 0; c < dimension; c++) {
    const axis = vectors.getColumn(c);
    const largest = axis.reduce((a, b) => (Math.abs(b) > Math.abs(a) + 1e-12 ? b : a), 0);
    axes.set(largest < 0 ? axis.map((v) => -v) : axis, c * dimension);
  }
  const variance = Float64Array.from(model.getEigenvalues(), (v) => Math.max(0, v));
  const total = variance.reduce((sum, v) => sum + v, 0);
  const mean = new Float64Array(dimension);
  for (let i = 0; i < values.length; i++) mean[i % dimension]! += values[i]! / count;
  const components = { dimension, mean, axes };
  return {
    kind: "principal-components",
    ...components,
    variance,
    explained: variance.map((v) => (total === 0 ? 0 : v / total)),
    scores: projectOnto(components, values),
  };
}

/** Coordinates of (other) points along the components: Float64[count dimension]. */
export function projectOnto(
  components: Pick<PrincipalComponents, "dimension" | "mean" | "axes">,
  values: ArrayLike<number>,
): Float64Array {
  const { dimension, mean, axes } = components;
  const count = checkPoints(values, dimension, 0);
  const scores = new Float64Array(count * dimension);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < dimension; c++)
      for (let j = 0; j < dimension; j++)
        scores[i * dimension + c]! += axes[c * dimension + j]! * (values[i * dimension + j]! - mean[j]!);
  return scores;
}

/** The latent coordinates of a point given along the components (missing ones 0): Float64[dimension]. */
export function pointAlong(components: PrincipalComponents, scores: readonly number[]): Float64Array {
  const { dimension, mean, axes } = components;
  return mean.map((m, j) => scores.reduce((sum, score, c) => sum + score * axes[c * dimension + j]!, m));
}
