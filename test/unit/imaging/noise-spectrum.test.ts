import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { transformImage } from "../../../src/imaging/fourier.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { backgroundMask, maskedMoments, noiseSpectrum } from "../../../src/imaging/noise-spectrum.js";
import { colouredNoise } from "../../support/coloured-noise.js";
import { gatherHalfPlane } from "../../support/gather-half-plane.js";

const box = 32;
const mask = backgroundMask(box, 11);
const plane = halfPlane(box);
const kept = mask.reduce((a, b) => a + b, 0) / mask.length;
/** The half-plane of an image with its circle cut out. */
const background = (image: Float32Array, mean = 0, deviation = 1): Float32Array =>
  gatherHalfPlane(
    transformImage(
      image.map((v, i) => (mask[i]! * (v - mean)) / deviation),
      box,
    ),
    plane,
  );

describe("the noise spectrum", () => {
  const random = seededRandom(1);
  const images = Array.from({ length: 200 }, () => colouredNoise(box, () => 1, random));

  test("of white noise of variance v is v at every shell", () => {
    const noise = noiseSpectrum(plane);
    for (const image of images) noise.add(background(image.map((v) => Math.sqrt(2.5) * v)), kept);
    const spectrum = noise.spectrum();
    expect(spectrum).toHaveLength(box / 2);
    // Shell 1 has four independent numbers in each of 200 images; the mask correlates neighbours.
    spectrum.forEach((p, s) => {
      expect(Math.abs(p / 2.5 - 1), `shell ${s}`).toBeLessThan(s < 3 ? 0.15 : 0.05);
    });
  });

  test("does not see what lies in the circle, nor mean and scale, which it takes out", () => {
    const [plain, busy] = [noiseSpectrum(plane), noiseSpectrum(plane)];
    for (const image of images.slice(0, 10)) {
      plain.add(background(image), kept);
      const disturbed = image.map((v, i) => (mask[i] === 0 ? 1e3 * random.normal() : 7 * v + 30));
      busy.add(background(disturbed, 30, 7), kept);
    }
    const [expected, found] = [plain.spectrum(), busy.spectrum()];
    found.forEach((p, s) => {
      expect(p / expected[s]!).toBeCloseTo(1, 5);
    });
  });

  test("of coloured noise follows its colour", () => {
    const colour = (k: number): number => 3 / (1 + (k / 6) ** 2);
    const noise = noiseSpectrum(plane);
    for (let i = 0; i < 300; i++) noise.add(background(colouredNoise(box, (k) => Math.sqrt(colour(k)), random)), kept);
    noise.spectrum().forEach((p, s) => {
      // The mask blurs the spectrum by about a shell; DC takes the value of shell 1.
      if (s > 1) expect(Math.abs(p / colour(s) - 1), `shell ${s}`).toBeLessThan(0.1);
    });
  });
});

describe("the background", () => {
  test("is every pixel outside the circle around pixel box/2", () => {
    const small = backgroundMask(8, 2);
    const inside = [...small.keys()].filter((i) => small[i] === 0).map((i) => [i % 8, Math.floor(i / 8)]);
    expect(inside).toHaveLength(13); // points of the disc of radius 2
    expect(inside).toContainEqual([4, 4]);
    expect(inside).toContainEqual([6, 4]);
    expect(inside).not.toContainEqual([7, 4]);
  });

  test("has the mean and deviation of its pixels alone", () => {
    const pixels = Float32Array.of(100, 1, 2, 3, 4, -100);
    const { mean, deviation } = maskedMoments(pixels, Float32Array.of(0, 1, 1, 1, 1, 0));
    expect(mean).toBe(2.5);
    expect(deviation).toBeCloseTo(Math.sqrt(1.25), 12);
  });
});
