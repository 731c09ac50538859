/** Uses of kernels that are easily got wrong; every row over random shapes: test/property/kernels.test.ts. */
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { compile } from "../../../src/engine/compile.js";
import { relativeError } from "../../support/compare.js";
import { expectSame, integers, type KernelCase } from "../../support/kernel-case.js";

const matrix = { x: [5, 7] };
const unary = (
  kernel: string,
  f: (x: tf.Tensor) => tf.Tensor,
  range?: readonly [number, number],
  smooth = true,
): KernelCase => ({
  kernel,
  shapes: matrix,
  f: ({ x }) => f(x!),
  smooth,
  ...(range ? { range } : {}),
});
/** Same shapes, a row against a matrix, a column against a row, a scalar; tfjs 4.22 has gradients of some for same shapes only. */
const binary = (
  kernel: string,
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  smooth: boolean | "same shapes" = true,
  range: readonly [number, number] = [0.5, 3],
): KernelCase[] =>
  [
    { a: [4, 6], b: [4, 6] },
    { a: [6], b: [3, 4, 6] },
    { a: [4, 1], b: [1, 6] },
    { a: [4, 6], b: [] },
  ].map((shapes, i) => ({
    kernel,
    shapes,
    f: ({ a, b }) => f(a!, b!),
    smooth: smooth === true || (smooth !== false && i === 0),
    range,
  }));
const unit = [0, 1] as const;
const bool = (x: tf.Tensor): tf.Tensor => tf.greater(x, 0);

const cases: KernelCase[] = [
  unary("Abs", tf.abs),
  unary("Neg", tf.neg),
  unary("Exp", tf.exp),
  unary("Log", tf.log, [0.1, 4]),
  unary("Sqrt", tf.sqrt, [0.1, 4]),
  unary("Reciprocal", tf.reciprocal, [0.3, 4]),
  unary("Sin", tf.sin, [-40, 40]),
  unary("Cos", tf.cos, [-40, 40]),
  unary("Tan", tf.tan, [-1.3, 1.3]),
  unary("Asin", tf.asin, [-0.9, 0.9]),
  unary("Acos", tf.acos, [-0.9, 0.9]),
  unary("Atan", tf.atan),
  unary("Sinh", tf.sinh),
  unary("Cosh", tf.cosh),
  unary("Tanh", tf.tanh),
  unary("Sigmoid", tf.sigmoid),
  unary("Relu", tf.relu),
  unary("Relu6", tf.relu6, [-3, 9]),
  unary("LeakyRelu", (x) => tf.leakyRelu(x, 0.25), undefined, false),
  unary("Elu", tf.elu),
  unary("Selu", tf.selu),
  unary("Softplus", tf.softplus),
  unary("Erf", tf.erf),
  unary("Floor", tf.floor),
  unary("Ceil", tf.ceil),
  unary("Round", (x) => tf.round(tf.mul(tf.floor(x), 0.5))),
  unary("Sign", tf.sign),
  unary("Square", tf.square),
  unary("Rsqrt", tf.rsqrt, [0.2, 4]),
  unary("Step", tf.step, undefined, false),
  unary("Step", (x) => tf.step(x, 0.3), undefined, false),
  unary("Identity", (x) => tf.clone(x)),
  unary("ClipByValue", (x) => tf.clipByValue(x, -1, 1.5)),
  unary("Cast", (x) => tf.cast(tf.cast(x, "int32"), "float32"), undefined, false),
  unary("Cast", (x) => tf.cast(x, "bool"), undefined, false),
  unary("LogicalNot", (x) => tf.logicalNot(bool(x)), undefined, false),
  unary("EluGrad", (x) => tf.grad((y: tf.Tensor) => tf.elu(y))(x), undefined, false),
  ...binary("Add", tf.add),
  ...binary("Sub", tf.sub),
  ...binary("Multiply", tf.mul),
  ...binary("RealDiv", tf.div),
  ...binary("Pow", tf.pow),
  ...binary("Maximum", tf.maximum, "same shapes"),
  ...binary("Minimum", tf.minimum, "same shapes"),
  ...binary("SquaredDifference", tf.squaredDifference, "same shapes"),
  ...binary("Greater", tf.greater, false),
  ...binary("GreaterEqual", (a, b) => tf.greaterEqual(tf.round(a), tf.round(b)), false),
  ...binary("Less", tf.less, false),
  ...binary("LessEqual", (a, b) => tf.lessEqual(tf.round(a), tf.round(b)), false),
  ...binary("Equal", (a, b) => tf.equal(tf.round(a), tf.round(b)), false),
  ...binary("NotEqual", (a, b) => tf.notEqual(tf.round(a), tf.round(b)), false),
  ...binary("LogicalAnd", (a, b) => tf.logicalAnd(bool(a), bool(b)), false, [-1, 1]),
  ...binary("LogicalOr", (a, b) => tf.logicalOr(bool(a), bool(b)), false, [-1, 1]),
  ...binary("FloorDiv", (a, b) => tf.floorDiv(integers(tf.sub(a, 0.5), 40), integers(tf.add(b, 0.3), 5)), false, unit),
  {
    kernel: "AddN",
    shapes: { a: [3, 4], b: [3, 4], c: [3, 4] },
    f: ({ a, b, c }) => tf.addN([a!, b!, c!]),
    smooth: true,
  },
  {
    kernel: "Select",
    shapes: { a: [3, 4], b: [3, 4], i: [3, 4] },
    f: ({ a, b, i }) => tf.where(bool(i!), a!, tf.square(b!)),
    smooth: true,
  },
  { kernel: "Select", shapes: { a: [4], b: [3, 1], i: [3, 4] }, f: ({ a, b, i }) => tf.where(bool(i!), a!, b!) },

  ...[false, true].flatMap((ta) =>
    [false, true].flatMap((tb): KernelCase[] => [
      {
        kernel: "BatchMatMul",
        shapes: { a: ta ? [4, 5] : [5, 4], b: tb ? [6, 4] : [4, 6] },
        f: ({ a, b }) => tf.matMul(a!, b!, ta, tb),
        smooth: true,
      },
      {
        kernel: "BatchMatMul",
        shapes: { a: ta ? [3, 4, 5] : [3, 5, 4], b: tb ? [3, 6, 4] : [3, 4, 6] },
        f: ({ a, b }) => tf.matMul(a!, b!, ta, tb),
        smooth: true,
      },
    ]),
  ),
  { kernel: "BatchMatMul", shapes: { a: [1, 5, 4], b: [3, 4, 6] }, f: ({ a, b }) => tf.matMul(a!, b!) },
  {
    kernel: "BatchMatMul",
    shapes: { a: [5, 4], b: [4, 6], c: [6] },
    f: ({ a, b, c }) => tf.relu(tf.add(c!, tf.matMul(a!, b!))),
    smooth: true,
  },
  {
    kernel: "BatchMatMul",
    shapes: { a: [1, 4], b: [4, 6], c: [5, 6] },
    f: ({ a, b, c }) => tf.add(tf.matMul(a!, b!), c!),
    smooth: true,
  },
  ...[[0], [1], [0, 2], undefined].flatMap((axis) =>
    [false, true].map(
      (keep): KernelCase => ({
        kernel: "Sum",
        shapes: { x: [3, 4, 5] },
        f: ({ x }) => tf.sum(x!, axis, keep),
        smooth: true,
      }),
    ),
  ),
  { kernel: "Sum", shapes: { x: [] }, f: ({ x }) => tf.sum(tf.square(x!)), smooth: true },
  { kernel: "Sum", shapes: matrix, f: ({ x }) => tf.sum(bool(x!), 1) },
  ...[0, 1, undefined].flatMap((axis): KernelCase[] => [
    { kernel: "Mean", shapes: matrix, f: ({ x }) => tf.mean(x!, axis), smooth: true },
    { kernel: "Max", shapes: matrix, f: ({ x }) => tf.max(x!, axis), smooth: true },
    { kernel: "Min", shapes: matrix, f: ({ x }) => tf.min(x!, axis, true), smooth: true },
    { kernel: "Prod", shapes: matrix, f: ({ x }) => tf.prod(x!, axis) },
    { kernel: "All", shapes: matrix, f: ({ x }) => tf.all(tf.greater(x!, -2), axis) },
    { kernel: "Any", shapes: matrix, f: ({ x }) => tf.any(tf.greater(x!, 2), axis) },
  ]),
  ...[0, 1].flatMap((axis): KernelCase[] => [
    { kernel: "ArgMax", shapes: matrix, f: ({ x }) => tf.argMax(x!, axis) },
    { kernel: "ArgMin", shapes: matrix, f: ({ x }) => tf.argMin(tf.round(x!), axis) },
    { kernel: "Cumsum", shapes: matrix, f: ({ x }) => tf.cumsum(x!, axis), smooth: axis === 1 },
    { kernel: "Cumsum", shapes: matrix, f: ({ x }) => tf.cumsum(x!, axis, true, true), smooth: axis === 1 },
    {
      kernel: "Concat",
      shapes: { a: [3, 4], b: [3, 4] },
      f: ({ a, b }) => tf.concat([a!, b!, a!], axis),
      smooth: true,
    },
    { kernel: "Reverse", shapes: matrix, f: ({ x }) => tf.reverse(x!, axis), smooth: true },
    { kernel: "Unpack", shapes: matrix, f: ({ x }) => tf.unstack(x!, axis) },
    {
      kernel: "GatherV2",
      shapes: { x: [5, 5], i: [3, 2] },
      range: unit,
      f: ({ x, i }) => tf.gather(x!, integers(i!, 5), axis),
      smooth: true,
    },
  ]),
  unary("Softmax", (x) => tf.softmax(x)),
  unary("Exp", (x) => tf.logSumExp(x, 1)),
  unary("TopK", (x) => tf.topk(x, 3).values, undefined, false),
  unary("TopK", (x) => tf.topk(x, 3).indices, undefined, false),

  unary("Reshape", (x) => tf.reshape(x, [-1, 7, 1])),
  unary("ExpandDims", (x) => tf.expandDims(x, -1)),
  unary("ExpandDims", (x) => tf.expandDims(x, 0)),
  unary("Transpose", (x) => tf.transpose(x)),
  { kernel: "Transpose", shapes: { x: [2, 3, 4] }, f: ({ x }) => tf.transpose(x!, [2, 0, 1]), smooth: true },
  { kernel: "Pack", shapes: { a: [3, 4], b: [3, 4] }, f: ({ a, b }) => tf.stack([a!, b!], 1), smooth: true },
  unary("SplitV", (x) => tf.split(x, [2, 5], 1)[1]!),
  unary("SplitV", (x) => tf.add(...(tf.split(tf.slice(x, [0, 0], [4, 7]), 2, 0) as [tf.Tensor, tf.Tensor]))),
  unary("Slice", (x) => tf.slice(x, [1, 2], [3, -1])),
  unary("StridedSlice", (x) => tf.stridedSlice(x, [0, 1], [5, 7], [2, 3]), undefined, false),
  unary("StridedSlice", (x) => tf.stridedSlice(x, [4, 6], [0, 0], [-1, -2], 0, 3), undefined, false),
  unary("StridedSlice", (x) => tf.stridedSlice(x, [2, 1], [3, 6], [1, 1], 0, 0, 0, 0, 1), undefined, false),
  unary("PadV2", (x) => tf.pad(x, [[1, 2], [0, 3]] as [number, number][], 0.5)), // biome-ignore format: pairs
  unary("Tile", (x) => tf.tile(x, [2, 3])),
  unary("Tile", (x) => tf.broadcastTo(tf.reshape(x, [5, 1, 7]), [5, 4, 7])),
  {
    kernel: "GatherNd",
    shapes: { x: [5, 5], i: [6, 2] },
    range: unit,
    f: ({ x, i }) => tf.gatherND(x!, integers(i!, 5)),
  },
  {
    kernel: "ScatterNd",
    shapes: { x: [6, 3], i: [6, 1] },
    range: unit,
    f: ({ x, i }) => tf.scatterND(integers(i!, 4), x!, [4, 3]),
  },
  {
    kernel: "UnsortedSegmentSum",
    shapes: { x: [6, 3], i: [6] },
    range: unit,
    f: ({ x, i }) => tf.unsortedSegmentSum(x!, tf.cast(integers(i!, 4), "int32") as tf.Tensor1D, 4),
    smooth: true,
  },
  {
    kernel: "OneHot",
    shapes: { i: [6] },
    range: unit,
    f: ({ i }) => tf.oneHot(tf.cast(tf.sub(integers(i!, 6), 1), "int32"), 4, 2, -1),
  },

  unary("Asinh", tf.asinh),
  unary("Acosh", tf.acosh, [1.2, 4]),
  unary("Atanh", tf.atanh, [-0.9, 0.9]),
  unary("Log1p", tf.log1p, [-0.6, 2]),
  unary("Log1p", (x) => tf.log1p(tf.mul(x, 1e-7))),
  unary("Expm1", tf.expm1),
  unary("Expm1", (x) => tf.expm1(tf.mul(x, 1e-7))),
  unary("IsNan", (x) => tf.isNaN(tf.sqrt(x)), undefined, false),
  unary("IsInf", (x) => tf.isInf(tf.exp(tf.mul(x, 1000))), undefined, false),
  unary("IsFinite", (x) => tf.isFinite(tf.log(tf.relu(x))), undefined, false),
  ...binary("Atan2", tf.atan2, true, [-3, 3]),
  ...binary(
    "Atan2",
    (a, b) => tf.atan2(...([a, b].map((x) => tf.sub(tf.floor(x), 1)) as [tf.Tensor, tf.Tensor])),
    false,
    [0, 3],
  ),
  ...binary("Mod", tf.mod, false, [-3, 3]),
  {
    kernel: "Prelu",
    shapes: { a: [3, 4], b: [4] },
    f: ({ a, b }) => tf.prelu(a!, b!),
  },
  unary("Prelu", (x) => tf.prelu(x, tf.scalar(0.25))),
  ...(["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu"] as const).map(
    (activation): KernelCase => ({
      kernel: "_FusedMatMul",
      shapes: { a: [5, 4], b: [4, 6], c: [6] },
      f: ({ a, b, c }) =>
        tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias: c!, activation, leakyreluAlpha: 0.25 }),
      smooth: !["leakyrelu", "sigmoid"].includes(activation),
    }),
  ),
  {
    kernel: "Einsum",
    shapes: { a: [3, 4, 5], b: [5, 4, 2] },
    f: ({ a, b }) => tf.einsum("ijk,kjl->li", a!, b!),
  },
  ...[1, 2].flatMap((strides) =>
    (["same", "valid", 1] as const).flatMap((pad) =>
      [1, 3, 4].map(
        (size): KernelCase => ({
          kernel: "Conv2D",
          shapes: { a: [2, 7, 6, 3], b: [size, Math.max(1, size - 1), 3, 4] },
          f: ({ a, b }) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad),
          smooth: true,
        }),
      ),
    ),
  ),
  {
    kernel: "Conv2D",
    shapes: { a: [2, 9, 8, 3], b: [3, 2, 3, 2] },
    f: ({ a, b }) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, "same", "NHWC", [2, 3]),
  },
  // The filter's gradient of large images by images, of small ones by rows.
  ...[
    [7, 6],
    [3, 4],
  ].map(
    ([rows, columns]): KernelCase => ({
      kernel: "Conv2D",
      shapes: { a: [2, 3, rows!, columns!], b: [3, 3, 3, 4] },
      f: ({ a, b }) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, [2, 1], "same", "NCHW"),
      smooth: true,
    }),
  ),
  {
    kernel: "Conv2DBackpropInput",
    shapes: { a: [2, 3, 4, 3], b: [3, 3, 2, 3] },
    f: ({ a, b }) => tf.conv2dTranspose(a as tf.Tensor4D, b as tf.Tensor4D, [2, 6, 8, 2], 2, "same"),
    smooth: true,
  },
  {
    kernel: "Conv2DBackpropFilter",
    shapes: { a: [2, 5, 4, 2], b: [3, 3, 2, 3] },
    f: ({ a, b }) => tf.grad((w) => tf.conv2d(a as tf.Tensor4D, w as tf.Tensor4D, 1, "same"))(b!),
  },
  ...(["linear", "relu", "relu6", "elu"] as const).map(
    (activation): KernelCase => ({
      kernel: "FusedConv2D",
      shapes: { x: [2, 5, 5, 2], b: [3, 3, 2, 3], c: [3] },
      f: ({ x, b, c }) =>
        tf.fused.conv2d({
          ...{ x: x as tf.Tensor4D, filter: b as tf.Tensor4D, bias: c!, strides: 1, pad: "same", activation },
        }),
      smooth: activation !== "elu",
    }),
  ),
  ...[1, 2].flatMap((strides) =>
    (["same", "valid"] as const).map(
      (pad): KernelCase => ({
        kernel: "DepthwiseConv2dNative",
        shapes: { a: [2, 6, 7, 3], b: [3, 2, 3, 2] },
        f: ({ a, b }) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad),
        smooth: true,
      }),
    ),
  ),
  {
    kernel: "DepthwiseConv2dNativeBackpropInput",
    shapes: { a: [1, 6, 7, 3], b: [3, 2, 3, 2] },
    f: ({ a, b }) => tf.grad((x) => tf.depthwiseConv2d(x as tf.Tensor4D, b as tf.Tensor4D, 1, "same"))(a!),
  },
  {
    kernel: "DepthwiseConv2dNativeBackpropFilter",
    shapes: { a: [1, 6, 7, 3], b: [3, 2, 3, 2] },
    f: ({ a, b }) => tf.grad((w) => tf.depthwiseConv2d(a as tf.Tensor4D, w as tf.Tensor4D, 1, "same"))(b!),
  },
  ...[
    [2, 2, "valid"],
    [3, 2, "same"],
    [3, 1, "same"],
    [2, 3, "valid"],
  ].flatMap(([size, strides, pad]): KernelCase[] => [
    {
      kernel: "MaxPool",
      shapes: { x: [2, 6, 7, 3] },
      f: ({ x }) => tf.maxPool(x as tf.Tensor4D, size as number, strides as number, pad as "same"),
      smooth: true,
    },
    {
      kernel: "AvgPool",
      shapes: { x: [2, 6, 7, 3] },
      f: ({ x }) => tf.avgPool(x as tf.Tensor4D, size as number, strides as number, pad as "same"),
      smooth: pad === "valid",
    },
  ]),
  {
    kernel: "MaxPoolGrad",
    shapes: { x: [1, 6, 6, 2] },
    // Ties on purpose.
    f: ({ x }) => tf.grad((t) => tf.maxPool(t as tf.Tensor4D, 3, 2, "same"))(tf.round(x!)),
  },
  {
    kernel: "AvgPoolGrad",
    shapes: { x: [1, 6, 6, 2] },
    f: ({ x }) => tf.grad((t) => tf.square(tf.avgPool(t as tf.Tensor4D, [6, 3], [6, 3], "valid")))(x!),
  },
  ...[
    [9, 8],
    [3, 2],
    [1, 1],
    [5, 11],
  ].flatMap((size) =>
    [
      [false, false],
      [true, false],
      [false, true],
    ].flatMap(([align, half]): KernelCase[] => [
      {
        kernel: "ResizeBilinear",
        shapes: { x: [2, 4, 4, 3] }, // tfjs's gradient turns oblong images over
        f: ({ x }) => tf.image.resizeBilinear(x as tf.Tensor4D, size as [number, number], align, half),
        smooth: !half,
      },
      {
        kernel: "ResizeNearestNeighbor",
        shapes: { x: [1, 5, 4, 3] }, // tfjs's gradient mixes images up
        f: ({ x }) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size as [number, number], align, half),
        smooth: !half,
      },
    ]),
  ),
  {
    kernel: "ResizeBilinearGrad",
    shapes: { x: [2, 3, 3, 2] },
    f: ({ x }) => tf.grad((t) => tf.square(tf.image.resizeBilinear(t as tf.Tensor4D, [5, 5])))(x!),
  },
  {
    kernel: "ResizeNearestNeighborGrad",
    shapes: { x: [1, 3, 4, 2] },
    f: ({ x }) => tf.grad((t) => tf.square(tf.image.resizeNearestNeighbor(t as tf.Tensor4D, [5, 5])))(x!),
  },
  {
    kernel: "FlipLeftRight",
    shapes: { x: [2, 3, 4, 2] },
    f: ({ x }) => tf.image.flipLeftRight(x as tf.Tensor4D),
  },
  {
    kernel: "FusedBatchNorm",
    shapes: { x: [2, 3, 4, 5], a: [5], b: [5], c: [5], d: [5] },
    range: [0.5, 2],
    f: ({ x, a, b, c, d }) => tf.batchNorm(x!, a as tf.Tensor1D, b as tf.Tensor1D, c as tf.Tensor1D, d as tf.Tensor1D),
    smooth: true,
  },
  unary("FusedBatchNorm", (x) => tf.batchNorm(x, tf.ones([7]), tf.fill([7], 2)), undefined, false),
  // Group normalisation: means and products over the pixels and channels of a group.
  {
    kernel: "Mean",
    shapes: { x: [2, 3, 4, 6], a: [6], b: [6] },
    f: ({ x, a, b }) => {
      const parts = tf.reshape(x!, [2, 12, 3, 2]);
      const { mean, variance } = tf.moments(parts, [1, 3], true);
      const even = tf.mul(tf.sub(parts, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(tf.reshape(even, [2, 3, 4, 6]), a!), b!);
    },
    smooth: true,
  },
  unary("MirrorPad", (x) => tf.mirrorPad(x, [[1, 2], [3, 0]], "reflect")), // biome-ignore format: pairs
  unary("MirrorPad", (x) => tf.mirrorPad(x, [[1, 2], [3, 0]], "symmetric"), undefined, false), // biome-ignore format: pairs
  {
    kernel: "SpaceToBatchND",
    shapes: { x: [2, 4, 5, 3] },
    f: ({ x }) => tf.spaceToBatchND(x!, [2, 3], [[0, 2], [1, 0]]), // biome-ignore format: pairs
    smooth: true,
  },
  {
    kernel: "BatchToSpaceND",
    shapes: { x: [12, 2, 3, 2] },
    f: ({ x }) => tf.batchToSpaceND(x!, [2, 3], [[0, 1], [2, 0]]), // biome-ignore format: pairs
    smooth: true,
  },
  { kernel: "DepthToSpace", shapes: { x: [2, 3, 4, 8] }, f: ({ x }) => tf.depthToSpace(x as tf.Tensor4D, 2) },
  {
    kernel: "GatherV2",
    shapes: { x: [3, 5, 2], i: [3, 4] },
    range: unit,
    f: ({ x, i }) => tf.gather(x!, integers(i!, 5), 1, 1),
  },
  {
    kernel: "TensorScatterUpdate",
    shapes: { a: [6, 3], b: [2, 3] },
    f: ({ a, b }) => tf.tensorScatterUpdate(a!, tf.tensor2d([[4], [1]], [2, 1], "int32"), b!),
  },
  {
    kernel: "UnsortedSegmentSum",
    shapes: { x: [6, 3], i: [6] },
    range: unit,
    f: ({ x, i }) => tf.unsortedSegmentSum(x!, tf.cast(tf.sub(integers(i!, 6), 1), "int32") as tf.Tensor1D, 4),
  },
  { kernel: "Diag", shapes: { x: [4] }, f: ({ x }) => tf.diag(x!) },
  unary("LinSpace", (x) => tf.mul(x, tf.linspace(-1, 2, 7))),

  unary("Fill", (x) => tf.add(x, tf.fill([5, 7], 2.5))),
  unary("Fill", (x) => tf.add(tf.slice(x, 0, 1), tf.fill([5, 7], 2.5))),
  unary("ZerosLike", (x) => tf.add(tf.square(x), tf.zerosLike(x))),
  unary("OnesLike", (x) => tf.mul(tf.square(x), tf.onesLike(x))),
  unary("Range", (x) => tf.mul(x, tf.range(6, -1, -1))),
  // A constant that is not one repeated number, made inside the program.
  unary("Multiply", (x) => tf.mul(x, tf.tensor1d([1, 2, 3, 4, 5, 6, 7]))),
];

describe("a compiled kernel equals tfjs's own", () => {
  test.each(cases.map((c) => [`${c.kernel} of ${JSON.stringify(c.shapes)}`, c] as const))("%s", (_name, c) =>
    expectSame(c));
});

/** ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ defines the gradient of a linear program; no other engine is asked. */
async function expectAdjoint(f: (x: tf.Tensor4D) => tf.Tensor, shape: readonly number[]): Promise<void> {
  const program = await compile(
    ({ x }) => {
      const y = f(x as tf.Tensor4D);
      const weights = tf.tensor(
        Float32Array.from({ length: y.size }, (_, i) => Math.cos(7 * i)),
        y.shape,
      );
      const value = (t: tf.Tensor): tf.Scalar => tf.sum(tf.mul(f(t as tf.Tensor4D), weights));
      return { forward: value(x!), backward: tf.sum(tf.mul(x!, tf.grad(value)(x!))) };
    },
    { x: shape },
  );
  const x = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 1 + Math.sin(3 * i));
  const { forward, backward } = await program.run({ x });
  expect(relativeError(backward!, forward!)).toBeLessThan(1e-5);
  await program.dispose();
}

describe("gradients that tfjs's own backend has wrong", () => {
  test.each([1, 2, 3])("averages of windows that hang over the edge, stride %i", (stride) =>
    expectAdjoint((x) => tf.avgPool(x, [3, 2], stride, "same"), [2, 7, 6, 3]));

  test("oblong images resized by interpolation, several at a time", () =>
    expectAdjoint((x) => tf.image.resizeBilinear(x, [9, 3]), [2, 4, 7, 3]));

  test("several images resized by look-up", () =>
    expectAdjoint((x) => tf.image.resizeNearestNeighbor(x, [9, 3], true), [3, 4, 7, 2]));
});
