import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { croppedTransform } from "../../../src/imaging/cropped-transform.js";
import { transformImage } from "../../../src/imaging/fourier.js";
import { gatherHalfPlane, halfPlane } from "../../../src/imaging/half-plane.js";
import { relativeError } from "../../support/compare.js";
import { beadTransform } from "../../support/known-beads.js";

test.each([
  [32, 32],
  [48, 24],
  [50, 22],
])("images of %i pixels to a box of %i have the coefficients of the whole transform", async (n, box) => {
  const random = seededRandom(1);
  const plane = halfPlane(box);
  const transform = await croppedTransform({ box: n, pixelSizeAngstrom: 2 }, plane, (2 * n) / box, {
    batch: 3,
    threads: 1,
  });
  for (let i = 0; i < transform.images.length; i++) transform.images[i] = random.normal();
  await transform.run();
  for (let i = 0; i < 3; i++) {
    const found = new Float32Array(2 * plane.count);
    transform.gather(i, found, 0);
    const image = transform.images.slice(i * n * n, (i + 1) * n * n);
    expect(relativeError(found, gatherHalfPlane(transformImage(image, n), plane))).toBeLessThan(2e-6); // float32 sums
  }
  await transform.dispose();
});

test("images of another pixel size have the coefficients at the frequencies of the working box", async () => {
  // A Gaussian blob at (13, −7) Å, drawn on 40 pixels of 2.5 Å; the working box is 90 Å long.
  const plane = halfPlane(18);
  const transform = await croppedTransform({ box: 40, pixelSizeAngstrom: 2.5 }, plane, 5, { batch: 1, threads: 1 });
  const sigma = 6;
  for (let i = 0; i < 1600; i++) {
    const [x, y] = [2.5 * ((i % 40) - 20) - 13, 2.5 * (Math.floor(i / 40) - 20) + 7];
    transform.images[i] = (Math.exp(-(x * x + y * y) / (2 * sigma ** 2)) / (2 * Math.PI * sigma ** 2)) * 2.5 ** 2;
  }
  await transform.run();
  const found = new Float32Array(2 * plane.count);
  transform.gather(0, found, 0);
  const expected = Float32Array.from({ length: plane.count }, (_, p) => p).reduce(
    (out, _, p) => {
      const [re, im] = beadTransform([plane.kx[p]! / 90, plane.ky[p]! / 90], [13, -7], sigma);
      out[2 * p] = (re * 2.5) / 90;
      out[2 * p + 1] = (im * 2.5) / 90;
      return out;
    },
    new Float32Array(2 * plane.count),
  );
  expect(relativeError(found, expected)).toBeLessThan(1e-5);
  await transform.dispose();
});

test("frequencies that the pixels cannot carry are refused", async () => {
  await expect(
    croppedTransform({ box: 32, pixelSizeAngstrom: 4 }, halfPlane(32), 2, { batch: 1, threads: 1 }),
  ).rejects.toThrow("below the Nyquist limit of 4 Å pixels");
});
