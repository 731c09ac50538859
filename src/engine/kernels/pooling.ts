/**
 * @file Pooling and its gradients.
 *
 * Where several pixels of a window share the maximum, the first in row-major order takes the gradient, as in tfjs.
 * A window that hangs over the edge averages the pixels it has. tfjs's own gradient of that divides by the whole
 * window and so is not the derivative; ours is.
 */
import * as tf from "@tensorflow/tfjs";
import { type Graph, sizeOf, type Value } from "../graph.js";
import { binary } from "./elementwise.js";
import type { Attributes, Kernels } from "./kernel.js";
import { matrixProduct } from "./products.js";
import { broadcast, reshape, transpose } from "./shape.js";

const { backend_util: backend } = tf;

type Info = tf.backend_util.Conv2DInfo;

const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];

export const pooling: Kernels = {
  MaxPool: (g, { x }, attributes) => pool(g, "MaxPool", x!, describe(x!.shape, attributes)),
  AvgPool: (g, { x }, attributes) => pool(g, "AveragePool", x!, describe(x!.shape, attributes)),
  MaxPoolGrad: (g, { dy, input }, attributes) => {
    const info = describe(input!.shape, attributes);
    const x = transpose(g, input!, CHANNELS_FIRST);
    const shape = [info.batchSize, info.inChannels, info.outHeight, info.outWidth];
    const outputs = [
      { shape, type: x.type },
      { shape, type: "int64" as const },
    ];
    const [, indices] = g.nodeOfMany("MaxPool", [x], outputs, geometry(info));
    // ONNX counts the winners' places through the whole array.
    const [from, to] = [sizeOf(shape), sizeOf(x.shape)];
    const places = reshape(g, indices!, [from]);
    const errors = reshape(g, transpose(g, dy!, CHANNELS_FIRST), [from]);
    const zeros = g.constant(0, [to], "float32");
    const flat = g.node("ScatterElements", [zeros, places, errors], [to], { axis: 0, reduction: "add" });
    return transpose(g, reshape(g, flat, x.shape), CHANNELS_LAST);
  },
  AvgPoolGrad: (g, { dy, input }, attributes) => {
    const info = describe(input!.shape, attributes);
    if (isTiling(info)) return spread(g, dy!, info);
    const share = g.constant(shares(info), [1, info.outHeight, info.outWidth, 1], "float32");
    return overlay(g, binary(g, "Mul", dy!, share), info);
  },
};

function describe(x: readonly number[], a: Attributes): Info {
  const shape = [...x] as [number, number, number, number];
  return backend.computePool2DInfo(shape, a["filterSize"], a["strides"], 1, a["pad"], a["dimRoundingMode"]);
}

function geometry(info: Info): Record<string, readonly number[]> {
  const { top, bottom, left, right } = info.padInfo;
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
  };
}

function pool(g: Graph, op: string, x: Value, info: Info): Value {
  const shape = [info.batchSize, info.inChannels, info.outHeight, info.outWidth];
  return transpose(g, g.node(op, [transpose(g, x, CHANNELS_FIRST)], shape, geometry(info)), CHANNELS_LAST);
}

/** One over the number of pixels of each window. */
function shares(info: Info): Float32Array {
  const count = (at: number, stride: number, size: number, before: number, length: number): number =>
    Math.min(length, at * stride - before + size) - Math.max(0, at * stride - before);
  return Float32Array.from({ length: info.outHeight * info.outWidth }, (_, i) => {
    const [y, x] = [Math.floor(i / info.outWidth), i % info.outWidth];
    const rows = count(y, info.strideHeight, info.filterHeight, info.padInfo.top, info.inHeight);
    const columns = count(x, info.strideWidth, info.filterWidth, info.padInfo.left, info.inWidth);
    return 1 / (rows * columns);
  });
}

function isTiling(info: Info): boolean {
  return (
    info.strideHeight === info.filterHeight &&
    info.strideWidth === info.filterWidth &&
    info.outHeight * info.filterHeight === info.inHeight &&
    info.outWidth * info.filterWidth === info.inWidth
  );
}

/**
 * Every pixel of a window gets its share of the window's value; windows tile the image. Columns are repeated by a
 * product with a matrix of shares, rows by copying whole rows: ONNX Runtime is slow at repeating single numbers.
 */
function spread(g: Graph, dy: Value, info: Info): Value {
  const { batchSize, outHeight, outWidth, inHeight, inWidth, inChannels, filterHeight, filterWidth } = info;
  const repeat = Float32Array.from({ length: outWidth * inWidth }, (_, i) =>
    Math.floor((i % inWidth) / filterWidth) === Math.floor(i / inWidth) ? 1 / (filterHeight * filterWidth) : 0,
  );
  const images = batchSize * inChannels;
  const rows = reshape(g, transpose(g, dy, CHANNELS_FIRST), [images * outHeight, outWidth]);
  const wide = matrixProduct(g, rows, g.constant(repeat, [outWidth, inWidth], "float32"));
  const tall = broadcast(g, reshape(g, wide, [images * outHeight, 1, inWidth]), [
    ...[images * outHeight, filterHeight, inWidth],
  ]);
  return transpose(g, reshape(g, tall, [batchSize, inChannels, inHeight, inWidth]), CHANNELS_LAST);
}

/** Every pixel gets the sum of the windows it is in. */
function overlay(g: Graph, x: Value, info: Info): Value {
  const filter = g.constant(1, [info.inChannels, 1, info.filterHeight, info.filterWidth], "float32");
  const { top, left } = info.padInfo;
  const rest = (length: number, out: number, stride: number, size: number, before: number): number =>
    length + before - (stride * (out - 1) + size);
  const restY = rest(info.inHeight, info.outHeight, info.strideHeight, info.filterHeight, top);
  const restX = rest(info.inWidth, info.outWidth, info.strideWidth, info.filterWidth, left);
  const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const sums = g.node("ConvTranspose", [transpose(g, x, CHANNELS_FIRST), filter], shape, {
    ...geometry(info),
    group: info.inChannels,
    pads: [top, left, Math.max(0, -restY), Math.max(0, -restX)],
    output_padding: [Math.max(0, restY), Math.max(0, restX)],
  });
  return transpose(g, sums, CHANNELS_LAST);
}
