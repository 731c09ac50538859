/** @file The layout of a few thousand points by umap-js, neighbours given. */
import { UMAP } from "umap-js";
import type { Random } from "../core/random.js";
import type { Neighbours } from "./nearest-neighbours.js";

/** Float32[count components] */
export function layOutSmall(
  near: Neighbours,
  options: {
    readonly components: number;
    readonly minDistance: number;
    readonly epochs: number;
    readonly random: Random;
    readonly onProgress?: ((fraction: number) => void) | undefined;
  },
): Float32Array {
  const { components, epochs, random, onProgress } = options;
  const rows = Array.from({ length: near.count }, (_, i) => i);
  const slot = (i: number): [from: number, to: number] => [i * near.k, (i + 1) * near.k];
  const picture = new UMAP({
    nComponents: components,
    nNeighbors: near.k + 1,
    minDist: options.minDistance,
    nEpochs: epochs,
    random: () => random.uniform(),
  });
  // umap-js counts a point as its own first neighbour.
  picture.setPrecomputedKNN(
    rows.map((i) => [i, ...near.indices.subarray(...slot(i))]),
    rows.map((i) => [0, ...near.distances.subarray(...slot(i))]),
  );
  picture.initializeFit(rows.map((i) => [i]));
  for (let epoch = 0; epoch < epochs; epoch++) {
    picture.step();
    if (epoch % 50 === 0) onProgress?.(epoch / epochs);
  }
  return Float32Array.from(picture.getEmbedding().flat());
}
