/** @file Kernels that rearrange: reshaping, transposing, joining, cutting, padding, repeating. */
import * as tf from "@tensorflow/tfjs";
import { sizeOf } from "../graph.js";
import { type Kernels, unsupported } from "./kernel.js";
import { concat, cut, pad, reshape, reverse, slice, split, tile, transpose } from "./shape.js";

const { backend_util: backend, slice_util: slices, util } = tf;

export const layout: Kernels = {
  Reshape: (g, { x }, { shape }) => reshape(g, x!, util.inferFromImplicitShape(shape, sizeOf(x!.shape))),
  ExpandDims: (g, { input }, { dim }) => {
    const shape = [...input!.shape];
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return reshape(g, input!, shape);
  },
  Transpose: (g, { x }, { perm }) => transpose(g, x!, perm),
  Concat: (g, inputs, { axis }) => {
    const parts = Object.values(inputs);
    return concat(g, parts, util.parseAxisParam(axis, [...parts[0]!.shape])[0]!);
  },
  Pack: (g, inputs, { axis }) => {
    const parts = Object.values(inputs);
    const unsqueezed = [...parts[0]!.shape];
    unsqueezed.splice(axis, 0, 1);
    return concat(
      g,
      parts.map((part) => reshape(g, part, unsqueezed)),
      axis,
    );
  },
  Unpack: (g, { value }, { axis }) => {
    const at = axis < 0 ? axis + value!.shape.length : axis;
    const shape = value!.shape.toSpliced(at, 1);
    return split(g, value!, Array(value!.shape[at]!).fill(1), at).map((part) => reshape(g, part, shape));
  },
  SplitV: (g, { x }, { numOrSizeSplits, axis }) => {
    const at = util.parseAxisParam(axis, [...x!.shape])[0]!;
    return split(g, x!, backend.prepareSplitSize(x as unknown as tf.Tensor, numOrSizeSplits, at), at);
  },
  Slice: (g, { x }, { begin, size }) => {
    const [from, extent] = slices.parseSliceParams(x as unknown as tf.Tensor, begin, size) as [number[], number[]];
    return cut(g, x!, from, extent);
  },
  StridedSlice: (g, { x }, a) => {
    const { begin, end, strides, finalShape, finalShapeSparse } = slices.sliceInfo(
      [...x!.shape],
      ...([a["begin"], a["end"], a["strides"], a["beginMask"], a["endMask"]] as const),
      ...([a["ellipsisMask"], a["newAxisMask"], a["shrinkAxisMask"]] as const),
    );
    const sparse = begin.map((b, i) => Math.max(0, Math.ceil((end[i]! - b) / strides[i]!)));
    if (sizeOf(sparse) !== sizeOf(finalShapeSparse))
      throw unsupported(g, "StridedSlice with these masks", "use slice, squeeze and expandDims");
    return reshape(g, slice(g, x!, begin, end, strides, sparse), finalShape);
  },
  Reverse: (g, { x }, { dims }) => reverse(g, x!, util.parseAxisParam(dims, [...x!.shape])),
  FlipLeftRight: (g, { image }) => reverse(g, image!, [2]),
  PadV2: (g, { x }, { paddings, constantValue }) => {
    const pads: [number, number][] = paddings;
    return pad(
      g,
      x!,
      pads.map((p) => p[0]),
      pads.map((p) => p[1]),
      constantValue,
    );
  },
  // As look-ups, because ONNX has no symmetric padding; "reflect" does not repeat the edge, "symmetric" does.
  MirrorPad: (g, { x }, { paddings, mode }) => {
    const repeat = mode === "reflect" ? 0 : 1;
    return (paddings as [number, number][]).reduce((value, [before, after], axis) => {
      if (before + after === 0) return value;
      const n = value.shape[axis]!;
      const last = n - 1;
      const at = Array.from({ length: before + n + after }, (_, i) => {
        const j = i - before;
        if (j < 0) return -j - repeat;
        return j > last ? 2 * last - j + repeat : j;
      });
      const indices = g.constant(at, [at.length], "int32");
      return g.node("Gather", [value, indices], value.shape.with(axis, at.length), { axis });
    }, x!);
  },
  Tile: (g, { x }, { reps }) => tile(g, x!, reps),
  SpaceToBatchND: (g, { x }, { blockShape, paddings }) => {
    const product = sizeOf(blockShape);
    const rest = x!.shape.slice(blockShape.length + 1).map(() => 0);
    const [before, after] = [0, 1].map((k) => [0, ...paddings.map((p: [number, number]) => p[k]!), ...rest]);
    const padded = pad(g, x!, before!, after!);
    const shape = [...padded.shape];
    const parts = reshape(g, padded, backend.getReshaped(shape, blockShape, product, false));
    const moved = transpose(g, parts, backend.getPermuted(parts.shape.length, blockShape.length, false));
    return reshape(g, moved, backend.getReshapedPermuted(shape, blockShape, product, false));
  },
  BatchToSpaceND: (g, { x }, { blockShape, crops }) => {
    const product = sizeOf(blockShape);
    const shape = [...x!.shape];
    const parts = reshape(g, x!, backend.getReshaped(shape, blockShape, product));
    const moved = transpose(g, parts, backend.getPermuted(parts.shape.length, blockShape.length));
    const whole = reshape(g, moved, backend.getReshapedPermuted(shape, blockShape, product));
    const rest = whole.shape.slice(blockShape.length + 1);
    const begin = [...backend.getSliceBeginCoords(crops, blockShape.length), ...rest.map(() => 0)];
    const size = [...backend.getSliceSize([...whole.shape], crops, blockShape.length), ...rest];
    return cut(g, whole, begin, size);
  },
  DepthToSpace: (g, { x }, { blockSize, dataFormat }) => {
    if (dataFormat !== "NHWC") throw unsupported(g, "DepthToSpace in NCHW", "transpose to NHWC");
    const [b, h, w, c] = x!.shape as [number, number, number, number];
    const depth = c / blockSize ** 2;
    const parts = reshape(g, x!, [b, h, w, blockSize, blockSize, depth]);
    return reshape(g, transpose(g, parts, [0, 1, 3, 2, 4, 5]), [b, h * blockSize, w * blockSize, depth]);
  },
};
