/**
 * @file Weighted back-projection: the map that best explains images of known poses, and the maps of two halves of them.
 *
 *     x = (C / σ) S(Rᵀk) exp(−2πi k·t) + n      →      S = Σ w (C / σ) x exp(+2πi k·t) / (Σ w (C / σ)² + 1 / signal²)
 *
 * x whitened coefficients, C the CTF, σ the noise, w the weight of a pose (its posterior, say): the Wiener filter of
 * methods 6 with trilinear gridding. Unit: normalised images (background of standard deviation 1). DC is not among the
 * coefficients, so a map's mean is close to 0.
 */
import { check, checkCancelled } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import type { Poses, Volume } from "../core/types.js";
import { volumeFromAccumulators } from "./accumulated-volume.js";
import { addSlice, type FourierAccumulator, newAccumulator } from "./fourier-accumulator.js";
import type { PreparedReader } from "./prepared-reader.js";

export interface BackProjectOptions {
  /** Int32[poses]: the image of each pose, an index into the set; several poses may share one. @default 0, 1, 2 … */
  readonly images?: ArrayLike<number>;
  /** Float[poses], at least 0; 0 leaves a pose out. @default 1 */
  readonly weights?: ArrayLike<number>;
  /** 0 or 1 for each image of the set. @default even and odd images */
  readonly halfOf?: ArrayLike<number>;
  /** Fourier pixels. @default all that the set holds, box/2 − 1 */
  readonly radius?: number;
  /** Grid cells per Fourier pixel. @default 2 */
  readonly oversampling?: number;
  /** "signal": Wiener filter by the set's signal envelope; "none": plain division. @default "signal" */
  readonly prior?: "signal" | "none";
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface BackProjection {
  readonly kind: "back-projection";
  readonly map: Volume;
  /** From the images of either half; their FSC tells how far the map is to be trusted. */
  readonly halves: readonly [Volume, Volume];
  /** Poses of positive weight in either half. */
  readonly counts: readonly [number, number];
}

/** Back-project the images of a prepared set. Reads each row once, in the order of `options.images`. */
export function backProject(reader: PreparedReader, poses: Poses, options: BackProjectOptions = {}): BackProjection {
  const { sums, counts, power } = accumulateHalves(reader, poses, options);
  const { box, pixelSizeAngstrom } = reader.set;
  const [map, first, second] = [sums, sums.slice(0, 1), sums.slice(1)].map((parts) =>
    volumeFromAccumulators(parts, { box, pixelSizeAngstrom }, power),
  );
  return { kind: "back-projection", map: map!, halves: [first!, second!], counts };
}

/** The sums of either half, poses of positive weight in each, and the signal's power per shell (undefined: no prior). */
export function accumulateHalves(
  reader: PreparedReader,
  poses: Poses,
  options: BackProjectOptions = {},
): {
  readonly sums: readonly [FourierAccumulator, FourierAccumulator];
  readonly counts: readonly [number, number];
  readonly power: Float32Array | undefined;
} {
  const { set, plane } = reader;
  const { images, weights, halfOf, radius = set.box / 2 - 1, oversampling = 2, prior = "signal" } = options;
  const { rotations, shiftsAngstrom } = poses;
  const { count } = rotations;
  check(radius > 0 && radius <= set.box / 2 - 1, "radius", `a radius in (0, ${set.box / 2 - 1}]`, radius);
  check(Number.isInteger(oversampling) && oversampling >= 1, "oversampling", "a positive integer", oversampling);
  check(images !== undefined || count === set.count, "poses", `one for each of ${set.count} images`, count);
  check(images === undefined || images.length === count, "images", `one for each of ${count} poses`, images?.length);
  check(
    weights === undefined || weights.length === count,
    "weights",
    `one for each of ${count} poses`,
    weights?.length,
  );
  check(
    halfOf === undefined || halfOf.length === set.count,
    "halfOf",
    `one for each of ${set.count} images`,
    halfOf?.length,
  );
  check(shiftsAngstrom.length === 2 * count, "poses.shiftsAngstrom", `${2 * count} numbers`, shiftsAngstrom.length);

  const points = reader.points(radius);
  const [row, contrast] = [new Float32Array(2 * points), new Float32Array(points)];
  const inverseSigma = Float32Array.from(plane.shell.subarray(0, points), (s) => 1 / set.noiseSigma[s]!);
  const sums = [newAccumulator(radius, oversampling), newAccumulator(radius, oversampling)] as const;
  const counts: [number, number] = [0, 0];
  const slice = { kx: plane.kx, ky: plane.ky, points, row, contrast, box: set.box };
  let read = -1;
  for (let j = 0; j < count; j++) {
    if (j % 500 === 0) {
      checkCancelled(options.signal);
      options.onProgress?.({ stage: "back-project", fraction: j / count });
    }
    const weight = weights?.[j] ?? 1;
    check(weight >= 0, `weights[${j}]`, "a weight of at least 0", weight);
    if (weight === 0) continue;
    const image = images?.[j] ?? j;
    if (image !== read) {
      reader.readRow(image, row);
      reader.readContrast(image, contrast);
      for (let p = 0; p < points; p++) contrast[p]! *= inverseSigma[p]!;
      read = image;
    }
    const half = (halfOf?.[image] ?? image % 2) === 0 ? 0 : 1;
    counts[half]++;
    const [shiftX, shiftY] = [2 * j, 2 * j + 1].map((at) => shiftsAngstrom[at]! / set.pixelSizeAngstrom);
    addSlice(sums[half], slice, rotations.matrices, 9 * j, { shiftX: shiftX!, shiftY: shiftY!, weight });
  }
  check(counts[0] + counts[1] > 0, "weights", "at least one positive weight", "none");
  options.onProgress?.({ stage: "back-project", fraction: 1 });
  const power = prior === "signal" ? set.signalEnvelope.map((s, k) => (s * set.noiseSigma[k]!) ** 2) : undefined;
  return { sums, counts, power };
}
