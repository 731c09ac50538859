/**
 * @file Convolution and its two gradients, plain and per channel.
 *
 * tfjs: images [batch rows columns channels] (NHWC) or NCHW, filters [rows columns in out].
 * ONNX: images NCHW, filters [out in rows columns]. Transposes between neighbours cancel (simplify.ts).
 */
import * as tf from "@tensorflow/tfjs";
import type { Graph, Value } from "../graph.js";
import { type Attributes, type Kernels, unsupported } from "./kernel.js";
import { activate, matrixProduct } from "./products.js";
import { reduce } from "./reductions.js";
import { concat, pad, reshape, reverse, slice, transpose } from "./shape.js";

const { backend_util: backend } = tf;

type Info = tf.backend_util.Conv2DInfo;

export const convolution: Kernels = {
  Conv2D: (g, { x, filter }, attributes) => {
    const info = describe(g, x!.shape, filter!.shape, attributes, false);
    return fromChannelsFirst(g, forward(g, toChannelsFirst(g, x!, info), outInRowsColumns(g, filter!), info), info);
  },
  FusedConv2D: (g, { x, filter, ...rest }, attributes) => {
    const info = describe(g, x!.shape, filter!.shape, attributes, false);
    const y = forward(g, toChannelsFirst(g, x!, info), outInRowsColumns(g, filter!), info);
    if (attributes["dataFormat"] === "NCHW") throw unsupported(g, "FusedConv2D in NCHW", "use conv2d, add, activation");
    return activate(g, fromChannelsFirst(g, y, info), rest, attributes);
  },
  Conv2DBackpropInput: (g, { dy, filter }, attributes) => {
    const info = describe(g, attributes["inputShape"], filter!.shape, attributes, false);
    const dyFirst = toChannelsFirst(g, dy!, info);
    return fromChannelsFirst(g, backwardInput(g, dyFirst, outInRowsColumns(g, filter!), info), info);
  },
  Conv2DBackpropFilter: (g, { x, dy }, attributes) => {
    const info = describe(g, x!.shape, attributes["filterShape"], attributes, false);
    if (info.dataFormat === "channelsFirst" && !isBetterByRows(info)) return backwardFilter(g, x!, dy!, info);
    return backwardFilterByRows(g, toChannelsLast(g, x!, info), toChannelsLast(g, dy!, info), info);
  },
  DepthwiseConv2dNative: (g, { x, filter }, attributes) => {
    const info = describe(g, x!.shape, filter!.shape, attributes, true);
    const y = forward(g, toChannelsFirst(g, x!, info), perChannel(g, filter!), info, info.inChannels);
    return fromChannelsFirst(g, y, info);
  },
  DepthwiseConv2dNativeBackpropInput: (g, { dy, filter }, attributes) => {
    const info = describe(g, attributes["inputShape"], filter!.shape, attributes, true);
    const dx = backwardInput(g, toChannelsFirst(g, dy!, info), perChannel(g, filter!), info, info.inChannels);
    return fromChannelsFirst(g, dx, info);
  },
  DepthwiseConv2dNativeBackpropFilter: (g, { x, dy }, attributes) => {
    const info = describe(g, x!.shape, attributes["filterShape"], attributes, true);
    const [images, errors] = [x!, dy!].map((value) => toChannelsLast(g, value, info));
    const [n, many] = [info.inChannels, info.outChannels / info.inChannels];
    const rows = reshape(g, errors!, [positions(info), n, many]);
    const last = { ...info, dataFormat: "channelsLast" as const };
    const taps = windows(g, images!, last).map((tap) => {
      const column = reshape(g, tap, [positions(info), n, 1]);
      return reduce(g, "ReduceSum", g.node("Mul", [column, rows], rows.shape), 0, true);
    });
    return reshape(g, concat(g, taps, 0), attributes["filterShape"]);
  },
};

/** Sizes as tfjs works them out. Gradients have no dilations of their own. */
function describe(g: Graph, x: readonly number[], filter: readonly number[], a: Attributes, depthwise: boolean): Info {
  const info = backend.computeConv2DInfo(
    [...x] as [number, number, number, number],
    [...filter] as [number, number, number, number],
    a["strides"],
    a["dilations"] ?? 1,
    a["pad"],
    a["dimRoundingMode"],
    depthwise,
    backend.convertConv2DDataFormat(a["dataFormat"] ?? "NHWC"),
  );
  const { top, left } = info.padInfo;
  // With padding given as a number, tfjs takes the filter's height for its width; the windows tell what is padded.
  const bottom = (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight - top - info.inHeight;
  const right = (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth - left - info.inWidth;
  if (bottom <= -info.strideHeight || right <= -info.strideWidth)
    throw unsupported(g, "a convolution of an oblong filter with padding given as a number", 'use "same" or "valid"');
  const padInfo = { ...info.padInfo, bottom: Math.max(0, bottom), right: Math.max(0, right) };
  return { ...info, padInfo };
}

function forward(g: Graph, x: Value, filter: Value, info: Info, group = 1): Value {
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  const { top, bottom, left, right } = info.padInfo;
  return g.node("Conv", [x, filter], shape, { ...geometry(info), group, pads: [top, left, bottom, right] });
}

/** dx from dy. With stride 1 it is a convolution with the turned filter, which runs faster than ConvTranspose. */
function backwardInput(g: Graph, dy: Value, filter: Value, info: Info, group = 1): Value {
  const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const { top, left } = info.padInfo;
  const [spanY, spanX] = [info.effectiveFilterHeight - 1, info.effectiveFilterWidth - 1];
  const restY = info.inHeight - (info.strideHeight * (info.outHeight - 1) + 1);
  const restX = info.inWidth - (info.strideWidth * (info.outWidth - 1) + 1);
  // Rows and columns of x that no window reaches are left over at the end.
  const [bottom, right] = [spanY - top, spanX - left];
  const pads = [bottom, right, restY + top, restX + left];
  if (group === 1 && info.strideHeight === 1 && info.strideWidth === 1 && pads.every((p) => p >= 0)) {
    // Turned with rows and columns in front: whole matrices move then.
    const turned = transpose(g, reverse(g, transpose(g, filter, [2, 3, 1, 0]), [0, 1]), [2, 3, 0, 1]);
    return g.node("Conv", [dy, turned], shape, { ...geometry(info), pads });
  }
  const [moreY, moreX] = [restY - spanY, restX - spanX].map((n, i) => n + (i === 0 ? top : left));
  const end = [Math.max(0, -moreY!), Math.max(0, -moreX!)];
  return g.node("ConvTranspose", [dy, filter], shape, {
    ...geometry(info),
    group,
    pads: [top, left, ...end],
    output_padding: [Math.max(0, moreY!), Math.max(0, moreX!)],
  });
}

const MOST_ROWS_TOGETHER = 64;

/** Whether sums over the batch of a gradient for every image cost more than to move the channels to the end. */
function isBetterByRows({ inChannels, outChannels, filterHeight, filterWidth, outHeight, outWidth }: Info): boolean {
  return filterHeight * filterWidth * inChannels * outChannels > outHeight * outWidth * (inChannels + outChannels);
}

/** The filter's gradient, one product [in positions] · [positions out] per tap, of images with their channels last. */
function backwardFilterByRows(g: Graph, x: Value, dy: Value, info: Info): Value {
  const rows = reshape(g, dy, [positions(info), info.outChannels]);
  const taps = windows(g, x, { ...info, dataFormat: "channelsLast" }).map((tap) =>
    matrixProduct(g, reshape(g, tap, [positions(info), info.inChannels]), rows, true, false),
  );
  return reshape(g, concat(g, taps, 0), info.filterShape);
}

/** The same of images with their channels first: [in pixels] · [pixels out] per tap and image, summed over the batch. */
function backwardFilter(g: Graph, x: Value, dy: Value, info: Info): Value {
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = info;
  const errors = reshape(g, dy, [batchSize, outChannels, outHeight * outWidth]);
  const taps = windows(g, x, info);
  // Products of few rows are slow: taps of few channels make one together.
  const together = inChannels * taps.length <= MOST_ROWS_TOGETHER ? [concat(g, taps, 1)] : taps;
  const gradients = together.map((some) => {
    const pixels = reshape(g, some, [batchSize, some.shape[1]!, outHeight * outWidth]);
    const product = reduce(g, "ReduceSum", matrixProduct(g, errors, pixels, false, true), 0, true);
    return transpose(g, product, [0, 2, 1]);
  });
  return reshape(g, concat(g, gradients, 0), info.filterShape);
}

/** The images as each tap of the filter sees them, in the images' own layout: rows × columns values. */
function windows(g: Graph, x: Value, info: Info): Value[] {
  const { top, bottom, left, right } = info.padInfo;
  const first = info.dataFormat === "channelsFirst";
  const place = (batch: number, channels: number, y: number, x: number): number[] =>
    first ? [batch, channels, y, x] : [batch, y, x, channels];
  const padded = pad(g, x, place(0, 0, top, left), place(0, 0, bottom, right));
  const shape = place(info.batchSize, info.inChannels, info.outHeight, info.outWidth);
  const strides = place(1, 1, info.strideHeight, info.strideWidth);
  const taps: Value[] = [];
  for (let i = 0; i < info.filterHeight; i++)
    for (let j = 0; j < info.filterWidth; j++) {
      const [y, x] = [i * info.dilationHeight, j * info.dilationWidth];
      const endY = y + info.strideHeight * (info.outHeight - 1) + 1;
      const endX = x + info.strideWidth * (info.outWidth - 1) + 1;
      const end = place(info.batchSize, info.inChannels, endY, endX);
      taps.push(slice(g, padded, place(0, 0, y, x), end, strides, shape));
    }
  return taps;
}

function positions(info: Info): number {
  return info.batchSize * info.outHeight * info.outWidth;
}

function geometry(info: Info): Record<string, readonly number[]> {
  return {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
  };
}

function toChannelsFirst(g: Graph, x: Value, info: Info): Value {
  return info.dataFormat === "channelsLast" ? transpose(g, x, [0, 3, 1, 2]) : x;
}

function fromChannelsFirst(g: Graph, x: Value, info: Info): Value {
  return info.dataFormat === "channelsLast" ? transpose(g, x, [0, 2, 3, 1]) : x;
}

function toChannelsLast(g: Graph, x: Value, info: Info): Value {
  return info.dataFormat === "channelsLast" ? x : transpose(g, x, [0, 2, 3, 1]);
}

function outInRowsColumns(g: Graph, filter: Value): Value {
  return transpose(g, filter, [3, 2, 0, 1]);
}

/** [rows columns in many] → [in·many 1 rows columns]. */
function perChannel(g: Graph, filter: Value): Value {
  const [rows, columns, channels, many] = filter.shape as [number, number, number, number];
  return reshape(g, transpose(g, filter, [2, 3, 0, 1]), [channels * many, 1, rows, columns]);
}
