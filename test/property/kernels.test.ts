/** Every row of the kernel table, over random shapes: compiled = tfjs's own JavaScript backend, value and gradient. */
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { KERNELS } from "../../src/engine/kernels/table.js";
import { expectSame, integers, type KernelCase, kernelsOf } from "../support/kernel-case.js";

type Drawn = Omit<KernelCase, "kernel">;
type Rows = Record<string, fc.Arbitrary<Drawn>>;
type Pair = [number, number];

/** Lengths of axes; 0 and 1 are drawn often. */
const length = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 7, arbitrary: fc.integer({ min: 2, max: 5 }) },
);
const some = fc.integer({ min: 1, max: 5 });
const shapeOf = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(length, { minLength, maxLength });
const filled = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(some, { minLength, maxLength });
/** Two shapes that broadcast: each axis kept, stretched on one side, or absent in front. */
const broadcastPair = fc
  .array(fc.tuple(length, fc.constantFrom("both", "both", "left", "right")), { maxLength: 4 })
  .chain((axes) => fc.tuple(fc.constant(axes), fc.oneof(fc.constant(0), fc.nat(axes.length))))
  .map(([axes, drop]) => ({
    a: axes.map(([n, kind]) => (kind === "right" ? 1 : n)),
    b: axes.map(([n, kind]) => (kind === "left" ? 1 : n)).slice(drop),
  }));
const same = (a: readonly number[], b: readonly number[]): boolean => String(a) === String(b);
const unit = [0, 1] as const;

const unary = (f: (x: tf.Tensor) => tf.Tensor, extra: Partial<Drawn> = {}): fc.Arbitrary<Drawn> =>
  shapeOf(0, 4).map((x) => ({ shapes: { x }, f: ({ x }) => f(x!), smooth: true, ...extra }));
const flat = { smooth: false };
/** tfjs 4.22 has some gradients for equal shapes only. */
const binary = (
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  smooth: boolean | "same shapes" = true,
  range: readonly [number, number] = [0.5, 3],
): fc.Arbitrary<Drawn> =>
  broadcastPair.map((shapes) => ({
    shapes,
    f: ({ a, b }) => f(a!, b!),
    smooth: smooth === true || (smooth === "same shapes" && same(shapes.a, shapes.b)),
    range,
  }));
const positive = (x: tf.Tensor): tf.Tensor => tf.greater(x, 0);

const elementwise: Rows = {
  Abs: unary(tf.abs),
  Neg: unary(tf.neg),
  Exp: unary(tf.exp),
  Log: unary(tf.log, { range: [0.1, 4] }),
  Sqrt: unary(tf.sqrt, { range: [0.1, 4] }),
  Rsqrt: unary(tf.rsqrt, { range: [0.2, 4] }),
  Reciprocal: unary(tf.reciprocal, { range: [0.3, 4] }),
  Sin: unary(tf.sin, { range: [-40, 40] }),
  Cos: unary(tf.cos, { range: [-40, 40] }),
  Tan: unary(tf.tan, { range: [-1.3, 1.3], tolerance: 1e-4 }),
  Asin: unary(tf.asin, { range: [-0.9, 0.9] }),
  Acos: unary(tf.acos, { range: [-0.9, 0.9] }),
  Atan: unary(tf.atan),
  Sinh: unary(tf.sinh),
  Cosh: unary(tf.cosh),
  Tanh: unary(tf.tanh),
  Asinh: unary(tf.asinh),
  Acosh: unary(tf.acosh, { range: [1.2, 4] }),
  Atanh: unary(tf.atanh, { range: [-0.9, 0.9] }),
  Log1p: unary(tf.log1p, { range: [-0.6, 2] }),
  Expm1: unary(tf.expm1),
  Sigmoid: unary(tf.sigmoid),
  Relu: unary(tf.relu),
  Relu6: unary(tf.relu6, { range: [-3, 9] }),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.25), flat),
  Elu: unary(tf.elu),
  Selu: unary(tf.selu),
  Softplus: unary(tf.softplus),
  Erf: unary(tf.erf),
  Floor: unary(tf.floor),
  Ceil: unary(tf.ceil),
  Round: unary((x) => tf.round(tf.mul(tf.floor(x), 0.5))),
  Sign: unary(tf.sign),
  Square: unary(tf.square),
  Step: unary((x) => tf.step(x, 0.3), flat),
  Identity: unary((x) => tf.clone(x)),
  ClipByValue: unary((x) => tf.clipByValue(x, -1, 1.5)),
  Cast: unary((x) => tf.cast(tf.cast(x, "int32"), "bool"), flat),
  LogicalNot: unary((x) => tf.logicalNot(positive(x)), flat),
  IsNan: unary((x) => tf.isNaN(tf.sqrt(x)), flat),
  IsInf: unary((x) => tf.isInf(tf.exp(tf.mul(x, 1000))), flat),
  IsFinite: unary((x) => tf.isFinite(tf.log(tf.relu(x))), flat),
  EluGrad: unary((x) => tf.grad((y: tf.Tensor) => tf.elu(y))(x), flat),
  Prelu: broadcastPair
    .filter(({ a, b }) => same(tf.broadcast_util.assertAndGetBroadcastShape(a, b), a))
    .map((shapes) => ({ shapes, f: ({ a, b }) => tf.prelu(a!, b!) })),
  Add: binary(tf.add),
  Sub: binary(tf.sub),
  Multiply: binary(tf.mul),
  RealDiv: binary(tf.div),
  Pow: binary(tf.pow),
  Atan2: binary(tf.atan2, true, [-3, 3]),
  Mod: binary(tf.mod, false, [-3, 3]),
  Maximum: binary(tf.maximum, "same shapes"),
  Minimum: binary(tf.minimum, "same shapes"),
  SquaredDifference: binary(tf.squaredDifference, "same shapes"),
  Greater: binary(tf.greater, false),
  GreaterEqual: binary((a, b) => tf.greaterEqual(tf.round(a), tf.round(b)), false),
  Less: binary(tf.less, false),
  LessEqual: binary((a, b) => tf.lessEqual(tf.round(a), tf.round(b)), false),
  Equal: binary((a, b) => tf.equal(tf.round(a), tf.round(b)), false),
  NotEqual: binary((a, b) => tf.notEqual(tf.round(a), tf.round(b)), false),
  LogicalAnd: binary((a, b) => tf.logicalAnd(positive(a), positive(b)), false, [-1, 1]),
  LogicalOr: binary((a, b) => tf.logicalOr(positive(a), positive(b)), false, [-1, 1]),
  FloorDiv: binary((a, b) => tf.floorDiv(integers(tf.sub(a, 0.5), 40), integers(tf.add(b, 0.3), 5)), false, unit),
  AddN: shapeOf(0, 4).map((s) => ({
    shapes: { a: s, b: s, c: s },
    f: ({ a, b, c }) => tf.addN([a!, b!, c!]),
    smooth: true,
  })),
  Select: shapeOf(0, 4).map((s) => ({
    shapes: { a: s, b: s, i: s },
    f: ({ a, b, i }) => tf.where(positive(i!), a!, tf.square(b!)),
    smooth: true,
  })),
};

/** A shape of rank 1 or more, some of its axes, and whether to keep them. */
const reduction = shapeOf(1, 4).chain((x) =>
  fc.record({ x: fc.constant(x), axes: fc.subarray([...x.keys()], { minLength: 1 }), keep: fc.boolean() }),
);
const reduce = (
  f: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor,
  extra: Partial<Drawn> = {},
): fc.Arbitrary<Drawn> =>
  reduction.map(({ x, axes, keep }) => ({
    shapes: { x },
    f: ({ x }) => f(x!, axes, keep),
    smooth: true,
    ...extra,
  }));
/** A shape and one axis, of at least one element each. */
const along = (f: (x: tf.Tensor, axis: number) => tf.Tensor, extra: Partial<Drawn> = {}): fc.Arbitrary<Drawn> =>
  filled(1, 4)
    .chain((x) => fc.tuple(fc.constant(x), fc.nat(x.length - 1)))
    .map(([x, axis]) => ({ shapes: { x }, f: ({ x }) => f(x!, axis), ...extra }));

const reductions: Rows = {
  Sum: reduce(tf.sum),
  Mean: reduce(tf.mean),
  Max: reduce(tf.max, flat),
  Min: reduce(tf.min, flat),
  Prod: reduce(tf.prod, flat),
  All: reduce((x, axes, keep) => tf.all(tf.greater(x, -2), axes, keep), flat),
  Any: reduce((x, axes, keep) => tf.any(tf.greater(x, 2), axes, keep), flat),
  ArgMax: along((x, axis) => tf.argMax(x, axis)),
  ArgMin: along((x, axis) => tf.argMin(tf.round(x), axis)),
  Cumsum: fc
    .tuple(fc.boolean(), fc.boolean())
    .chain(([exclusive, reverse]) => along((x, axis) => tf.cumsum(x, axis, exclusive, reverse))),
  Softmax: shapeOf(1, 4).map((x) => ({ shapes: { x }, f: ({ x }) => tf.softmax(x!), smooth: true })),
  TopK: filled(1, 3)
    .chain((x) => fc.tuple(fc.constant(x), fc.integer({ min: 1, max: x.at(-1)! })))
    .map(([x, k]) => ({
      shapes: { x },
      f: ({ x }) => {
        const { values, indices } = tf.topk(x!, k);
        return [values, indices];
      },
    })),
};

const matrices = fc
  .record({ m: length, k: length, n: length, ta: fc.boolean(), tb: fc.boolean(), batch: broadcastPair })
  .map(({ m, k, n, ta, tb, batch }) => ({
    a: [...batch.a.slice(0, 2), ...(ta ? [k, m] : [m, k])],
    b: [...batch.b.slice(0, Math.min(2, batch.a.length)), ...(tb ? [n, k] : [k, n])],
    ta,
    tb,
  }))
  .filter(({ a, b }) => {
    // tfjs 4.22 differentiates products of equal batches only, and multiplies one matrix by a batch.
    const [x, y] = [a.slice(0, -2), b.slice(0, -2)];
    return same(x, y) || x.length === 0 || y.length === 0;
  });
const products: Rows = {
  BatchMatMul: matrices.map(({ a, b, ta, tb }) => ({
    shapes: { a, b },
    f: ({ a, b }) => tf.matMul(a!, b!, ta, tb),
    smooth: same(a.slice(0, -2), b.slice(0, -2)),
  })),
  _FusedMatMul: fc
    .tuple(some, some, some, fc.constantFrom("linear" as const, "relu" as const, "relu6" as const, "elu" as const))
    .map(([m, k, n, activation]) => ({
      shapes: { a: [m, k], b: [k, n], c: [n] },
      f: ({ a, b, c }) =>
        tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias: c!, activation, leakyreluAlpha: 0.25 }),
      smooth: activation !== "elu",
    })),
  Einsum: fc
    .tuple(fc.constantFrom("ij,jk->ik", "ij,jk->ki", "ij,kj->ki", "ij,ij->"), some, some)
    .map(([equation, m, n]) => ({
      shapes: { a: [m, n], b: equation.includes(",jk") ? [n, m] : [m, n] },
      f: ({ a, b }) => tf.einsum(equation, a!, b!),
    })),
};

const layout: Rows = {
  Reshape: shapeOf(0, 4).map((x) => ({
    shapes: { x },
    f: ({ x }) => tf.reshape(x!, [...x!.shape].reverse()),
    smooth: true,
  })),
  ExpandDims: shapeOf(0, 3)
    .chain((x) => fc.tuple(fc.constant(x), fc.integer({ min: -1, max: x.length })))
    .map(([x, axis]) => ({ shapes: { x }, f: ({ x }) => tf.expandDims(x!, axis), smooth: true })),
  Transpose: shapeOf(2, 4)
    .chain((x) => fc.tuple(fc.constant(x), fc.shuffledSubarray([...x.keys()], { minLength: x.length })))
    .map(([x, perm]) => ({ shapes: { x }, f: ({ x }) => tf.transpose(x!, perm), smooth: true })),
  Concat: fc.tuple(shapeOf(1, 3), length, length).chain(([s, n, m]) =>
    fc.nat(s.length - 1).map((axis) => ({
      shapes: { a: s.with(axis, n), b: s.with(axis, m), c: s.with(axis, 2) },
      f: ({ a, b, c }) => tf.concat([a!, b!, c!], axis),
      smooth: true,
    })),
  ),
  Pack: shapeOf(0, 3)
    .chain((s) => fc.tuple(fc.constant(s), fc.nat(s.length)))
    .map(([s, axis]) => ({ shapes: { a: s, b: s }, f: ({ a, b }) => tf.stack([a!, b!], axis), smooth: true })),
  Unpack: filled(1, 3)
    .chain((x) => fc.tuple(fc.constant(x), fc.nat(x.length - 1)))
    .map(([x, axis]) => ({ shapes: { x }, f: ({ x }) => tf.unstack(x!, axis) })),
  SplitV: fc.tuple(shapeOf(1, 3), some, length).chain(([s, n, m]) =>
    fc.nat(s.length - 1).map((axis) => ({
      shapes: { x: s.with(axis, n + m) },
      f: ({ x }) => tf.split(x!, [n, m], axis)[0]!,
      smooth: m > 0,
    })),
  ),
  Slice: shapeOf(1, 4).chain((x) =>
    fc.tuple(...x.map((n) => fc.tuple(fc.nat(n), fc.nat(n)).map((pair) => pair.sort((a, b) => a - b)))).map(
      (ranges): Drawn => ({
        shapes: { x },
        f: ({ x }) =>
          tf.slice(
            x!,
            ranges.map(([a]) => a!),
            ranges.map(([a, b]) => b! - a!),
          ),
        smooth: true,
      }),
    ),
  ),
  StridedSlice: filled(1, 3).chain((x) =>
    fc.tuple(...x.map((n) => fc.tuple(fc.nat(n - 1), fc.integer({ min: 1, max: 3 }), fc.boolean()))).map(
      (axes): Drawn => ({
        shapes: { x },
        f: ({ x }) =>
          tf.stridedSlice(
            x!,
            axes.map(([from, , back]) => (back ? x!.shape[0]! && -1 : from)),
            axes.map(([, , back], i) => (back ? -x!.shape[i]! - 1 : x!.shape[i]!)),
            axes.map(([, stride, back]) => (back ? -stride : stride)),
          ),
      }),
    ),
  ),
  Reverse: reduction.map(({ x, axes }) => ({ shapes: { x }, f: ({ x }) => tf.reverse(x!, axes), smooth: true })),
  FlipLeftRight: shapeOf(4, 4).map((x) => ({ shapes: { x }, f: ({ x }) => tf.image.flipLeftRight(x as tf.Tensor4D) })),
  PadV2: shapeOf(1, 4).chain((x) =>
    fc.tuple(...x.map(() => fc.tuple(fc.nat(2), fc.nat(2)))).map(
      (pads): Drawn => ({
        shapes: { x },
        f: ({ x }) => tf.pad(x!, pads as Pair[], 0.5),
        smooth: !x.includes(0),
      }),
    ),
  ),
  MirrorPad: fc
    .tuple(
      fc.array(fc.tuple(fc.integer({ min: 3, max: 5 }), fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
    )
    .map(([axes, reflect]) => ({
      shapes: { x: axes.map(([n]) => n) },
      f: ({ x }) =>
        tf.mirrorPad(
          x!,
          axes.map(([, a, b]): Pair => [a, b]),
          reflect ? "reflect" : "symmetric",
        ),
    })),
  Tile: shapeOf(1, 3)
    .chain((x) => fc.tuple(fc.constant(x), fc.tuple(...x.map(() => fc.integer({ min: 1, max: 3 })))))
    .map(([x, reps]) => ({ shapes: { x }, f: ({ x }) => tf.tile(x!, reps), smooth: !x.includes(0) })),
  SpaceToBatchND: fc.tuple(length, some, some, length).map(([b, h, w, c]) => ({
    shapes: { x: [b, 2 * h, w, c] },
    f: ({ x }) => tf.spaceToBatchND(x!, [2, w + 1], [[0, 0], [1, 0]]), // biome-ignore format: pairs
    smooth: b * c > 0,
  })),
  BatchToSpaceND: fc.tuple(length, some, some, length).map(([b, h, w, c]) => ({
    shapes: { x: [6 * b, h, w, c] },
    f: ({ x }) => tf.batchToSpaceND(x!, [2, 3], [[0, 1], [2, 0]]), // biome-ignore format: pairs
    smooth: b * c > 0,
  })),
  DepthToSpace: fc.tuple(length, some, some, some).map(([b, h, w, c]) => ({
    shapes: { x: [b, h, w, 4 * c] },
    f: ({ x }) => tf.depthToSpace(x as tf.Tensor4D, 2),
  })),
};

const indexing: Rows = {
  GatherV2: fc.tuple(filled(1, 3), shapeOf(1, 2)).chain(([x, i]) =>
    fc.nat(x.length - 1).map((axis) => ({
      shapes: { x, i },
      range: unit,
      f: ({ x, i }) => tf.gather(x!, integers(i!, x!.shape[axis]!), axis),
      smooth: !i.includes(0),
    })),
  ),
  GatherNd: fc.tuple(filled(2, 3), some).map(([x, n]) => ({
    shapes: { x, i: [n, 2] },
    range: unit,
    f: ({ x, i }) => tf.gatherND(x!, integers(i!, Math.min(...x!.shape.slice(0, 2)))),
  })),
  ScatterNd: fc.tuple(some, some, some).map(([n, m, c]) => ({
    shapes: { x: [n, c], i: [n, 1] },
    range: unit,
    f: ({ x, i }) => tf.scatterND(integers(i!, m), x!, [m, c]),
  })),
  TensorScatterUpdate: fc.tuple(some, some, some).map(([n, m, c]) => ({
    shapes: { a: [n + m, c], b: [n, c] },
    f: ({ a, b }) => tf.tensorScatterUpdate(a!, tf.tensor2d([...Array(n).keys()].reverse(), [n, 1], "int32"), b!),
  })),
  UnsortedSegmentSum: fc.tuple(length, some, shapeOf(0, 2)).map(([n, m, rest]) => ({
    shapes: { x: [n, ...rest], i: [n] },
    range: unit,
    f: ({ x, i }) => tf.unsortedSegmentSum(x!, tf.cast(tf.sub(integers(i!, m + 2), 1), "int32") as tf.Tensor1D, m),
  })),
  OneHot: fc.tuple(shapeOf(1, 2), fc.integer({ min: 2, max: 5 })).map(([i, depth]) => ({
    shapes: { i },
    range: unit,
    f: ({ i }) => tf.oneHot(tf.cast(tf.sub(integers(i!, depth + 2), 1), "int32"), depth, 2, -1),
  })),
};

const pad = fc.constantFrom("same" as const, "valid" as const);
/** Image, filter and stride such that "valid" leaves at least one window. */
const convolutionSizes = fc
  .record({
    b: length,
    h: some,
    w: some,
    c: some,
    o: some,
    fh: some,
    fw: some,
    stride: fc.integer({ min: 1, max: 3 }),
    pad,
  })
  .map((s) => ({ ...s, h: s.h + s.fh - 1, w: s.w + s.fw - 1 }));
const convolve = (
  f: (a: tf.Tensor4D, b: tf.Tensor4D, stride: number, pad: "same" | "valid") => tf.Tensor,
  smooth = true,
): fc.Arbitrary<Drawn> =>
  convolutionSizes.map(({ b, h, w, c, o, fh, fw, stride, pad }) => ({
    shapes: { a: [b, h, w, c], b: [fh, fw, c, o] },
    f: ({ a, b }) => f(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad),
    smooth: smooth && b > 0,
  }));
type Image = tf.Tensor4D;
const convolution: Rows = {
  Conv2D: convolve((a, b, stride, pad) => tf.conv2d(a, b, stride, pad)),
  Conv2DBackpropInput: convolve((a, b, stride, pad) => tf.grad((x) => tf.conv2d(x as Image, b, stride, pad))(a), false),
  Conv2DBackpropFilter: convolve(
    (a, b, stride, pad) => tf.grad((w) => tf.conv2d(a, w as Image, stride, pad))(b),
    false,
  ),
  FusedConv2D: convolve((a, b, stride, pad) => {
    const bias = tf.linspace(-1, 1, b.shape[3]);
    return tf.fused.conv2d({ x: a, filter: b, strides: stride, pad, bias, activation: "relu" });
  }, false),
  DepthwiseConv2dNative: convolve((a, b, stride, pad) => tf.depthwiseConv2d(a, b, stride, pad)),
  DepthwiseConv2dNativeBackpropInput: convolve(
    (a, b, stride, pad) => tf.grad((x) => tf.depthwiseConv2d(x as Image, b, stride, pad))(a),
    false,
  ),
  DepthwiseConv2dNativeBackpropFilter: convolve(
    (a, b, stride, pad) => tf.grad((w) => tf.depthwiseConv2d(a, w as Image, stride, pad))(b),
    false,
  ),
};

const poolOf = (
  f: (x: Image, size: Pair, stride: number, pad: "same" | "valid") => tf.Tensor,
  smooth: (pad: string) => boolean,
): fc.Arbitrary<Drawn> =>
  convolutionSizes.map(({ b, h, w, c, fh, fw, stride, pad }) => ({
    shapes: { x: [b, h, w, c] },
    f: ({ x }) => f(x as Image, [fh, fw], stride, pad),
    smooth: b > 0 && smooth(pad),
  }));
// tfjs's gradient of a padded average is not the derivative; test/unit/engine/kernels.test.ts has ours.
const pooling: Rows = {
  MaxPool: poolOf(tf.maxPool, () => true),
  AvgPool: poolOf(tf.avgPool, (pad) => pad === "valid"),
  MaxPoolGrad: poolOf(
    (x, size, stride, pad) => tf.grad((t) => tf.maxPool(t as Image, size, stride, pad))(tf.round(x)),
    () => false,
  ),
  AvgPoolGrad: poolOf(
    (x, size, stride) => tf.grad((t) => tf.square(tf.avgPool(t as Image, size, stride, "valid")))(x),
    () => false,
  ),
};

// tfjs's gradients turn oblong images over (bilinear) and mix images up (nearest), so these are square or single.
const square = fc.tuple(length, some, some, some, some, fc.boolean());
const oblong = fc.tuple(length, some, some, some, some, some, fc.boolean(), fc.boolean());
const resizing: Rows = {
  ResizeBilinear: oblong.map(([b, h, w, c, h2, w2, align, half]) => ({
    shapes: { x: [b, h, w, c] },
    f: ({ x }) => tf.image.resizeBilinear(x as Image, [h2, w2], align && !half, half),
  })),
  ResizeBilinearGrad: square.map(([b, h, c, h2, w2, align]) => ({
    shapes: { x: [b, h, h, c] },
    f: ({ x }) => tf.grad((t) => tf.square(tf.image.resizeBilinear(t as Image, [h2, w2], align)))(x!),
  })),
  ResizeNearestNeighbor: oblong.map(([b, h, w, c, h2, w2, align, half]) => ({
    shapes: { x: [b, h, w, c] },
    f: ({ x }) => tf.image.resizeNearestNeighbor(x as Image, [h2, w2], align && !half, half),
  })),
  // One pixel with aligned corners keeps tfjs's loop from ending.
  ResizeNearestNeighborGrad: oblong.map(([, h, w, c, h2, w2, align]) => ({
    shapes: { x: [1, h + 1, w + 1, c] },
    f: ({ x }) => tf.grad((t) => tf.square(tf.image.resizeNearestNeighbor(t as Image, [h2, w2], align)))(x!),
  })),
};

const rest: Rows = {
  FusedBatchNorm: fc.tuple(filled(4, 4)).map(([x]) => ({
    shapes: { x, a: [x[3]!], b: [x[3]!], c: [x[3]!], d: [x[3]!] },
    range: [0.5, 2],
    f: ({ x, a, b, c, d }) => tf.batchNorm(x!, a as tf.Tensor1D, b as tf.Tensor1D, c as tf.Tensor1D, d as tf.Tensor1D),
    smooth: true,
  })),
  Fill: unary((x) => tf.add(x, tf.fill(x.shape, 2.5))),
  ZerosLike: unary((x) => tf.add(tf.square(x), tf.zerosLike(x))),
  OnesLike: unary((x) => tf.mul(tf.square(x), tf.onesLike(x))),
  Range: some.map((n) => ({ shapes: { x: [n] }, f: ({ x }) => tf.mul(x!, tf.range(n, 0, -1)), smooth: true })),
  LinSpace: some.map((n) => ({ shapes: { x: [n] }, f: ({ x }) => tf.mul(x!, tf.linspace(-1, 2, n)), smooth: true })),
  Diag: filled(1, 2).map((x) => ({ shapes: { x }, f: ({ x }) => tf.diag(x!) })),
};

const rows: Rows = {
  ...elementwise,
  ...reductions,
  ...products,
  ...layout,
  ...indexing,
  ...convolution,
  ...pooling,
  ...resizing,
  ...rest,
};

/** Kernels called by a gradient alone are seen in no forward pass. */
const calls = (kernel: string, drawn: Drawn): Promise<boolean> =>
  kernelsOf({ kernel, ...drawn }).then((names) => names.includes(kernel));

test.each(Object.entries(rows))("%s", async (kernel, arbitrary) => {
  let called = false;
  await fc.assert(
    fc.asyncProperty(arbitrary, async (drawn) => {
      await expectSame({ kernel, ...drawn });
      called ||= await calls(kernel, drawn);
    }),
    { seed: 11, numRuns: 6 },
  );
  expect(called, "the kernel is called").toBe(true);
});

test("every row of the table is drawn", () => {
  expect(Object.keys(rows).sort()).toEqual([...KERNELS.keys()].sort());
});
