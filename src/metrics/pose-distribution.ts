/**
 * @file From where particles are seen, and whether their latent coordinates tell it.
 *
 *     leakage  = adjusted R² of z on the spherical harmonics of degree 1 and 2 of the viewing direction
 *
 * Evenness is that of geometry/view-evenness.ts. A state whose z follows the viewing direction may
 * be a view and no conformation. The adjustment makes the leakage of independent coordinates 0 on average, at any count.
 */
import { check } from "../core/errors.js";
import { explainedVariance } from "../core/explained-variance.js";
import type { Rotations } from "../core/types.js";
import { viewCounts, viewEvenness } from "../geometry/view-evenness.js";
import { viewHarmonics } from "../geometry/view-harmonics.js";

export interface PoseDistribution {
  readonly kind: "pose-distribution";
  /** Int32[48]: particles per direction. */
  readonly counts: Int32Array;
  /** Directions without any particle. */
  readonly empty: number;
  /** 0..1; few particles cannot reach 1. */
  readonly evenness: number;
}

/** Count viewing directions (the third rows of the rotations). */
export function poseDistribution(rotations: Rotations): PoseDistribution {
  const counts = viewCounts(rotations);
  return {
    kind: "pose-distribution",
    counts,
    empty: counts.filter((n) => n === 0).length,
    evenness: viewEvenness(counts),
  };
}

/** Leakage of each coordinate of z, Float[count dimension], at most 1; 0 for a coordinate without spread. */
export function poseLeakage(rotations: Rotations, z: ArrayLike<number>, dimension: number): Float64Array {
  const { count, matrices: m } = rotations;
  check(z.length === count * dimension, "z", `${count * dimension} numbers`, z.length);
  check(count > 10, "rotations", "more than 10", count);
  const design = Array.from({ length: count }, (_, i) => viewHarmonics(m[9 * i + 6]!, m[9 * i + 7]!, m[9 * i + 8]!));
  return explainedVariance(design, z, dimension);
}
