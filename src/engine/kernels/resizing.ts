/**
 * @file Resizing images, as look-ups (nearest) or as two matrix products with fixed interpolation matrices (bilinear
 * and all gradients), which give tfjs's sampling exactly: alignCorners and half-pixel centres included.
 */
import type { Graph, Value } from "../graph.js";
import type { Kernels } from "./kernel.js";
import { matrixProduct } from "./products.js";
import { reshape } from "./shape.js";

interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixelCenters?: boolean;
}

/** Float32[to from], row-major: how each new sample is made of the old ones. */
type Weights = (from: number, to: number, sampling: Sampling) => Float32Array;

export const resizing: Kernels = {
  ResizeBilinear: (g, { images }, { size, ...sampling }) =>
    resample(g, images!, size, linearWeights, sampling as Sampling),
  ResizeBilinearGrad: (g, { dy, images }, { alignCorners }) =>
    gradient(g, dy!, images!, linearWeights, { alignCorners }),
  ResizeNearestNeighbor: (g, { images }, { size, ...sampling }) =>
    ([0, 1] as const).reduce((x, i) => {
      const axis = i + 1;
      const at = nearest(x.shape[axis]!, size[i]!, sampling as Sampling);
      const indices = g.constant(at, [at.length], "int32");
      return g.node("Gather", [x, indices], x.shape.with(axis, at.length), { axis });
    }, images!),
  ResizeNearestNeighborGrad: (g, { dy, images }, { alignCorners }) =>
    gradient(g, dy!, images!, nearestWeights, { alignCorners }),
};

function resample(g: Graph, x: Value, size: readonly number[], weights: Weights, sampling: Sampling): Value {
  const [, rows, columns] = x.shape as [number, number, number, number];
  const [newRows, newColumns] = size as [number, number];
  return separable(
    g,
    x,
    g.constant(weights(rows, newRows, sampling), [newRows, rows], "float32"),
    g.constant(weights(columns, newColumns, sampling), [newColumns, columns], "float32"),
  );
}

/** The transposed matrices. tfjs's gradients know no half-pixel centres. */
function gradient(g: Graph, dy: Value, images: Value, weights: Weights, sampling: Sampling): Value {
  const [, rows, columns] = images.shape as [number, number, number, number];
  const [, newRows, newColumns] = dy.shape as [number, number, number, number];
  const turned = (from: number, to: number): Value =>
    g.constant(turn(weights(from, to, sampling), to, from), [from, to], "float32");
  return separable(g, dy, turned(rows, newRows), turned(columns, newColumns));
}

/** along rows, then columns: [batch rows columns channels] → [batch newRows newColumns channels]. */
function separable(g: Graph, x: Value, alongRows: Value, alongColumns: Value): Value {
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number];
  const [newRows, newColumns] = [alongRows.shape[0]!, alongColumns.shape[0]!];
  const tall = matrixProduct(g, alongRows, reshape(g, x, [batch, rows, columns * channels]));
  const wide = matrixProduct(g, alongColumns, reshape(g, tall, [batch * newRows, columns, channels]));
  return reshape(g, wide, [batch, newRows, newColumns, channels]);
}

function turn(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** Where sample `i` of `to` lies among `from`, before rounding. */
function position(i: number, from: number, to: number, { alignCorners, halfPixelCenters }: Sampling): number {
  const ratio = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  return ratio * (halfPixelCenters ? i + 0.5 : i);
}

function linearWeights(from: number, to: number, sampling: Sampling): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = position(i, from, to, sampling) - (sampling.halfPixelCenters ? 0.5 : 0);
    const low = Math.max(0, Math.floor(at));
    const high = Math.min(from - 1, Math.ceil(at));
    weights[i * from + low]! += 1 - (at - low);
    weights[i * from + high]! += at - low;
  }
  return weights;
}

function nearest(from: number, to: number, sampling: Sampling): number[] {
  const round = sampling.alignCorners ? Math.round : Math.floor;
  return Array.from({ length: to }, (_, i) => Math.max(0, Math.min(from - 1, round(position(i, from, to, sampling)))));
}

function nearestWeights(from: number, to: number, sampling: Sampling): Float32Array {
  const weights = new Float32Array(to * from);
  nearest(from, to, sampling).forEach((at, i) => {
    weights[i * from + at] = 1;
  });
  return weights;
}
