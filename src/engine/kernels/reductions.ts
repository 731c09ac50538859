/** @file Sums, extremes, ranks and running sums along axes. */
import * as tf from "@tensorflow/tfjs";
import type { Graph, Value } from "../graph.js";
import { sizeOf } from "../graph.js";
import type { Kernel, Kernels } from "./kernel.js";

const { util } = tf;

const REDUCTIONS: Readonly<Record<string, string>> = {
  ...{ Sum: "ReduceSum", Mean: "ReduceMean", Prod: "ReduceProd", Max: "ReduceMax", Min: "ReduceMin" },
};

/** What a reduction of nothing is, in tfjs. */
const NEUTRAL: Readonly<Record<string, number>> = {
  ...{ ReduceSum: 0, ReduceMean: 0, ReduceProd: 1, ReduceMax: Number.NaN, ReduceMin: Number.NaN },
};

export const reductions: Kernels = {
  ...Object.fromEntries(
    Object.entries(REDUCTIONS).map(([name, op]): [string, Kernel] => [
      name,
      (g, { x }, { axis, reductionIndices, keepDims }) => reduce(g, op, x!, axis ?? reductionIndices, keepDims),
    ]),
  ),
  All: (g, { x }, { axis, keepDims }) => g.cast(reduce(g, "ReduceMin", g.cast(x!, "int32"), axis, keepDims), "bool"),
  Any: (g, { x }, { axis, keepDims }) => g.cast(reduce(g, "ReduceMax", g.cast(x!, "int32"), axis, keepDims), "bool"),
  Softmax: (g, { logits }, { dim }) => g.node("Softmax", [logits!], logits!.shape, { axis: dim }),
  Cumsum: (g, { x }, { axis, exclusive, reverse }) =>
    g.node("CumSum", [x!, g.constant(axis, [], "int64")], x!.shape, {
      exclusive: Number(exclusive),
      reverse: Number(reverse),
    }),
  ArgMax: (g, { x }, { axis }) => argument(g, "ArgMax", x!, axis),
  ArgMin: (g, { x }, { axis }) => argument(g, "ArgMin", x!, axis),
  TopK: (g, { x }, { k, sorted }) => {
    const shape = [...x!.shape.slice(0, -1), k];
    const outputs = [
      { shape, type: x!.type },
      { shape, type: "int64" as const },
    ];
    const [values, indices] = g.nodeOfMany("TopK", [x!, g.integers([k])], outputs, { sorted: Number(sorted) });
    return [values!, g.cast(indices!, "int32")];
  },
};

/** Over all axes when `axis` is absent. ONNX takes axes as an input for sums, as an attribute for the rest (opset 17). */
export function reduce(
  g: Graph,
  op: string,
  x: Value,
  axis: number | readonly number[] | undefined,
  keepDims?: boolean,
): Value {
  const axes = util.parseAxisParam(axis as number[], [...x.shape]);
  const from = op === "ReduceMean" ? g.cast(x, "float32") : x;
  if (axes.length === 0) return from;
  const shape = keepDims
    ? x.shape.map((n, i) => (axes.includes(i) ? 1 : n))
    : x.shape.filter((_, i) => !axes.includes(i));
  if (sizeOf(x.shape) === 0) return g.constant(NEUTRAL[op]!, shape, from.type);
  const keepdims = Number(keepDims ?? false);
  if (op === "ReduceSum") return g.node(op, [from, g.integers(axes)], shape, { keepdims });
  return g.node(op, [from], shape, { axes, keepdims });
}

function argument(g: Graph, op: string, x: Value, axis: number | number[]): Value {
  const at = util.parseAxisParam(axis, [...x.shape])[0]!;
  const found = g.node(op, [x], x.shape.toSpliced(at, 1), { type: "int64", axis: at, keepdims: 0 });
  return g.cast(found, "int32");
}
