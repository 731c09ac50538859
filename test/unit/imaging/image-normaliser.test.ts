import type * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { compile } from "../../../src/engine/compile.js";
import { imageWeights, normalised, unfitness } from "../../../src/imaging/image-normaliser.js";
import { relativeError } from "../../support/compare.js";

const n = 24;
const { window, mask } = imageWeights({ box: n, pixelSizeAngstrom: 2 }, 2 * n, 30);

async function normalise(
  images: readonly Float32Array[],
): Promise<Record<"mean" | "deviation" | "result", Float32Array>> {
  const program = await compile(
    (inputs) => {
      const pixels = inputs["images"] as tf.Tensor2D;
      return { ...normalised(pixels, { mask, weights: window }, (x) => x.reshape([x.shape[0], n, n])) };
    },
    { images: [images.length, n * n] },
    { threads: 1 },
  );
  const result = await program.run({ images: Float32Array.from(images.flatMap((image) => [...image])) });
  await program.dispose();
  return result as Awaited<ReturnType<typeof normalise>>;
}

/** In double precision: of the pixels where the mask is 1. */
function moments(image: Float32Array): { mean: number; deviation: number } {
  const background = [...image].filter((_, p) => mask[p] === 1);
  const mean = background.reduce((a, b) => a + b, 0) / background.length;
  return { mean, deviation: Math.sqrt(background.reduce((a, b) => a + (b - mean) ** 2, 0) / background.length) };
}

describe("a normalised image", () => {
  // The last two: raw counts, and a background that slopes.
  test.each([
    [0, 1, 0],
    [-3, 0.01, 0],
    [1000, 30, 0],
    [5, 1, 40],
  ])("of mean %d, deviation %d and slope %d has a background of mean 0 and deviation 1, and the window", async (mean, deviation, slope) => {
    const random = seededRandom(3);
    const images = [1, 2].map((k) =>
      Float32Array.from({ length: n * n }, (_, p) => k * (mean + slope * (p / n / n) + deviation * random.normal())),
    );
    const found = await normalise(images);
    images.forEach((image, i) => {
      const truth = moments(image);
      expect(Math.abs(found.mean[i]! - truth.mean)).toBeLessThan(1e-4 * truth.deviation);
      expect(found.deviation[i]! / truth.deviation).toBeCloseTo(1, 5);
      const expected = image.map((v, p) => ((v - truth.mean) / truth.deviation) * window[p]!);
      expect(relativeError(found.result.subarray(i * n * n, (i + 1) * n * n), expected)).toBeLessThan(2e-5);
    });
  });

  test.each([
    ["NaN in the corner", 0, Number.NaN, "NaN or infinite pixels"],
    ["NaN in the middle", (n / 2) * n + n / 2, Number.NaN, "NaN or infinite pixels"],
    ["an infinite pixel in the middle", (n / 2) * n + n / 2, Infinity, "NaN or infinite pixels"],
    ["a bright middle and nothing else", (n / 2) * n + n / 2, 5, "the same value in every background pixel"],
  ])("is unfit with %s, and spoils no other", async (_what, at, value, why) => {
    const random = seededRandom(4);
    const good = Float32Array.from({ length: n * n }, () => random.normal());
    const bad = why.startsWith("NaN") ? good.slice() : new Float32Array(n * n).fill(1234.5678);
    bad[at] = value;
    const { mean, deviation } = await normalise([good, bad]);
    expect(unfitness(mean[1]!, deviation[1]!)).toBe(why);
    expect(unfitness(mean[0]!, deviation[0]!)).toBeUndefined();
  });
});
