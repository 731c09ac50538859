/**
 * @file Training points of a field: random Fourier coefficients of random images, at their sampled poses.
 *
 * The datum at image frequency k is y = x·exp(+2πi k·t/box); the field should give, at s·Rᵀk (s = ±1, the two
 * halves of the plane), the Hartley value Re y − s·Im y after the gain C·envelope. A random subset of points is
 * unbiased and 5-20 times cheaper than whole images (design 6.4).
 */
import type { Random } from "../core/random.js";
import type { FieldBatch } from "../field/trainer.js";
import { contrastOf } from "../imaging/image-contrast.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { ctf } from "../optics/ctf.js";
import { POSE_STRIDE } from "../pose/pose-row.js";

/** Images with a pose each. */
export interface PosedImages {
  /** Indices into the working set. */
  readonly images: ArrayLike<number>;
  /** Pose rows, one per image. */
  readonly poses: ArrayLike<number>;
  /** Conformations, zDim per image; absent for rigid fields. */
  readonly z?: ArrayLike<number>;
}

export interface PointSampler {
  /** Fill a batch of the sampler's size with random points within `radius` Fourier pixels. The batch is reused. */
  draw(posed: PosedImages, radius: number, random: Random): FieldBatch;
}

/** Points taken from one image at a time. */
const POINTS_PER_IMAGE = 32;

export function createPointSampler(reader: PreparedReader, points: number, zDim: number): PointSampler {
  const { set, plane } = reader;
  const batch = emptyBatch(points, zDim);
  const row = new Float32Array(2 * plane.count);
  const step = 1 / (set.box * set.pixelSizeAngstrom);

  const drawImage = (posed: PosedImages, which: number, from: number, within: number, random: Random): void => {
    const image = posed.images[which]!;
    const { poses } = posed;
    const at = which * POSE_STRIDE;
    const data = row.subarray(0, 2 * within);
    reader.readRow(image, data);
    const contrast = contrastOf(set.contrast, image);
    const transfer = contrast === undefined ? () => 1 : ctf(contrast.optics, contrast.defocus);
    const to = Math.min(points, from + POINTS_PER_IMAGE);
    for (let i = from; i < to; i++) {
      const p = random.integer(within);
      const sign = random.uniform() < 0.5 ? 1 : -1;
      const kx = plane.kx[p]!;
      const ky = plane.ky[p]!;
      const angle = (2 * Math.PI * (kx * poses[at + 6]! + ky * poses[at + 7]!)) / set.box;
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      const re = data[2 * p]! * c - data[2 * p + 1]! * s;
      const im = data[2 * p]! * s + data[2 * p + 1]! * c;
      for (let a = 0; a < 3; a++)
        batch.k[3 * i + a] = (sign * (kx * poses[at + a]! + ky * poses[at + 3 + a]!)) / set.box;
      batch.target[i] = re - sign * im;
      batch.gain[i] = transfer(kx * step, ky * step) * envelopeAt(set.signalEnvelope, Math.hypot(kx, ky));
      for (let d = 0; d < zDim; d++) batch.z[zDim * i + d] = posed.z?.[zDim * which + d] ?? 0;
    }
  };

  return {
    draw(posed, radius, random) {
      const within = reader.points(radius);
      for (let from = 0; from < points; from += POINTS_PER_IMAGE)
        drawImage(posed, random.integer(posed.images.length), from, within, random);
      return batch;
    },
  };
}

/** All weights 1, all else 0. */
export function emptyBatch(points: number, zDim: number): Required<FieldBatch> {
  return {
    k: new Float32Array(3 * points),
    z: new Float32Array(zDim * points),
    gain: new Float32Array(points),
    target: new Float32Array(points),
    weight: new Float32Array(points).fill(1),
  };
}

/** Linear between shells, constant beyond the last. */
export function envelopeAt(envelope: Float32Array, radius: number): number {
  const below = Math.min(envelope.length - 1, Math.floor(radius));
  const above = Math.min(envelope.length - 1, below + 1);
  return envelope[below]! + (radius - below) * (envelope[above]! - envelope[below]!);
}
