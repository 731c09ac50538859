/**
 * @file UMAP of latent coordinates (umap-js; McInnes et al. 2018), seeded.
 *
 * A picture of neighbourhoods: distances between islands and their areas mean little. Embed one class at a time, its
 * latents mean nothing beside another's. About 17 s for 10,000 points of 8 dimensions on one core.
 */
import { UMAP } from "umap-js";
import { check } from "../core/errors.js";
import { seededRandom } from "../core/random.js";
import { checkPoints, pointRows } from "./points.js";

export interface UmapOptions {
  /** Dimensions of the picture. @default 2 */
  readonly components?: number;
  /** Neighbours of a point: few show detail, many the large outline. Fewer points, fewer neighbours. @default 15 */
  readonly neighbours?: number;
  /** How closely points may lie in the picture. @default 0.1 */
  readonly minDistance?: number;
  /** Rounds of optimisation. @default umap-js decides by the number of points (500 to 200) */
  readonly epochs?: number;
  /** @default 1 */
  readonly seed?: number;
  /** Called now and then with the fraction done, 0..1. */
  readonly onProgress?: (fraction: number) => void;
}

/** Embed points, Float[count dimension], at least 4: Float32[count components]. Same seed, same numbers. */
export function umap(values: ArrayLike<number>, dimension: number, options: UmapOptions = {}): Float32Array {
  const { components = 2, neighbours = 15, minDistance = 0.1, epochs, seed = 1, onProgress } = options;
  const count = checkPoints(values, dimension, 4);
  check(Number.isInteger(neighbours) && neighbours >= 2, "neighbours", "an integer of at least 2", neighbours);
  const model = new UMAP({
    nComponents: components,
    nNeighbors: Math.min(neighbours, count - 1),
    minDist: minDistance,
    random: seededRandom(seed).uniform,
    ...(epochs === undefined ? {} : { nEpochs: epochs }),
  });
  const total = model.initializeFit(pointRows(values, dimension));
  for (let epoch = 0; epoch < total; epoch++) {
    model.step();
    if (epoch % 20 === 0) onProgress?.(epoch / total);
  }
  onProgress?.(1);
  return Float32Array.from(model.getEmbedding().flat());
}
