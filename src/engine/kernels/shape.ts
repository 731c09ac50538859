/** @file Nodes that move numbers without changing them, and what needs no node at all. */
import * as tf from "@tensorflow/tfjs";
import { type Graph, sameShape, type Value } from "../graph.js";

const { backend_util: backend } = tf;

/** Further back than any index: an exclusive end for slices that run backwards through element 0. */
export const FIRST: number = -(2 ** 31);

export function broadcast(g: Graph, x: Value, shape: readonly number[]): Value {
  return sameShape(x.shape, shape) ? x : g.node("Expand", [x, g.integers(shape)], shape);
}

export function broadcastShape(a: Value, b: Value): number[] {
  return backend.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
}

export function reshape(g: Graph, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.constant !== undefined) return g.constant(x.constant, shape, x.type);
  // "allowzero": a 0 in the list is a size, not "as in the input".
  return g.node("Reshape", [x, g.integers(shape)], shape, shape.includes(0) ? { allowzero: 1 } : {});
}

/** Axis i of the result is axis perm[i] of x. */
export function transpose(g: Graph, x: Value, perm: readonly number[]): Value {
  if (perm.every((axis, i) => axis === i)) return x;
  const before = g.producer(x);
  if (before?.op === "Transpose") {
    const first = before.attributes["perm"] as readonly number[];
    return transpose(
      g,
      before.inputs[0]!,
      perm.map((axis) => first[axis]!),
    );
  }
  const shape = perm.map((axis) => x.shape[axis]!);
  // Moving axes of length 1 about moves no number.
  const long = perm.filter((axis) => x.shape[axis] !== 1);
  if (long.every((axis, i) => i === 0 || axis > long[i - 1]!)) return reshape(g, x, shape);
  return g.node("Transpose", [x], shape, { perm });
}

export function swapLastTwo(g: Graph, x: Value): Value {
  const rank = x.shape.length;
  return transpose(
    g,
    x,
    x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
  );
}

export function tile(g: Graph, x: Value, reps: readonly number[]): Value {
  const shape = x.shape.map((n, i) => n * reps[i]!);
  const stretches = x.shape.every((n, i) => n === 1 || reps[i] === 1);
  return stretches ? broadcast(g, x, shape) : g.node("Tile", [x, g.integers(reps)], shape);
}

export function split(g: Graph, x: Value, sizes: readonly number[], axis: number): Value[] {
  const outputs = sizes.map((size) => ({ shape: x.shape.with(axis, size), type: x.type }));
  return g.nodeOfMany("Split", [x, g.integers(sizes)], outputs, { axis });
}

export function concat(g: Graph, parts: readonly Value[], axis: number): Value {
  const filled = parts.filter((part) => part.shape[axis] !== 0);
  if (filled.length === 1) return filled[0]!;
  const used = filled.length === 0 ? parts.slice(0, 1) : filled;
  const total = used.reduce((sum, part) => sum + part.shape[axis]!, 0);
  return g.node("Concat", used, parts[0]!.shape.with(axis, total), { axis });
}

export function pad(
  g: Graph,
  x: Value,
  before: readonly number[],
  after: readonly number[],
  value = 0,
  mode = "constant",
): Value {
  if ([...before, ...after].every((n) => n === 0)) return x;
  const shape = x.shape.map((n, i) => n + before[i]! + after[i]!);
  const inputs = [x, g.integers([...before, ...after]), ...(mode === "constant" ? [g.scalar(value, x.type)] : [])];
  return g.node("Pad", inputs, shape, { mode });
}

export function slice(
  g: Graph,
  x: Value,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
  shape: readonly number[],
): Value {
  if (sameShape(x.shape, shape) && strides.every((s) => s === 1)) return x;
  // An end of -1 beside a negative stride means "through element 0"; ONNX would read it as the last element.
  const ends = end.map((e, i) => (strides[i]! < 0 && e < 0 ? FIRST : e));
  const inputs = [begin, ends, begin.map((_, i) => i), strides].map((list) => g.integers(list));
  return g.node("Slice", [x, ...inputs], shape);
}

/** `size` elements along each axis, from `begin` on. */
export function cut(g: Graph, x: Value, begin: readonly number[], size: readonly number[]): Value {
  const end = begin.map((b, i) => b + size[i]!);
  return slice(g, x, begin, end, Array(begin.length).fill(1), size);
}

/** x backwards along the axes. */
export function reverse(g: Graph, x: Value, axes: readonly number[]): Value {
  const long = axes.filter((axis) => x.shape[axis]! > 1);
  if (long.length === 0) return x;
  const inputs = [long.map(() => -1), long.map(() => FIRST), long, long.map(() => -1)];
  return g.node("Slice", [x, ...inputs.map((list) => g.integers(list))], x.shape);
}
