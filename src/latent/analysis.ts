/**
 * @file What is asked of a class's latent space first, in one call: components, picture, segments, states, outliers.
 *
 * The segments of k-means cut the space evenly and are no claim; the number of Gaussian states is chosen by BIC.
 */
import { check } from "../core/errors.js";
import { neighbourLogDensity } from "./density.js";
import { type GaussianMixture, gaussianMixtureByBic } from "./gaussian-mixture.js";
import { type Clusters, kMeans } from "./kmeans.js";
import type { LatentSpace } from "./latent-space.js";
import { nearestNeighbours, neighbourTree } from "./nearest-neighbours.js";
import { localOutlierFactors, mahalanobisDistances } from "./outliers.js";
import { type PrincipalComponents, principalComponents } from "./pca.js";
import type { LatentView } from "./select-by.js";
import { fitUmap, type UmapModel, type UmapOptions } from "./umap.js";

export interface AnalysisOptions {
  /** Segments of k-means. @default 6 */
  readonly segments?: number;
  /** Most Gaussian states tried. @default 5 */
  readonly mostStates?: number;
  /** Neighbours for densities and outliers. @default 20 */
  readonly neighbours?: number;
  /** Of the picture. @default umap's own */
  readonly umap?: Omit<UmapOptions, "seed">;
  /** @default 1 */
  readonly seed?: number;
}

/** Rows of every array are the particles of `space`, in its order. */
export interface LatentAnalysis {
  readonly kind: "latent-analysis";
  readonly space: LatentSpace;
  readonly seed: number;
  readonly components: PrincipalComponents;
  readonly picture: UmapModel;
  readonly segments: Clusters;
  /** The number of states with the least BIC. */
  readonly states: GaussianMixture;
  /** BIC of 1, 2, … states. */
  readonly bic: readonly number[];
  /** Float64[count], natural logarithm; Infinity where neighbours coincide. */
  readonly logDensity: Float64Array;
  /** Float64[count]; about 1 inside, larger outside. */
  readonly outlierFactors: Float64Array;
  /** Float64[count], standard deviations from the mean. */
  readonly mahalanobis: Float64Array;
}

export const LEAST_PARTICLES = 20;

/** Whether a class has enough particles, in enough places, to be analysed. */
export function canBeAnalysed({ values, dimension, keys }: LatentSpace): boolean {
  if (keys.length < LEAST_PARTICLES) return false;
  const places = new Set(keys.map((_, i) => values.subarray(i * dimension, (i + 1) * dimension).join()));
  return places.size >= LEAST_PARTICLES / 2;
}

/** Analyse one class; refuses one that is rigid or has fewer than 20 particles. */
export function analyseLatents(space: LatentSpace, options: AnalysisOptions = {}): LatentAnalysis {
  const { segments = 6, mostStates = 5, neighbours = 20, seed = 1 } = options;
  const { values, dimension, classNumber, keys } = space;
  check(
    canBeAnalysed(space),
    `class ${classNumber}`,
    `at least ${LEAST_PARTICLES} particles with different latents`,
    keys.length,
    "leave it out (canBeAnalysed)",
  );
  const near = nearestNeighbours(neighbourTree(values, dimension), Math.min(neighbours, keys.length - 1));
  const { best, tried } = gaussianMixtureByBic(values, dimension, mostStates, { seed });
  return {
    kind: "latent-analysis",
    space,
    seed,
    components: principalComponents(values, dimension),
    picture: fitUmap(values, dimension, { ...options.umap, seed }),
    segments: kMeans(values, dimension, segments, { seed }),
    states: best,
    bic: tried.map((mixture) => mixture.bic),
    logDensity: neighbourLogDensity(near, dimension),
    outlierFactors: localOutlierFactors(near),
    mahalanobis: mahalanobisDistances(values, dimension),
  };
}

/** The UMAP picture, with the keys of its points. */
export function umapView({ space, picture }: LatentAnalysis): LatentView {
  const column = (c: number): Float32Array => picture.embedding.filter((_, at) => at % picture.components === c);
  return {
    set: space.set,
    keys: space.keys,
    name: `UMAP of class ${space.classNumber}`,
    x: column(0),
    y: column(1),
  };
}

/** Two principal components, counted from 1, with the keys of the points. A missing second one is 0. */
export function componentView({ space, components }: LatentAnalysis, first = 1, second = 2): LatentView {
  const { dimension, scores } = components;
  check(first >= 1 && first <= dimension, "first", `a component from 1 to ${dimension}`, first);
  const column = (c: number): Float64Array =>
    Float64Array.from(space.keys, (_, i) => (c <= dimension ? scores[i * dimension + c - 1]! : 0));
  const name = `components ${first} and ${second} of class ${space.classNumber}`;
  return { set: space.set, keys: space.keys, name, x: column(first), y: column(second) };
}
