/**
 * @file What z means: how much the map changes along it, and the conformations from one end of an axis to the other.
 *
 *     d(z, z′)² = (z − z′)ᵀ G (z − z′)      G_uv = mean over voxels of V_u V_v
 *
 * d is the r.m.s. difference of the two maps, in units of the normalised images: the same for every way of choosing axes.
 */
import { check } from "../core/errors.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { type Conformations, conformationVolume } from "./find-conformations.js";

/** G: Float64[zDim zDim]. */
export function latentMetric(
  found: Pick<Conformations, "subspace">,
  reader: Pick<PreparedReader, "set">,
): Float64Array {
  const { zDim } = found.subspace;
  const mean = conformationVolume(found, reader, new Float64Array(zDim)).values;
  const modes = Array.from({ length: zDim }, (_, j) => {
    const unit = Float64Array.from({ length: zDim }, (_, l) => (l === j ? 1 : 0));
    return conformationVolume(found, reader, unit).values.map((v, i) => v - mean[i]!);
  });
  return Float64Array.from(
    modes.flatMap((a) => modes.map((b) => a.reduce((sum, v, i) => sum + v * b[i]!, 0) / mean.length)),
  );
}

/** r.m.s. map change between two conformations under the metric `gram`. */
export function latentDistance(gram: Float64Array, from: ArrayLike<number>, to: ArrayLike<number>): number {
  const n = from.length;
  check(gram.length === n * n && to.length === n, "gram", `${n}×${n} numbers for ${n} coordinates`, gram.length);
  let square = 0;
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++) square += (from[a]! - to[a]!) * gram[a * n + b]! * (from[b]! - to[b]!);
  return Math.sqrt(Math.max(0, square));
}

/** `frames` conformations along axis `axis` (0-based), from the 5 % to the 95 % quantile of the images' z; 0 elsewhere. */
export function axisLatents(
  { z, zDim }: Pick<Conformations, "z" | "zDim">,
  axis: number,
  frames = 10,
): readonly Float64Array[] {
  check(Number.isInteger(axis) && axis >= 0 && axis < zDim, "axis", `0 to ${zDim - 1}`, axis);
  check(Number.isInteger(frames) && frames >= 2, "frames", "at least 2", frames);
  const sorted = z.filter((_, i) => i % zDim === axis).sort();
  const quantile = (q: number): number => sorted[Math.round(q * (sorted.length - 1))]!;
  const [low, high] = [quantile(0.05), quantile(0.95)];
  return Array.from({ length: frames }, (_, f) =>
    Float64Array.from({ length: zDim }, (_, j) => (j === axis ? low + ((high - low) * f) / (frames - 1) : 0)),
  );
}
