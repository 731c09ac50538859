/**
 * @file Training points of a field: random Fourier coefficients of random images, at their sampled poses.
 *
 * The datum at image frequency k is y = x·exp(+2πi k·t/box); the field should give, at s·Rᵀk (s = ±1, the two
 * halves of the plane), the Hartley value Re y − s·Im y after the gain C·envelope. A random subset of points is
 * unbiased and 5-20 times cheaper than whole images (design 6.4).
 */
import type { Random } from "../core/random.js";
import type { FieldBatch } from "../field/trainer.js";
import { contrastOf } from "../imaging/prepare.js";
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
  /** Every point within `radius`, both halves of the plane, of images start..end, image after image. */
  wholeImages(posed: PosedImages, start: number, end: number, radius: number): Required<FieldBatch>;
}

/** Points taken from one image at a time. */
const POINTS_PER_IMAGE = 32;

export function createPointSampler(reader: PreparedReader, points: number, zDim: number): PointSampler {
  const { set, plane } = reader;
  const batch = emptyBatch(points, zDim);
  const row = new Float32Array(2 * plane.count);
  const step = 1 / (set.box * set.pixelSizeAngstrom);

  /** Write points from..to of `out` from one image; `choose` gives the half-plane point and the half. */
  const writeImage = (
    out: Required<FieldBatch>,
    posed: PosedImages,
    which: number,
    range: { readonly from: number; readonly to: number; readonly within: number },
    choose: (i: number) => { readonly p: number; readonly sign: 1 | -1 },
  ): void => {
    const image = posed.images[which]!;
    const { poses } = posed;
    const at = which * POSE_STRIDE;
    const data = row.subarray(0, 2 * range.within);
    reader.readRow(image, data);
    const contrast = contrastOf(set.contrast, image);
    const transfer = contrast === undefined ? () => 1 : ctf(contrast.optics, contrast.defocus);
    for (let i = range.from; i < range.to; i++) {
      const { p, sign } = choose(i);
      const kx = plane.kx[p]!;
      const ky = plane.ky[p]!;
      const angle = (2 * Math.PI * (kx * poses[at + 6]! + ky * poses[at + 7]!)) / set.box;
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      const re = data[2 * p]! * c - data[2 * p + 1]! * s;
      const im = data[2 * p]! * s + data[2 * p + 1]! * c;
      for (let a = 0; a < 3; a++) out.k[3 * i + a] = (sign * (kx * poses[at + a]! + ky * poses[at + 3 + a]!)) / set.box;
      out.target[i] = re - sign * im;
      out.gain[i] = transfer(kx * step, ky * step) * envelopeAt(set.signalEnvelope, Math.hypot(kx, ky));
      for (let d = 0; d < zDim; d++) out.z[zDim * i + d] = posed.z?.[zDim * which + d] ?? 0;
    }
  };

  return {
    draw(posed, radius, random) {
      const within = reader.points(radius);
      const choose = (): { p: number; sign: 1 | -1 } => ({
        p: random.integer(within),
        sign: random.uniform() < 0.5 ? 1 : -1,
      });
      for (let from = 0; from < points; from += POINTS_PER_IMAGE) {
        const to = Math.min(points, from + POINTS_PER_IMAGE);
        writeImage(batch, posed, random.integer(posed.images.length), { from, to, within }, choose);
      }
      return batch;
    },
    wholeImages(posed, start, end, radius) {
      const within = reader.points(radius);
      const out = emptyBatch(2 * within * (end - start), zDim);
      for (let which = start; which < end; which++) {
        const from = 2 * within * (which - start);
        writeImage(out, posed, which, { from, to: from + 2 * within, within }, (i) => ({
          p: (i - from) >> 1,
          sign: i % 2 === 0 ? 1 : -1,
        }));
      }
      return out;
    },
  };
}

function emptyBatch(points: number, zDim: number): Required<FieldBatch> {
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
