import { describe, expect, test } from "vitest";
import { rotationFromVector } from "../../../src/geometry/rotation.js";
import { beadModel, beadProjection } from "../../../src/imaging/bead-model.js";
import { transformImage } from "../../../src/imaging/fourier.js";
import { cleanImage, drawTruths, type Recipe, simulate } from "../../../src/imaging/simulate.js";
import { relativeError } from "../../support/compare.js";
import { crab } from "../../support/known-beads.js";

const recipe: Recipe = {
  name: "test",
  seed: 5,
  box: 24,
  pixelSizeAngstrom: 8,
  counts: [30, 50],
  species: [crab, { ...crab, name: "other", seed: 9 }],
  beadSigmaAngstrom: 8,
  snr: 0.3,
  shiftAngstrom: 20,
  optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
  defocusAngstrom: [10000, 25000],
  astigmatismAngstrom: 600,
};
const images = [...simulate(recipe)];
const clean = images.map(({ truth }) => cleanImage(recipe, truth));

function moments(values: Iterable<number>): { mean: number; variance: number } {
  let [n, sum, square] = [0, 0, 0];
  for (const v of values) {
    n++;
    sum += v;
    square += v * v;
  }
  return { mean: sum / n, variance: square / n - (sum / n) ** 2 };
}
function* pixelsOf(arrays: readonly Float32Array[]): Generator<number> {
  for (const array of arrays) yield* array;
}
const noise = images.map(({ pixels }, i) => pixels.map((v, p) => v - clean[i]![p]!));

describe("a simulated set", () => {
  test("holds as many images of each species as asked for, in a mixed order", () => {
    const species = images.map(({ truth }) => truth.species);
    expect(species.filter((s) => s === 0)).toHaveLength(30);
    expect(species.filter((s) => s === 1)).toHaveLength(50);
    expect(species.slice(0, 20)).toContain(0);
    expect(species.slice(0, 20)).toContain(1);
    expect(images.map(({ truth }) => truth)).toEqual(drawTruths(recipe));
  });

  test("is the same from the same recipe, another from another seed", () => {
    const again = [...simulate(recipe)];
    const bytes = (list: typeof images): string => JSON.stringify(list.map(({ pixels }) => Array.from(pixels)));
    expect(bytes(again) === bytes(images)).toBe(true);
    expect(bytes([...simulate({ ...recipe, seed: 6 })]) === bytes(images)).toBe(false);
  });

  test("has var(signal) / var(noise) = SNR over the whole box and set", () => {
    const ratio = moments(pixelsOf(clean)).variance / moments(pixelsOf(noise)).variance;
    expect(ratio / recipe.snr).toBeCloseTo(1, 1.3); // 46,080 pixels: 0.7 %
  });

  test("has white noise of the same strength in every image and at every frequency", () => {
    const overall = moments(pixelsOf(noise));
    expect(Math.abs(overall.mean)).toBeLessThan((4 * Math.sqrt(overall.variance)) / Math.sqrt(80 * 576));
    for (const image of noise) expect(Math.abs(moments(image).variance / overall.variance - 1)).toBeLessThan(0.25); // 4σ
    const shells = new Float64Array(12);
    const points = new Float64Array(12);
    for (const image of noise) {
      const { values } = transformImage(image, 24);
      for (let y = -11; y <= 11; y++)
        for (let x = -11; x <= 11; x++) {
          const shell = Math.round(Math.hypot(x, y));
          if (shell < 1 || shell > 11) continue;
          const at = 2 * (((y + 24) % 24) * 24 + ((x + 24) % 24));
          shells[shell]! += values[at]! ** 2 + values[at + 1]! ** 2;
          points[shell]! += 1;
        }
    }
    // Half of the points are independent, each with relative variance 1.
    for (let s = 1; s < 12; s++)
      expect(Math.abs(shells[s]! / points[s]! / overall.variance - 1)).toBeLessThan(4 * Math.sqrt(2 / points[s]!));
  });

  test("has conformations, shifts, defoci and rotations within their ranges", () => {
    const truths = drawTruths({ ...recipe, counts: [1000, 1000] });
    const inRange = (values: number[], low: number, high: number): void => {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...values)).toBeLessThanOrEqual(high);
      const { mean, variance } = moments(values);
      expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(0.04 * (high - low)); // 6 standard errors
      expect(variance / ((high - low) ** 2 / 12)).toBeCloseTo(1, 1); // uniform
    };
    inRange(
      truths.map((t) => t.z),
      -1,
      1,
    );
    inRange(
      truths.map((t) => t.shiftAngstrom[0]),
      -20,
      20,
    );
    inRange(
      truths.map((t) => t.shiftAngstrom[1]),
      -20,
      20,
    );
    inRange(
      truths.map(({ defocus: d }) => (d.uAngstrom + d.vAngstrom) / 2),
      10000,
      25000,
    );
    inRange(
      truths.map(({ defocus: d }) => d.uAngstrom - d.vAngstrom),
      0,
      600,
    );
    inRange(
      truths.map(({ defocus: d }) => d.angleRad),
      0,
      Math.PI,
    );
    for (const { optics } of truths) expect(optics).toEqual(recipe.optics);
  });

  test("is refused when the counts do not fit the species, or without a ratio", () => {
    expect(() => drawTruths({ ...recipe, counts: [10] })).toThrow("recipe.counts: expected 2 counts, got 10");
    expect(() => drawTruths({ ...recipe, snr: 0 })).toThrow(
      "recipe.snr: expected a positive ratio of variances, got 0",
    );
  });
});

test("an image without noise is the projection times the CTF", () => {
  const truth = {
    ...drawTruths(recipe)[0]!,
    rotation: rotationFromVector([0.4, -1, 0.7]),
    defocus: { uAngstrom: 12000, vAngstrom: 12000, angleRad: 0, phaseShiftRad: 0 },
    optics: { voltageKv: 300, sphericalAberrationMm: 0, amplitudeContrast: 0 },
  };
  const { values } = transformImage(cleanImage(recipe, truth), 24);
  const model = beadModel(recipe.species[truth.species]!, truth.z, 8);
  const projection = beadProjection(model, recipe, truth);
  for (let y = 0; y < 24; y++)
    for (let x = 0; x < 24; x++) {
      const s = Math.hypot(Math.min(x, 24 - x), Math.min(y, 24 - y)) / (24 * 8);
      const c = Math.sin(Math.PI * 0.0196875 * 12000 * s * s);
      const at = 2 * (24 * y + x);
      projection[at]! *= c;
      projection[at + 1]! *= c;
    }
  expect(relativeError(values, projection)).toBeLessThan(1e-3); // λ to five digits
});
