/**
 * @file UMAP of latent coordinates (McInnes, Healy & Melville 2018), seeded: neighbours, fuzzy graph, layout.
 *
 * A picture of neighbourhoods: distances between islands and their areas mean little. Embed one class at a time, its
 * latents mean nothing beside another's. Neighbours are exact. Up to 3,000 points umap-js draws the picture. Beyond, it
 * takes five times as long as the layout in flat arrays (`npm run bench -- umap`: its graph lives in maps keyed by
 * text), which starts from the principal components (umap-learn's `init="pca"`) with umap-learn's constants.
 */
import { check } from "../core/errors.js";
import { seededRandom } from "../core/random.js";
import { fuzzyGraph, membershipStrengths } from "./fuzzy-graph.js";
import { type NeighbourTree, nearestNeighbours, neighboursOfPoints, neighbourTree } from "./nearest-neighbours.js";
import { principalComponents } from "./pca.js";
import { checkPoints } from "./points.js";
import { layOutInto, layoutCurve } from "./umap-layout.js";
import { layOutSmall } from "./umap-small.js";

export interface UmapOptions {
  /** Dimensions of the picture. @default 2 */
  readonly components?: number;
  /** Neighbours of a point, itself counted: few show detail, many the large outline. @default 15, fewer for few points */
  readonly neighbours?: number;
  /** How closely points may lie in the picture. @default 0.1 */
  readonly minDistance?: number;
  /** Rounds of optimisation. @default 500 up to 10,000 points, 200 beyond */
  readonly epochs?: number;
  /** @default 1 */
  readonly seed?: number;
  /** Called now and then with the fraction done, 0..1. */
  readonly onProgress?: (fraction: number) => void;
}

/** A picture, and what it takes to place further points in it. */
export interface UmapModel {
  readonly kind: "umap-model";
  readonly components: number;
  readonly neighbours: number;
  readonly seed: number;
  readonly a: number;
  readonly b: number;
  readonly epochs: number;
  readonly tree: NeighbourTree;
  /** Float32[count components]. */
  readonly embedding: Float32Array;
}

/** Points that umap-js lays out in a few seconds. */
const SMALL = 3000;

/** Embed points, Float[count dimension], at least 4: Float32[count components]. Same seed, same numbers. */
export function umap(values: ArrayLike<number>, dimension: number, options: UmapOptions = {}): Float32Array {
  return fitUmap(values, dimension, options).embedding;
}

/** The same as a model that `placePoints` can add points to. */
export function fitUmap(values: ArrayLike<number>, dimension: number, options: UmapOptions = {}): UmapModel {
  const { components = 2, minDistance = 0.1, seed = 1, onProgress } = options;
  const count = checkPoints(values, dimension, 4);
  const { epochs = count <= 10_000 ? 500 : 200 } = options;
  const neighbours = Math.min(options.neighbours ?? 15, count);
  check(Number.isInteger(neighbours) && neighbours >= 2, "neighbours", "an integer of at least 2", neighbours);
  check(Number.isInteger(components) && components >= 1, "components", "a positive integer", components);
  const curve = layoutCurve(minDistance);
  const tree = neighbourTree(values, dimension);
  const near = nearestNeighbours(tree, neighbours - 1);
  const random = seededRandom(seed);
  let places: Float32Array;
  if (count > neighbours && count <= SMALL)
    places = layOutSmall(near, { components, minDistance, epochs, random, onProgress });
  else {
    places = firstPlaces(values, dimension, components, () => random.normal());
    layOutInto(places, places, fuzzyGraph(near), { ...curve, epochs, learningRate: 1, random, onProgress });
  }
  onProgress?.(1);
  return { kind: "umap-model", components, neighbours, seed, ...curve, epochs, tree, embedding: places };
}

/** Place further points, Float[added dimension], in the picture, which stays as it is: Float32[added components]. */
export function placePoints(model: UmapModel, values: ArrayLike<number>): Float32Array {
  const { tree, components, neighbours, embedding, a, b, seed } = model;
  const count = checkPoints(values, tree.dimension, 0);
  if (count === 0) return new Float32Array(0);
  const near = neighboursOfPoints(tree, values, Math.min(neighbours, tree.count));
  const weights = membershipStrengths(near, false);
  const starts = Int32Array.from({ length: count + 1 }, (_, i) => i * near.k);
  const places = new Float32Array(count * components);
  for (let i = 0; i < count; i++) {
    const total = weights.subarray(i * near.k, (i + 1) * near.k).reduce((sum, w) => sum + w, 0);
    for (let e = i * near.k; e < (i + 1) * near.k; e++)
      for (let c = 0; c < components; c++)
        places[i * components + c]! += (weights[e]! / total) * embedding[near.indices[e]! * components + c]!;
  }
  const graph = { count, starts, targets: near.indices, weights };
  const epochs = count <= 10_000 ? 100 : 30;
  const random = seededRandom(seed);
  layOutInto(places, embedding, graph, { a, b, epochs, learningRate: 0.25, random });
  return places;
}

/** Principal components scaled to ±10, with a little noise so that equal points part; noise alone on missing axes. */
function firstPlaces(
  values: ArrayLike<number>,
  dimension: number,
  components: number,
  normal: () => number,
): Float32Array {
  const { scores } = principalComponents(values, dimension);
  const count = values.length / dimension;
  const largest = scores.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
  return Float32Array.from({ length: count * components }, (_, at) => {
    const c = at % components;
    const i = (at - c) / components;
    return c < dimension ? (10 * scores[i * dimension + c]!) / largest + 1e-4 * normal() : normal();
  });
}
