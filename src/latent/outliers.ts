/**
 * @file Particles that lie apart from the others in latent space: candidates for a look, not for deletion.
 *
 *     local outlier factor   mean density of the k neighbours / own density; about 1 inside, larger outside
 *     Mahalanobis distance   distance from the mean in standard deviations along the principal components
 *
 * Breunig et al. 2000, as in scikit-learn's LocalOutlierFactor: density = 1 / mean over neighbours j of max(d_ij, r_j),
 * where r_j is the distance from j to its own k-th neighbour.
 */
import type { Neighbours } from "./nearest-neighbours.js";
import { principalComponents } from "./pca.js";

/** Float64[count]. */
export function localOutlierFactors(neighbours: Neighbours): Float64Array {
  const { count, k, indices, distances } = neighbours;
  const density = Float64Array.from({ length: count }, (_, i) => {
    let reach = 0;
    for (let e = i * k; e < (i + 1) * k; e++) reach += Math.max(distances[e]!, distances[(indices[e]! + 1) * k - 1]!);
    return 1 / (reach / k + 1e-10); // as scikit-learn: equal points have a finite density
  });
  return Float64Array.from({ length: count }, (_, i) => {
    let around = 0;
    for (let e = i * k; e < (i + 1) * k; e++) around += density[indices[e]!]!;
    return around / k / density[i]!;
  });
}

/** Float64[count]: distances of points, Float[count dimension], from their mean; axes without spread do not count. */
export function mahalanobisDistances(values: ArrayLike<number>, dimension: number): Float64Array {
  const { scores, variance } = principalComponents(values, dimension);
  return Float64Array.from({ length: values.length / dimension }, (_, i) => {
    let square = 0;
    for (let c = 0; c < dimension; c++)
      if (variance[c]! > 1e-12 * variance[0]!) square += scores[i * dimension + c]! ** 2 / variance[c]!;
    return Math.sqrt(square);
  });
}
