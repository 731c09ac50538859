/**
 * @file The map that the particles near a state make by themselves, beside the map that is decoded there.
 *
 * Every particle of the class is back-projected at its pose with the weight of a Gaussian kernel about z
 * (latent/kernel-weights.ts): the network that drew the decoded map has no part in it. Poses and z are the run's, and an
 * image whose noise looks like the motion is given a z that says so: the average can refute a motion, not prove a faint one.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { type KernelWeightsOptions, kernelWeights } from "../latent/kernel-weights.js";
import { latentSpace } from "../latent/latent-space.js";
import { type FourierShellCorrelation, fourierShellCorrelation } from "../metrics/fourier-shell-correlation.js";
import { sphericalMask } from "../metrics/soft-mask.js";
import { pearson } from "../metrics/spearman.js";
import { type DataMaps, dataMaps, LEAST_PARTICLES } from "./data-maps.js";
import type { Run } from "./open-run.js";
import { type RunImagesOptions, withRunImages } from "./run-images.js";
import { volumeAt } from "./volumes-along.js";

export interface StateAverageOptions extends RunImagesOptions, KernelWeightsOptions {
  /** The map to be checked. @default the run's, decoded at z */
  readonly map?: Volume;
  /** For decoding. @default 2 */
  readonly threads?: number;
}

export interface StateAverage extends DataMaps {
  readonly kind: "state-average";
  /** From 1. */
  readonly classNumber: number;
  readonly z: Float64Array;
  /** Width of the kernel, standard deviations of the class's z along each axis. */
  readonly width: number;
  /** So many images of equal weight would average noise as well. */
  readonly effectiveCount: number;
  /** Particles of the class. */
  readonly of: number;
  /** Weighted mean of the particles' z; it lies inwards of a z at the rim of the class. */
  readonly meanLatent: Float64Array;
  readonly decoded: Volume;
  readonly classMap: Volume;
  /** Of the decoded map with the map of the particles, within the particle's sphere. */
  readonly decodedFsc: FourierShellCorrelation;
  /** Of the map of the particles with either, over the voxels of the sphere: a decoded state that is real has the larger. */
  readonly correlation: { readonly decoded: number; readonly classMap: number };
}

/** Particles of less weight than this are not read. */
const LEAST_WEIGHT = 1e-3;

/** Check the state `z` of class `classNumber` (from 1) of a run against its images, which are read. */
export async function stateAverage(
  run: Run,
  classNumber: number,
  z: ArrayLike<number>,
  options: StateAverageOptions = {},
): Promise<StateAverage> {
  const { width, effectiveCount, map, threads, ...images } = options;
  const particles = run.particles();
  const space = latentSpace(particles, classNumber);
  const isLatent = z.length === space.dimension || z.length === particles.zDim;
  check(isLatent, "z", `${space.dimension} numbers`, z.length);
  const kernel = kernelWeights(space.values, space.dimension, Array.from(z).slice(0, space.dimension), {
    ...(width !== undefined && { width }),
    ...(effectiveCount !== undefined && { effectiveCount }),
  });
  const near = [...space.indices.keys()].filter((row) => kernel.weights[row]! > LEAST_WEIGHT);
  const advice = "widen the kernel, or go where there are more";
  check(near.length >= LEAST_PARTICLES, "z", `at least ${LEAST_PARTICLES} particles near`, near.length, advice);
  const classMap = run.volumes()[classNumber - 1]!;
  const decoded =
    map ?? (await volumeAt(run, classNumber, z, { ...images, ...(threads !== undefined && { threads }) }));
  const rows = near.map((row) => space.indices[row]!);
  const weights = near.map((row) => kernel.weights[row]!);
  const { onProgress, signal } = images;
  const hooks = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
  return withRunImages(run, images, (reader, placesOf) => {
    const maps = dataMaps(reader, particles.assignments.poses, rows, classMap, {
      ...{ places: placesOf(rows), weights },
      ...hooks,
    });
    const average = maps.backProjection.map;
    const mask = sphericalMask(average, { radiusAngstrom: reader.set.diameterAngstrom / 2 });
    const within = ({ values }: Volume): Float32Array => values.filter((_, i) => mask[i]! > 0.5);
    const likeness = (other: Volume): number => pearson(within(other), within(average));
    return {
      ...maps,
      kind: "state-average",
      classNumber,
      z: Float64Array.from(z),
      width: kernel.width,
      effectiveCount: kernel.effectiveCount,
      of: space.keys.length,
      meanLatent: kernel.mean,
      decoded,
      classMap,
      decodedFsc: fourierShellCorrelation(decoded, average, { mask }),
      correlation: { decoded: likeness(decoded), classMap: likeness(classMap) },
    };
  });
}
