/**
 * @file From where particles are seen, and whether their latent coordinates tell it.
 *
 *     evenness = H(counts per direction) / ln(directions)      1: seen from everywhere alike, 0: from one direction
 *     leakage  = adjusted R² of z on the spherical harmonics of degree 1 and 2 of the viewing direction
 *
 * Directions are the 48 equal pixels of HEALPix order 1, v and −v apart. A state whose z follows the viewing direction may
 * be a view and no conformation. The adjustment makes the leakage of independent coordinates 0 on average, at any count.
 */
import { check } from "../core/errors.js";
import { explainedVariance } from "../core/explained-variance.js";
import type { Rotations } from "../core/types.js";
import { healpixCentre } from "../geometry/healpix.js";
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

const ORDER = 1;
const DIRECTIONS = 12 * 4 ** ORDER;

/** Count viewing directions (the third rows of the rotations). */
export function poseDistribution({ matrices, count }: Rotations): PoseDistribution {
  check(count > 0, "rotations", "at least one", count);
  const centres = Array.from({ length: DIRECTIONS }, (_, pixel) => {
    const { thetaRad, phiRad } = healpixCentre(ORDER, pixel);
    return [Math.sin(thetaRad) * Math.cos(phiRad), Math.sin(thetaRad) * Math.sin(phiRad), Math.cos(thetaRad)] as const;
  });
  const counts = new Int32Array(DIRECTIONS);
  for (let i = 0; i < count; i++) {
    let [nearest, most] = [0, -2];
    centres.forEach(([x, y, z], pixel) => {
      const cosine = x * matrices[9 * i + 6]! + y * matrices[9 * i + 7]! + z * matrices[9 * i + 8]!;
      if (cosine > most) [nearest, most] = [pixel, cosine];
    });
    counts[nearest]!++;
  }
  const entropy = counts.reduce((h, n) => (n === 0 ? h : h - (n / count) * Math.log(n / count)), 0);
  return {
    kind: "pose-distribution",
    counts,
    empty: counts.filter((n) => n === 0).length,
    evenness: entropy / Math.log(DIRECTIONS),
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
