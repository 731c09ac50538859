/**
 * @file Slices of one raster compared with one image at a time: the inner loops of the search, in WebAssembly.
 *
 *     score = Σ Re(conj(S) y) − ½ C² |S|²
 *
 * S the slice (imaging/fourier-raster.ts) by trilinear look-up, y = C·x moved back to the centre. Single precision,
 * sums in double. Against the same loops in JavaScript: 3 to 4 times as fast.
 */
import type { HalfPlane } from "../imaging/half-plane.js";
import type { LoadedImage } from "./loaded-image.js";
import { type PlacedRaster, ROWS, roomAt } from "./placed-raster.js";
import { SLICES_WASM } from "./slices-wasm.js";

export interface Slicer {
  /** Take an image. */
  setImage(image: LoadedImage): void;
  /** Move the first `points` of the image back by a shift in pixels: the y of what follows. */
  centre(points: number, tx: number, ty: number): void;
  /** Score of the pose row at `poses[at]`, its shift disregarded. */
  score(points: number, poses: ArrayLike<number>, at: number): number;
  /** Float64[9], overwritten by the next call: scores after shifts by −step, 0 and step pixels on both axes, x fastest. */
  scoresOfMoves(points: number, poses: ArrayLike<number>, at: number, stepPixels: number): Float64Array;
  /** The slice at the first `points` and the pose row at `poses[at]`: Float32[points] each, overwritten by the next call of any. */
  slice(points: number, poses: ArrayLike<number>, at: number): { readonly re: Float32Array; readonly im: Float32Array };
  /** conj(S)·y into `cross`: Float32[points 2]. */
  crossInto(cross: Float32Array, points: number, poses: ArrayLike<number>, at: number): void;
  /** Score, and Float64[19], overwritten by the next call: the sums of the normal equations (wasm/scores.ts). */
  moments(
    points: number,
    poses: ArrayLike<number>,
    at: number,
  ): { readonly score: number; readonly sums: Float64Array };
}

type Rows = [a0: number, a1: number, a2: number, b0: number, b1: number, b2: number];
interface Exports {
  open(room: number, capacity: number, values: number, size: number, oversampling: number): void;
  centre(points: number, tx: number, ty: number): void;
  slice(points: number, ...rows: Rows): void;
  slopes(points: number, ...rows: Rows): void;
  score(points: number): number;
  moves(points: number, step: number): void;
  moments(points: number): void;
}

/** Numbers that `moments` leaves. */
const SUMS = 19;

let compiled: WebAssembly.Module | undefined;

/** A slicer for points of `plane`, at work in room `room` of `raster`. */
export function createSlicer(raster: PlacedRaster, plane: HalfPlane, room: number): Slicer {
  compiled ??= new WebAssembly.Module(Buffer.from(SLICES_WASM, "base64"));
  const { memory, capacity, values } = raster;
  const wasm = new WebAssembly.Instance(compiled, { env: { memory } }).exports as Exports;
  const start = roomAt(capacity, room);
  wasm.open(start, capacity, values.byteOffset, raster.size, raster.oversampling);
  // What lay here before may be no number, which stays none in the last group, even times 0.
  new Uint8Array(memory.buffer, start, 4 * ROWS * capacity).fill(0);
  const row = (index: number): Float32Array => new Float32Array(memory.buffer, start + 4 * index * capacity, capacity);
  const [kx, ky, imageRe, imageIm, squares] = [row(0), row(1), row(2), row(3), row(4)];
  const [centredRe, centredIm, sliceRe, sliceIm] = [row(5), row(6), row(7), row(8)];
  const sums = new Float64Array(memory.buffer, start + 4 * ROWS * capacity, SUMS);
  kx.set(plane.kx.subarray(0, capacity));
  ky.set(plane.ky.subarray(0, capacity));

  const slice = (points: number, r: ArrayLike<number>, at: number): void =>
    wasm.slice(points, r[at]!, r[at + 1]!, r[at + 2]!, r[at + 3]!, r[at + 4]!, r[at + 5]!);

  return {
    setImage(image) {
      const count = image.squares.length;
      for (let p = 0; p < count; p++) {
        imageRe[p] = image.y[2 * p]!;
        imageIm[p] = image.y[2 * p + 1]!;
      }
      squares.set(image.squares);
    },
    centre: (points, tx, ty) => wasm.centre(points, tx / plane.box, ty / plane.box),
    slice(points, poses, at) {
      slice(points, poses, at);
      return { re: sliceRe, im: sliceIm };
    },
    score(points, poses, at) {
      slice(points, poses, at);
      return wasm.score(points);
    },
    scoresOfMoves(points, poses, at, stepPixels) {
      slice(points, poses, at);
      wasm.moves(points, stepPixels / plane.box);
      return sums.subarray(0, 9);
    },
    crossInto(cross, points, poses, at) {
      slice(points, poses, at);
      for (let p = 0; p < points; p++) {
        cross[2 * p] = sliceRe[p]! * centredRe[p]! + sliceIm[p]! * centredIm[p]!;
        cross[2 * p + 1] = sliceRe[p]! * centredIm[p]! - sliceIm[p]! * centredRe[p]!;
      }
    },
    moments(points, r, at) {
      wasm.slopes(points, r[at]!, r[at + 1]!, r[at + 2]!, r[at + 3]!, r[at + 4]!, r[at + 5]!);
      wasm.moments(points);
      return { score: wasm.score(points), sums };
    },
  };
}
