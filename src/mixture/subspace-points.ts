/**
 * @file Training points of a field from a linear subspace (conformation/): what it says of the images at their poses and z.
 *
 * The subspace has heard all of a class's images already, so that little noise is left in its values, and a field comes to
 * its resolution in far fewer steps than from single images. Values are divided by the signal's envelope: every shell
 * counts alike, as the field's own do.
 */

import { type LinearSubspace, rastersOf } from "../conformation/linear-subspace.js";
import type { Random } from "../core/random.js";
import type { FieldBatch } from "../field/trainer.js";
import { sliceInto } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import { emptyBatch, envelopeAt, type PosedImages } from "./training-points.js";

/** Points of one pose at a time. */
const POINTS_PER_POSE = 64;

/** Draws batches of `points` random points within `radius` Fourier pixels, or the subspace's own. The batch is reused. */
export function subspaceSampler(
  { set, plane, points: pointsWithin }: PreparedReader,
  subspace: LinearSubspace,
  points: number,
  radius: number,
): (posed: PosedImages, random: Random) => FieldBatch {
  const { zDim } = subspace;
  const rasters = rastersOf(subspace);
  const within = pointsWithin(Math.min(radius, subspace.radius));
  const batch = emptyBatch(points, zDim);
  batch.gain.fill(1);
  const [kx, ky] = [new Float32Array(POINTS_PER_POSE), new Float32Array(POINTS_PER_POSE)];
  const slices = rasters.map(() => new Float32Array(2 * POINTS_PER_POSE));

  const drawPose = ({ poses, z = [] }: PosedImages, which: number, from: number, random: Random): void => {
    const count = Math.min(POINTS_PER_POSE, points - from);
    const at = which * POSE_STRIDE;
    for (let i = 0; i < count; i++) {
      const p = random.integer(within);
      kx[i] = plane.kx[p]!;
      ky[i] = plane.ky[p]!;
    }
    for (const [u, raster] of rasters.entries()) sliceInto(slices[u]!, raster, poses, at, kx, ky, count);
    for (let i = 0; i < count; i++) {
      const sign = random.uniform() < 0.5 ? 1 : -1;
      const to = from + i;
      let value = 0;
      slices.forEach((slice, u) => {
        const weight = u === 0 ? 1 : z[zDim * which + u - 1]!;
        value += weight * (slice[2 * i]! - sign * slice[2 * i + 1]!);
      });
      for (let a = 0; a < 3; a++)
        batch.k[3 * to + a] = (sign * (kx[i]! * poses[at + a]! + ky[i]! * poses[at + 3 + a]!)) / set.box;
      const envelope = envelopeAt(set.signalEnvelope, Math.hypot(kx[i]!, ky[i]!));
      batch.target[to] = envelope > 0 ? value / envelope : 0;
      for (let d = 0; d < zDim; d++) batch.z[zDim * to + d] = z[zDim * which + d]!;
    }
  };

  return (posed, random) => {
    for (let from = 0; from < points; from += POINTS_PER_POSE)
      drawPose(posed, random.integer(posed.images.length), from, random);
    return batch;
  };
}
