/**
 * @file An image as the posterior of its conformation wants it: every coefficient counted as often as it is independent.
 *
 * The working set's coefficients are those of a windowed image, whitened to noise of variance 1 each. The window makes
 * neighbours alike: where it is 1, and the particle lies there, the noise has the variance 1 / windowPower of what
 * independent coefficients of variance 1 would give. C·x and C² times windowPower put that right.
 */
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { type LoadedImage, loadImageInto } from "../pose/loaded-image.js";

/** Read image `index` into `image`: windowPower · C·x and windowPower · C². */
export function loadIndependentInto(image: LoadedImage, reader: PreparedReader, index: number): void {
  loadImageInto(image, reader, index);
  const { y, squares } = image;
  const share = reader.set.windowPower;
  for (let i = 0; i < y.length; i++) y[i]! *= share;
  for (let p = 0; p < squares.length; p++) squares[p]! *= share;
}
