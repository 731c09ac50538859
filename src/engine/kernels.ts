/**
 * @file The kernel table: each tfjs kernel as ONNX nodes. This is the list of what a compiled program may use.
 *
 * A row takes the graph, the kernel's inputs by tfjs's names and its attributes, appends nodes and returns the
 * output or outputs. Gradients need no rows of their own: tfjs makes them out of these same kernels.
 */
import * as tf from "@tensorflow/tfjs";
import { IolausError } from "../core/errors.js";
import { type ElementType, type Graph, sameShape, sizeOf, type Value } from "./graph.js";

export type Inputs = Readonly<Record<string, Value>>;
/** tfjs types each kernel's attributes apart; a table of all of them cannot. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Attributes = Readonly<Record<string, any>>;
export type Kernel = (g: Graph, inputs: Inputs, attributes: Attributes) => Value | Value[];

const { backend_util: backend, slice_util: slices, util } = tf;

/** One ONNX operator of one input, element by element: tfjs name → ONNX name. */
const UNARY: Readonly<Record<string, string>> = {
  ...same(
    "Abs",
    "Neg",
    "Exp",
    "Log",
    "Sqrt",
    "Reciprocal",
    "Sin",
    "Cos",
    "Tan",
    "Asin",
    "Acos",
    "Atan",
    "Sinh",
    "Cosh",
  ),
  ...same("Tanh", "Sigmoid", "Relu", "Elu", "Selu", "Softplus", "Erf", "Floor", "Ceil", "Round", "Sign"),
  LogicalNot: "Not",
};

/** One ONNX operator of two inputs, broadcast. */
const BINARY: Readonly<Record<string, string>> = {
  ...{ Add: "Add", Sub: "Sub", RealDiv: "Div", Pow: "Pow", Maximum: "Max", Minimum: "Min" },
  ...{ Greater: "Greater", GreaterEqual: "GreaterOrEqual", Less: "Less", LessEqual: "LessOrEqual", Equal: "Equal" },
  ...{ LogicalAnd: "And", LogicalOr: "Or" },
};

const REDUCTIONS: Readonly<Record<string, string>> = {
  ...{ Sum: "ReduceSum", Mean: "ReduceMean", Prod: "ReduceProd", Max: "ReduceMax", Min: "ReduceMin" },
};

const COMPARISONS = new Set(["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "And", "Or"]);

const arithmetic: Readonly<Record<string, Kernel>> = {
  Identity: (_g, { x }) => x!,
  Cast: (g, { x }, { dtype }) => g.cast(x!, dtype),
  Multiply: (g, { a, b }) => multiply(g, a!, b!),
  Square: (g, { x }) => g.node("Mul", [x!, x!], x!.shape),
  Rsqrt: (g, { x }) => g.node("Reciprocal", [g.node("Sqrt", [x!], x!.shape)], x!.shape),
  Relu6: (g, { x }) => g.node("Clip", [x!, g.scalar(0), g.scalar(6)], x!.shape),
  LeakyRelu: (g, { x }, { alpha }) => g.node("LeakyRelu", [x!], x!.shape, { alpha }),
  ClipByValue: (g, { x }, { clipValueMin, clipValueMax }) =>
    g.node("Clip", [x!, g.scalar(clipValueMin, x!.type), g.scalar(clipValueMax, x!.type)], x!.shape),
  Step: (g, { x }, { alpha = 0 }) => {
    // The gradient of ReLU asks for this; its result tells as much as its input, which need then not be kept.
    const relu = g.nodes.find((node) => node.op === "Relu" && node.inputs[0] === x);
    if (relu !== undefined && alpha === 0) return g.cast(g.cast(relu.outputs[0]!, "bool"), x!.type);
    const positive = g.node("Greater", [x!, g.scalar(0, x!.type)], x!.shape, { type: "bool" });
    if (alpha === 0) return g.cast(positive, x!.type);
    return g.node("Where", [positive, g.scalar(1, x!.type), g.scalar(alpha, x!.type)], x!.shape, { type: x!.type });
  },
  EluGrad: (g, { dy, y }) => {
    const slope = g.node("Min", [g.node("Add", [y!, g.scalar(1)], y!.shape), g.scalar(1)], y!.shape);
    return g.node("Mul", [dy!, slope], y!.shape);
  },
  SquaredDifference: (g, { a, b }) => {
    const d = binary(g, "Sub", a!, b!);
    return g.node("Mul", [d, d], d.shape);
  },
  FloorDiv: (g, { a, b }) => {
    const quotient = binary(g, "Div", g.cast(a!, "float32"), g.cast(b!, "float32"));
    return g.cast(g.node("Floor", [quotient], quotient.shape), "int32");
  },
  NotEqual: (g, { a, b }) => {
    const equal = binary(g, "Equal", a!, b!);
    return g.node("Not", [equal], equal.shape);
  },
  AddN: (g, inputs) => Object.values(inputs).reduce((a, b) => g.node("Add", [a, b], a.shape)),
  Select: (g, { condition, t, e }) => g.node("Where", [condition!, t!, e!], t!.shape, { type: t!.type }),
};

const products: Readonly<Record<string, Kernel>> = {
  BatchMatMul: (g, { a, b }, { transposeA, transposeB }) => {
    const [m, n] = [a!.shape.at(transposeA ? -1 : -2)!, b!.shape.at(transposeB ? -2 : -1)!];
    if (a!.shape.length === 2 && b!.shape.length === 2)
      return g.node("Gemm", [a!, b!], [m, n], { transA: Number(transposeA), transB: Number(transposeB) });
    const batch = backend.assertAndGetBroadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    const left = transposeA ? swapLastTwo(g, a!) : a!;
    const right = transposeB ? swapLastTwo(g, b!) : b!;
    return g.node("MatMul", [left, right], [...batch, m, n]);
  },
  Softmax: (g, { logits }, { dim }) => g.node("Softmax", [logits!], logits!.shape, { axis: dim }),
  Cumsum: (g, { x }, { axis, exclusive, reverse }) =>
    g.node("CumSum", [x!, g.constant(axis, [], "int64")], x!.shape, {
      exclusive: Number(exclusive),
      reverse: Number(reverse),
    }),
  ArgMax: (g, { x }, { axis }) => argument(g, "ArgMax", x!, axis),
  ArgMin: (g, { x }, { axis }) => argument(g, "ArgMin", x!, axis),
  All: (g, { x }, { axis, keepDims }) => g.cast(reduce(g, "ReduceMin", g.cast(x!, "int32"), axis, keepDims), "bool"),
  Any: (g, { x }, { axis, keepDims }) => g.cast(reduce(g, "ReduceMax", g.cast(x!, "int32"), axis, keepDims), "bool"),
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

const layout: Readonly<Record<string, Kernel>> = {
  Reshape: (g, { x }, { shape }) => reshape(g, x!, util.inferFromImplicitShape(shape, sizeOf(x!.shape))),
  ExpandDims: (g, { input }, { dim }) => {
    const shape = [...input!.shape];
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return reshape(g, input!, shape);
  },
  Transpose: (g, { x }, { perm }) =>
    g.node(
      "Transpose",
      [x!],
      perm.map((i: number) => x!.shape[i]!),
      { perm },
    ),
  Concat: (g, inputs, { axis }) => {
    const parts = Object.values(inputs);
    const at = util.parseAxisParam(axis, parts[0]!.shape as number[])[0]!;
    return g.node(
      "Concat",
      parts,
      backend.computeOutShape(
        parts.map((part) => [...part.shape]),
        at,
      ),
      { axis: at },
    );
  },
  Pack: (g, inputs, { axis }) => {
    const parts = Object.values(inputs);
    const unsqueezed = [...parts[0]!.shape];
    unsqueezed.splice(axis, 0, 1);
    const shape = unsqueezed.with(axis, parts.length);
    return g.node(
      "Concat",
      parts.map((part) => reshape(g, part, unsqueezed)),
      shape,
      { axis },
    );
  },
  Unpack: (g, { value }, { axis }) => {
    const at = axis < 0 ? axis + value!.shape.length : axis;
    const shape = value!.shape.toSpliced(at, 1);
    return split(g, value!, Array(value!.shape[at]!).fill(1), at).map((part) => reshape(g, part, shape));
  },
  SplitV: (g, { x }, { numOrSizeSplits, axis }) => {
    const at = util.parseAxisParam(axis, x!.shape as number[])[0]!;
    return split(g, x!, backend.prepareSplitSize(x as unknown as tf.Tensor, numOrSizeSplits, at), at);
  },
  Slice: (g, { x }, { begin, size }) => {
    const [from, extent] = slices.parseSliceParams(x as unknown as tf.Tensor, begin, size) as [number[], number[]];
    return slice(
      g,
      x!,
      from,
      from.map((b, i) => b + extent[i]!),
      from.map(() => 1),
      extent,
    );
  },
  StridedSlice: (g, { x }, a) => {
    const { begin, end, strides, finalShape, finalShapeSparse } = slices.sliceInfo(
      ...([x!.shape as number[], a["begin"], a["end"], a["strides"], a["beginMask"], a["endMask"]] as const),
      ...([a["ellipsisMask"], a["newAxisMask"], a["shrinkAxisMask"]] as const),
    );
    const sparse = begin.map((b, i) => Math.max(0, Math.ceil((end[i]! - b) / strides[i]!)));
    if (sizeOf(sparse) !== sizeOf(finalShapeSparse)) throw unsupported(g, "StridedSlice with these masks");
    return reshape(g, slice(g, x!, begin, end, strides, sparse), finalShape);
  },
  Reverse: (g, { x }, { dims }) => {
    const axes = util.parseAxisParam(dims, x!.shape as number[]);
    if (x!.shape.length === 0) return x!;
    const inputs = [axes.map(() => -1), axes.map(() => FIRST), axes, axes.map(() => -1)];
    return g.node("Slice", [x!, ...inputs.map((list) => g.integers(list))], x!.shape);
  },
  PadV2: (g, { x }, { paddings, constantValue }) => {
    const pads: [number, number][] = paddings;
    const shape = x!.shape.map((n, i) => n + pads[i]![0] + pads[i]![1]);
    const amounts = g.integers([...pads.map((p) => p[0]), ...pads.map((p) => p[1])]);
    return g.node("Pad", [x!, amounts, g.scalar(constantValue, x!.type)], shape);
  },
  Tile: (g, { x }, { reps }) => tile(g, x!, reps),
  GatherV2: (g, { x, indices }, { axis, batchDims }) => {
    if (batchDims) throw unsupported(g, "GatherV2 with batchDims");
    const at = util.parseAxisParam(axis, x!.shape as number[])[0]!;
    const shape = [...x!.shape.slice(0, at), ...indices!.shape, ...x!.shape.slice(at + 1)];
    return g.node("Gather", [x!, g.cast(indices!, "int32")], shape, { axis: at });
  },
  GatherNd: (g, { params, indices }) => {
    const shape = [...indices!.shape.slice(0, -1), ...params!.shape.slice(indices!.shape.at(-1)!)];
    return g.node("GatherND", [params!, g.cast(indices!, "int64")], shape);
  },
  ScatterNd: (g, { indices, updates }, { shape }) => scatterAdd(g, indices!, updates!, shape),
  UnsortedSegmentSum: (g, { x, segmentIds }, { numSegments }) =>
    scatterAdd(g, reshape(g, segmentIds!, [...segmentIds!.shape, 1]), x!, [
      numSegments,
      ...x!.shape.slice(segmentIds!.shape.length),
    ]),
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

const constants: Readonly<Record<string, Kernel>> = {
  Fill: (g, _inputs, { shape, value, dtype }) => g.constant(value, shape, dtype ?? "float32"),
  ZerosLike: (g, { x }) => g.constant(0, x!.shape, x!.type),
  OnesLike: (g, { x }) => g.constant(1, x!.shape, x!.type),
  Range: (g, _inputs, { start, stop, step, dtype }) => {
    const length = Math.max(0, Math.ceil((stop - start) / step));
    return g.constant(
      Array.from({ length }, (_, i) => start + i * step),
      [length],
      dtype,
    );
  },
};

export const KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ...Object.entries(UNARY).map(([name, op]): [string, Kernel] => [name, (g, { x }) => g.node(op, [x!], x!.shape)]),
  ...Object.entries(BINARY).map(([name, op]): [string, Kernel] => [name, (g, { a, b }) => binary(g, op, a!, b!)]),
  ...Object.entries(REDUCTIONS).map(([name, op]): [string, Kernel] => [
    name,
    (g, { x }, { axis, reductionIndices, keepDims }) => reduce(g, op, x!, axis ?? reductionIndices, keepDims),
  ]),
  ...[arithmetic, products, layout, constants].flatMap((rows) => Object.entries(rows)),
]);

/** Further back than any index: an exclusive end for slices that run backwards through element 0. */
const FIRST = -(2 ** 31);

function same(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

function unsupported(g: Graph, what: string): IolausError {
  return new IolausError("unsupported", `${g.name}: ${what} has no ONNX form here; rewrite it with other operations`);
}

function binary(g: Graph, op: string, a: Value, b: Value): Value {
  const shape = backend.assertAndGetBroadcastShape(a.shape as number[], b.shape as number[]);
  const type: ElementType = COMPARISONS.has(op) ? "bool" : a.type;
  return g.node(op, [operand(g, a, b, shape), operand(g, b, a, shape)], shape, { type });
}

/** Gradients multiply by arrays of ones; such a product is a copy or a broadcast. */
function multiply(g: Graph, a: Value, b: Value): Value {
  if (b.constant === 1) return broadcast(g, a, backend.assertAndGetBroadcastShape([...a.shape], [...b.shape]));
  if (a.constant === 1) return multiply(g, b, a);
  return binary(g, "Mul", a, b);
}

/** A repeated constant need not be spelled out where the other operand already has the result's shape. */
function operand(g: Graph, x: Value, other: Value, shape: readonly number[]): Value {
  return typeof x.constant === "number" && sameShape(other.shape, shape) ? g.scalar(x.constant, x.type) : x;
}

function broadcast(g: Graph, x: Value, shape: readonly number[]): Value {
  return sameShape(x.shape, shape) ? x : g.node("Expand", [x, g.integers(shape)], shape);
}

function reshape(g: Graph, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.constant !== undefined) return g.constant(x.constant, shape, x.type);
  return g.node("Reshape", [x, g.integers(shape)], shape);
}

function tile(g: Graph, x: Value, reps: readonly number[]): Value {
  const shape = x.shape.map((n, i) => n * reps[i]!);
  const stretches = x.shape.every((n, i) => n === 1 || reps[i] === 1);
  return stretches ? broadcast(g, x, shape) : g.node("Tile", [x, g.integers(reps)], shape);
}

function swapLastTwo(g: Graph, x: Value): Value {
  const rank = x.shape.length;
  const perm = x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return g.node(
    "Transpose",
    [x],
    perm.map((i) => x.shape[i]!),
    { perm },
  );
}

function split(g: Graph, x: Value, sizes: readonly number[], axis: number): Value[] {
  const outputs = sizes.map((size) => ({ shape: x.shape.with(axis, size), type: x.type }));
  return g.nodeOfMany("Split", [x, g.integers(sizes)], outputs, { axis });
}

function slice(
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

/** Sums over axes; ONNX takes them as an input for sums and as an attribute for the rest (opset 17). */
function reduce(g: Graph, op: string, x: Value, axis: number | number[] | undefined, keepDims: boolean): Value {
  const axes = util.parseAxisParam(axis as number[], x.shape as number[]);
  if (axes.length === 0) return op === "ReduceMean" ? g.cast(x, "float32") : x;
  const from = op === "ReduceMean" ? g.cast(x, "float32") : x;
  const shape = keepDims
    ? x.shape.map((n, i) => (axes.includes(i) ? 1 : n))
    : x.shape.filter((_, i) => !axes.includes(i));
  const keepdims = Number(keepDims ?? false);
  if (op === "ReduceSum") return g.node(op, [from, g.integers(axes)], shape, { keepdims });
  return g.node(op, [from], shape, { axes, keepdims });
}

function argument(g: Graph, op: string, x: Value, axis: number | number[]): Value {
  const at = util.parseAxisParam(axis, x.shape as number[])[0]!;
  const found = g.node(op, [x], x.shape.toSpliced(at, 1), { type: "int64", axis: at, keepdims: 0 });
  return g.cast(found, "int32");
}

/** Zeros of `shape` with `updates` added at `indices` (last axis: a coordinate); repeated places add up. */
function scatterAdd(g: Graph, indices: Value, updates: Value, shape: readonly number[]): Value {
  const zeros = g.constant(0, shape, updates.type);
  const inputs = [zeros, g.cast(indices, "int64"), updates];
  return g.node("ScatterND", inputs, shape, { type: updates.type, reduction: "add" });
}
