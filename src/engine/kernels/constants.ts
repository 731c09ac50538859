/** @file Kernels without inputs, or whose inputs give a shape only. */
import type { Graph, Value } from "../graph.js";
import { sizeOf } from "../graph.js";
import { multiply } from "./elementwise.js";
import type { Kernels } from "./kernel.js";
import { reshape } from "./shape.js";

export const constants: Kernels = {
  Fill: (g, _inputs, { shape, value, dtype }) => g.constant(value, shape, dtype ?? "float32"),
  ZerosLike: (g, { x }) => g.constant(0, x!.shape, x!.type),
  OnesLike: (g, { x }) => g.constant(1, x!.shape, x!.type),
  Range: (g, _inputs, { start, stop, step, dtype }) => {
    const length = Math.max(0, Math.ceil((stop - start) / step));
    return list(g, length, (i) => start + i * step, dtype);
  },
  LinSpace: (g, _inputs, { start, stop, num }) =>
    list(g, num, (i) => start + (num > 1 ? (i * (stop - start)) / (num - 1) : 0), "float32"),
  Diag: (g, { x }) => {
    const n = sizeOf(x!.shape);
    const unit = Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
    const square = multiply(g, g.constant(unit, [n, n], x!.type), reshape(g, x!, [n]));
    return reshape(g, square, [...x!.shape, ...x!.shape]);
  },
};

function list(g: Graph, length: number, at: (i: number) => number, type: Value["type"]): Value {
  return g.constant(
    Array.from({ length }, (_, i) => at(i)),
    [length],
    type,
  );
}
