/**
 * @file How evenly viewing directions cover the sphere.
 *
 *     evenness = H(counts per direction) / ln(directions)      1: from everywhere alike, 0: from one direction
 *
 * Directions are the 48 equal pixels of HEALPix order 1, v and −v apart.
 */
import { check } from "../core/errors.js";
import type { Rotations } from "../core/types.js";
import { healpixCentre } from "./healpix.js";

const ORDER = 1;
const DIRECTIONS = 12 * 4 ** ORDER;

const CENTRES = Array.from({ length: DIRECTIONS }, (_, pixel) => {
  const { thetaRad, phiRad } = healpixCentre(ORDER, pixel);
  return [Math.sin(thetaRad) * Math.cos(phiRad), Math.sin(thetaRad) * Math.sin(phiRad), Math.cos(thetaRad)] as const;
});

/** Int32[48]: how many rotations look from each direction (their third rows). */
export function viewCounts({ matrices, count }: Pick<Rotations, "matrices" | "count">): Int32Array {
  check(count > 0, "rotations", "at least one", count);
  const counts = new Int32Array(DIRECTIONS);
  for (let i = 0; i < count; i++) {
    let [nearest, most] = [0, -2];
    CENTRES.forEach(([x, y, z], pixel) => {
      const cosine = x * matrices[9 * i + 6]! + y * matrices[9 * i + 7]! + z * matrices[9 * i + 8]!;
      if (cosine > most) [nearest, most] = [pixel, cosine];
    });
    counts[nearest]!++;
  }
  return counts;
}

/** 0..1; few views cannot reach 1. */
export function viewEvenness(counts: Int32Array): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const entropy = counts.reduce((h, n) => (n === 0 ? h : h - (n / total) * Math.log(n / total)), 0);
  return entropy / Math.log(counts.length);
}

/** The same over what as many views drawn at random come to: about 1 where particles are seen from everywhere. */
export function relativeEvenness(counts: Int32Array): number {
  return viewEvenness(counts) / evennessOfEvenViews(counts.reduce((sum, n) => sum + n, 0));
}

/** Expected evenness of `count` views drawn from all directions alike: few cannot fill them. */
function evennessOfEvenViews(count: number): number {
  // Of many the chances run out of digits; the first term of the series is exact to 1e-4 by then.
  if (count > 2000) return 1 - (DIRECTIONS - 1) / (2 * count * Math.log(DIRECTIONS));
  let [chance, entropy] = [(1 - 1 / DIRECTIONS) ** count, 0];
  for (let n = 1; n <= count; n++) {
    chance *= (count - n + 1) / n / (DIRECTIONS - 1);
    entropy -= DIRECTIONS * chance * (n / count) * Math.log(n / count);
  }
  return entropy / Math.log(DIRECTIONS);
}
