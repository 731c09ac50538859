import type * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { ImageGrid } from "../../../src/core/types.js";
import { compile } from "../../../src/engine/compile.js";
import { croppedTransform } from "../../../src/imaging/cropped-transform.js";
import { transformImage } from "../../../src/imaging/fourier.js";
import { type HalfPlane, halfPlane } from "../../../src/imaging/half-plane.js";
import { relativeError } from "../../support/compare.js";
import { gatherHalfPlane } from "../../support/gather-half-plane.js";
import { beadTransform } from "../../support/known-beads.js";

/** The coefficients of each of `images`, Float32[n n]. */
async function transformed(
  images: readonly Float32Array[],
  grid: ImageGrid,
  plane: HalfPlane,
  pixelSizeAngstrom: number,
): Promise<Float32Array[]> {
  const transform = croppedTransform(grid, plane, pixelSizeAngstrom);
  const program = await compile(
    (inputs) => ({ products: transform.products(inputs["images"] as tf.Tensor2D) }),
    { images: [images.length, grid.box ** 2] },
    { threads: 1 },
  );
  const { products } = await program.run({ images: Float32Array.from(images.flatMap((image) => [...image])) });
  await program.dispose();
  return images.map((_, i) => {
    const out = new Float32Array(2 * plane.count);
    transform.gather(products!, i, out, 0);
    return out;
  });
}

test.each([
  [32, 32],
  [48, 24],
  [50, 22],
])("images of %i pixels to a box of %i have the coefficients of the whole transform", async (n, box) => {
  const random = seededRandom(1);
  const plane = halfPlane(box);
  const images = Array.from({ length: 3 }, () => Float32Array.from({ length: n * n }, () => random.normal()));
  const found = await transformed(images, { box: n, pixelSizeAngstrom: 2 }, plane, (2 * n) / box);
  images.forEach((image, i) => {
    expect(relativeError(found[i]!, gatherHalfPlane(transformImage(image, n), plane))).toBeLessThan(2e-6); // float32 sums
  });
});

test("images of another pixel size have the coefficients at the frequencies of the working box", async () => {
  // A Gaussian blob at (13, −7) Å, drawn on 40 pixels of 2.5 Å; the working box is 90 Å long.
  const plane = halfPlane(18);
  const sigma = 6;
  const image = Float32Array.from({ length: 1600 }, (_, i) => {
    const [x, y] = [2.5 * ((i % 40) - 20) - 13, 2.5 * (Math.floor(i / 40) - 20) + 7];
    return (Math.exp(-(x * x + y * y) / (2 * sigma ** 2)) / (2 * Math.PI * sigma ** 2)) * 2.5 ** 2;
  });
  const [found] = await transformed([image], { box: 40, pixelSizeAngstrom: 2.5 }, plane, 5);
  const expected = Float32Array.from({ length: plane.count }, (_, p) => p).reduce(
    (out, _, p) => {
      const [re, im] = beadTransform([plane.kx[p]! / 90, plane.ky[p]! / 90], [13, -7], sigma);
      out[2 * p] = (re * 2.5) / 90;
      out[2 * p + 1] = (im * 2.5) / 90;
      return out;
    },
    new Float32Array(2 * plane.count),
  );
  expect(relativeError(found!, expected)).toBeLessThan(1e-5);
});

test("frequencies that the pixels cannot carry are refused", () => {
  expect(() => croppedTransform({ box: 32, pixelSizeAngstrom: 4 }, halfPlane(32), 2)).toThrow(
    "below the Nyquist limit of 4 Å pixels",
  );
});
