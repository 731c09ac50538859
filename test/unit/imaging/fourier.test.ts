import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Volume } from "../../../src/core/types.js";
import {
  imageFromTransform,
  transformImage,
  transformVolume,
  volumeFromTransform,
} from "../../../src/imaging/fourier.js";
import { relativeError } from "../../support/compare.js";
import { naiveDft } from "../../support/naive-dft.js";

function noise(length: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
}
const volumeOf = (box: number, values = noise(box ** 3)): Volume => ({
  kind: "volume",
  box,
  pixelSizeAngstrom: 1,
  values,
});
const power = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v * v, 0);

describe("the transform of an image", () => {
  // Powers of two, twice a prime (Bluestein's chirp), products of small primes, the smallest.
  test.each([2, 4, 6, 8, 10, 12, 14, 16, 18, 22, 26])("is the definition's sum, side %i", (side) => {
    const pixels = noise(side * side, side);
    const { values, rank } = transformImage(pixels, side);
    expect(rank).toBe(2);
    expect(relativeError(values, naiveDft(pixels, side, 2))).toBeLessThan(1e-12);
  });

  test.each([100, 128, 146])("of a plane wave is two peaks, at its frequency, with its phase; side %i", (side) => {
    const [kx, ky, phase] = [3, -5, 0.7];
    const pixels = Float32Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [(i % side) - side / 2, Math.floor(i / side) - side / 2];
      return Math.cos((2 * Math.PI * (kx * x + ky * y)) / side + phase);
    });
    const { values } = transformImage(pixels, side);
    const expected = new Float64Array(2 * side * side);
    // cos(u + φ) = (e^{iφ} e^{iu} + e^{−iφ} e^{−iu})/2, and Σ 1 / side = side.
    expected.set([(side / 2) * Math.cos(phase), (side / 2) * Math.sin(phase)], 2 * ((side + ky) * side + kx));
    expected.set([(side / 2) * Math.cos(phase), (-side / 2) * Math.sin(phase)], 2 * (-ky * side + side - kx));
    expect(relativeError(values, expected)).toBeLessThan(1e-7); // pixels are float32
  });

  test("of a point at pixel box/2 is 1/box everywhere: no phase", () => {
    const side = 12;
    const pixels = new Float32Array(side * side);
    pixels[6 * side + 6] = 1;
    const expected = Float64Array.from({ length: 2 * side * side }, (_, i) => (i % 2 === 0 ? 1 / side : 0));
    expect(relativeError(transformImage(pixels, side).values, expected)).toBeLessThan(1e-12);
  });

  test.each([6, 16, 50])("keeps the power and comes back, side %i", (side) => {
    const pixels = noise(side * side);
    const transform = transformImage(pixels, side);
    expect(power(transform.values) / power(pixels)).toBeCloseTo(1, 12);
    expect(relativeError(imageFromTransform(transform), pixels)).toBeLessThan(1e-7); // float32 pixels
  });

  test("is refused for an odd side and for pixels that are no square", () => {
    expect(() => transformImage(noise(25), 5)).toThrow("box: expected a positive even side, got 5");
    expect(() => transformImage(noise(24), 6)).toThrow("pixels: expected 6×6 values, got 24");
  });
});

describe("the transform of a map", () => {
  test.each([2, 4, 6, 10])("is the definition's sum, box %i", (box) => {
    const volume = volumeOf(box);
    const { values, rank } = transformVolume(volume);
    expect(rank).toBe(3);
    expect(relativeError(values, naiveDft(volume.values, box, 3))).toBeLessThan(1e-12);
  });

  test.each([8, 14])("keeps the power and comes back, box %i", (box) => {
    const volume = volumeOf(box);
    const transform = transformVolume(volume);
    expect(power(transform.values) / power(volume.values)).toBeCloseTo(1, 12);
    const again = volumeFromTransform(transform, 2.5);
    expect(again).toMatchObject({ kind: "volume", box, pixelSizeAngstrom: 2.5 });
    expect(relativeError(again.values, volume.values)).toBeLessThan(1e-7);
  });

  test("has the projection's transform in its central section, smaller by √box", () => {
    const box = 10;
    const volume = volumeOf(box);
    const image = new Float32Array(box * box);
    volume.values.forEach((v, i) => {
      image[i % (box * box)]! += v;
    });
    const section = transformVolume(volume).values.subarray(0, 2 * box * box);
    const projection = transformImage(image, box).values;
    expect(
      relativeError(
        Array.from(section, (v) => Math.sqrt(box) * v),
        Array.from(projection),
      ),
    ).toBeLessThan(1e-6);
  });
});
