/** @file One image as the pose search wants it: multiplied by its CTF. */
import type { PreparedReader } from "../imaging/prepared-reader.js";

export interface LoadedImage {
  /** Float32[points 2]: C·x. */
  readonly y: Float32Array;
  /** Float32[points]: C². */
  readonly squares: Float32Array;
}

/** Room for an image of `points` coefficients. */
export function emptyImage(points: number): LoadedImage {
  return { y: new Float32Array(2 * points), squares: new Float32Array(points) };
}

/** Read image `index` into `image`. */
export function loadImageInto(image: LoadedImage, reader: PreparedReader, index: number): void {
  const { y, squares } = image;
  reader.readRow(index, y);
  reader.readContrast(index, squares);
  for (let p = 0; p < squares.length; p++) {
    const c = squares[p]!;
    y[2 * p]! *= c;
    y[2 * p + 1]! *= c;
    squares[p] = c * c;
  }
}
