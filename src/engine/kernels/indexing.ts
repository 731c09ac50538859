/** @file Kernels that look up by index or add into places given by index. */
import * as tf from "@tensorflow/tfjs";
import type { Graph, Value } from "../graph.js";
import { binary, select } from "./elementwise.js";
import { type Kernels, unsupported } from "./kernel.js";
import { cut, reshape } from "./shape.js";

const { util } = tf;

export const indexing: Kernels = {
  GatherV2: (g, { x, indices }, { axis, batchDims = 0 }) => {
    const at = util.parseAxisParam(axis, [...x!.shape])[0]!;
    const rest = indices!.shape.slice(batchDims);
    const shape = [...x!.shape.slice(0, at), ...rest, ...x!.shape.slice(at + 1)];
    if (batchDims === 0) return g.node("Gather", [x!, g.cast(indices!, "int32")], shape, { axis: at });
    if (at !== batchDims)
      throw unsupported(g, "GatherV2 with an axis behind batchDims", "transpose the axis to the place of batchDims");
    const places = reshape(g, g.cast(indices!, "int64"), [...indices!.shape, 1]);
    return g.node("GatherND", [x!, places], shape, { batch_dims: batchDims });
  },
  GatherNd: (g, { params, indices }) => {
    const shape = [...indices!.shape.slice(0, -1), ...params!.shape.slice(indices!.shape.at(-1)!)];
    return g.node("GatherND", [params!, g.cast(indices!, "int64")], shape);
  },
  ScatterNd: (g, { indices, updates }, { shape }) => scatterAdd(g, indices!, updates!, shape),
  TensorScatterUpdate: (g, { tensor, indices, updates }) =>
    g.node("ScatterND", [tensor!, g.cast(indices!, "int64"), updates!], tensor!.shape),
  // Rows of no segment go to one more segment at the end, which is cut off.
  UnsortedSegmentSum: (g, { x, segmentIds }, { numSegments }) => {
    const ids = g.cast(segmentIds!, "int32");
    const limit = g.scalar(numSegments, "int32");
    const outside = binary(
      g,
      "Or",
      binary(g, "Less", ids, g.scalar(0, "int32")),
      binary(g, "GreaterOrEqual", ids, limit),
    );
    const safe = reshape(g, select(g, outside, limit, ids), [...ids.shape, 1]);
    const row = x!.shape.slice(ids.shape.length);
    const sums = scatterAdd(g, safe, x!, [numSegments + 1, ...row]);
    return cut(g, sums, Array(row.length + 1).fill(0), [numSegments, ...row]);
  },
  OneHot: (g, { indices }, { dtype, depth, onValue, offValue }) => {
    const values = g.constant([offValue, onValue], [2], "float32");
    const shape = [...indices!.shape, depth];
    // A column of equal-tests instead of ONNX OneHot, which counts negative indices from the end; tfjs ignores them.
    const column = reshape(g, g.cast(indices!, "int32"), [...indices!.shape, 1]);
    const places = g.constant(
      Array.from({ length: depth }, (_, i) => i),
      [depth],
      "int32",
    );
    const hit = g.node("Equal", [column, places], shape, { type: "bool" });
    return g.cast(g.node("Gather", [values, g.cast(hit, "int32")], shape), dtype ?? "float32");
  },
};

/** Zeros of `shape` with `updates` added at `indices` (last axis: a coordinate); repeated places add up. */
function scatterAdd(g: Graph, indices: Value, updates: Value, shape: readonly number[]): Value {
  const zeros = g.constant(0, shape, updates.type);
  const inputs = [zeros, g.cast(indices, "int64"), updates];
  return g.node("ScatterND", inputs, shape, { type: updates.type, reduction: "add" });
}
