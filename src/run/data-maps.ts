/**
 * @file The map that particles of a class make by themselves, of all of them and of two halves, and what its shells are worth.
 *
 * A back-projection at the run's poses owes nothing to the network that drew the class map. The halves share the poses that
 * one run found: their FSC shows what the images support at these poses, not a gold-standard resolution.
 */
import type { OnProgress } from "../core/progress.js";
import type { Poses, Volume } from "../core/types.js";
import { type BackProjection, backProject } from "../imaging/back-projection.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { pointsAt } from "../latent/points.js";
import { type FourierShellCorrelation, fourierShellCorrelation } from "../metrics/fourier-shell-correlation.js";
import { type HalfMapResolution, halfMapResolution } from "../metrics/half-map-resolution.js";
import { sphericalMask } from "../metrics/soft-mask.js";
import { chosenRotations } from "./chosen-rotations.js";

/** Fewer images leave whole directions of the transform empty. */
export const LEAST_PARTICLES = 20;

export interface DataMaps {
  readonly backProjection: BackProjection;
  /** Of the halves, within the particle's sphere, corrected for the mask. */
  readonly resolution: HalfMapResolution;
  /** Of the class map with the map of the particles, within the sphere. */
  readonly classMapFsc: FourierShellCorrelation;
}

export interface DataMapsOptions {
  /** Where the particles stand in the prepared set. @default as in `poses` */
  readonly places?: ArrayLike<number>;
  /** Float[rows]: how much each particle counts. @default 1 */
  readonly weights?: ArrayLike<number>;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** The maps of the particles `rows` of `poses`, beside `classMap`. Halves by turns, so that neither is ever empty. */
export function dataMaps(
  reader: PreparedReader,
  poses: Poses,
  rows: readonly number[],
  classMap: Volume,
  options: DataMapsOptions = {},
): DataMaps {
  const { places = rows, ...hooks } = options;
  const { set } = reader;
  const halfOf = new Uint8Array(set.count);
  Array.from(places).forEach((i, n) => {
    halfOf[i] = n % 2;
  });
  const shiftsAngstrom = pointsAt(poses.shiftsAngstrom, 2, rows);
  const chosen = { rotations: chosenRotations(poses.rotations, rows), shiftsAngstrom };
  const backProjection = backProject(reader, chosen, { images: places, halfOf, ...hooks });
  const mask = sphericalMask(backProjection.map, { radiusAngstrom: set.diameterAngstrom / 2 });
  return {
    backProjection,
    resolution: halfMapResolution(...backProjection.halves, { mask }),
    classMapFsc: fourierShellCorrelation(classMap, backProjection.map, { mask }),
  };
}
