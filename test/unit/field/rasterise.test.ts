import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { decodeVolume } from "../../../src/field/decode.js";
import { createFieldEvaluator } from "../../../src/field/evaluator.js";
import { initialiseField } from "../../../src/field/field.js";
import { rasterise } from "../../../src/field/rasterise.js";
import { transformImage } from "../../../src/imaging/fourier.js";
import { relativeError } from "../../support/compare.js";
import { fieldOfPoints } from "../../support/known-fields.js";

const z = new Float32Array(0);
const [box, radius, oversampling] = [16, 5, 2];

describe("rasterise", () => {
  test("holds the complex transform of a point, exp(−2πi k·p), at each lattice point of the ball", async () => {
    const p = [2, -1, 3] as const;
    const field = fieldOfPoints([p]);
    const evaluator = await createFieldEvaluator(field.config, { points: 256 });
    const { size, values } = await rasterise(evaluator, field, { box, radius, z });
    const half = (size - 1) / 2;
    let judged = 0;
    for (let c = -half; c <= half; c++)
      for (let b = -half; b <= half; b++)
        for (let a = -half; a <= half; a++) {
          if (Math.hypot(a, b, c) > radius * oversampling) continue;
          judged++;
          const at = 2 * (((c + half) * size + b + half) * size + a + half);
          const phase = (2 * Math.PI * (a * p[0] + b * p[1] + c * p[2])) / (box * oversampling);
          expect(values[at]).toBeCloseTo(Math.cos(phase), 4);
          expect(values[at + 1]).toBeCloseTo(-Math.sin(phase), 4);
        }
    expect(judged).toBe(4169); // lattice points in a ball of radius 10 (OEIS A000605)
  });

  test("fills every cell that the ball touches and nothing far outside", async () => {
    const field = fieldOfPoints([[0, 0, 0]]); // 1 everywhere
    const evaluator = await createFieldEvaluator(field.config, { points: 1024 });
    const { size, values } = await rasterise(evaluator, field, { box, radius: 4.3, z });
    const half = (size - 1) / 2;
    const filled = (a: number, b: number, c: number): boolean =>
      values[2 * (((c + half) * size + b + half) * size + a + half)] !== 0;
    const random = seededRandom(8);
    for (let i = 0; i < 2000; i++) {
      const v = [random.normal(), random.normal(), random.normal()];
      const scale = (4.3 * oversampling * Math.cbrt(random.uniform())) / Math.hypot(...v);
      const [x, y, w] = v.map((n) => Math.floor(n * scale)) as [number, number, number];
      for (let corner = 0; corner < 8; corner++)
        expect(filled(x + (corner & 1), y + ((corner >> 1) & 1), w + (corner >> 2))).toBe(true);
    }
    const limit = 4.3 * oversampling + Math.sqrt(3);
    for (let c = -half; c <= half; c++)
      for (let b = -half; b <= half; b++)
        for (let a = -half; a <= half; a++) if (Math.hypot(a, b, c) > limit) expect(filled(a, b, c)).toBe(false);
  });

  test("multiplies by the envelope, linear between shells, constant beyond the last", async () => {
    const field = fieldOfPoints([[0, 0, 0]]);
    const evaluator = await createFieldEvaluator(field.config, { points: 1024 });
    const envelope = Float32Array.of(1, 0.5, 0.3);
    const { size, values } = await rasterise(evaluator, field, { box, radius, z, envelope });
    const half = (size - 1) / 2;
    const alongX = (a: number): number => values[2 * ((half * size + half) * size + half + a)]!;
    [1, 0.75, 0.5, 0.4, 0.3, 0.3, 0.3].forEach((gain, a) => {
      expect(alongX(a)).toBeCloseTo(gain, 5);
      expect(alongX(-a)).toBeCloseTo(gain, 5);
    });
  });

  test("is Hermitian whatever the weights", async () => {
    const config = { zDim: 1, frequencies: 8, width: 16, depth: 1, supportPixels: 5 };
    const field = initialiseField(config, seededRandom(1));
    const evaluator = await createFieldEvaluator(config, { points: 512 });
    const { values } = await rasterise(evaluator, field, { box, radius, z: Float32Array.of(0.7) });
    for (let i = 0, j = values.length - 2; i < values.length; i += 2, j -= 2) {
      expect(values[i]).toBe(values[j]);
      expect(values[i + 1]! + values[j + 1]!).toBe(0);
    }
  });

  test.each([
    [{ radius: 9 }, "radius: expected a radius in (0, 8] Fourier pixels, got 9"],
    [{ oversampling: 1.5 }, "oversampling: expected a positive integer, got 1.5"],
    [{ z: new Float32Array(1) }, "z: expected 0 numbers, got 1"],
    [{ envelope: new Float32Array(0) }, "envelope: expected at least one gain, got 0"],
  ])("refuses %j", async (change, message) => {
    const field = fieldOfPoints([[0, 0, 0]]);
    const evaluator = await createFieldEvaluator(field.config, { points: 64 });
    await expect(rasterise(evaluator, field, { box, radius, z, ...change })).rejects.toThrow(message);
  });
});

describe("decodeVolume", () => {
  const p = [2, -3, 4] as const;

  test("puts a point of the field at its voxel, origin at box/2", async () => {
    const field = fieldOfPoints([p]);
    const evaluator = await createFieldEvaluator(field.config, { points: 1024 });
    const volume = await decodeVolume(evaluator, field, { box, radius: 7, z, pixelSizeAngstrom: 2.5 });
    expect([volume.box, volume.pixelSizeAngstrom]).toEqual([box, 2.5]);
    const at = ((p[2] + box / 2) * box + p[1] + box / 2) * box + p[0] + box / 2;
    const peak = volume.values[at]!;
    expect(volume.values.every((v, i) => i === at || v < 0.5 * peak)).toBe(true);
    // Every coefficient of the ball adds 1 at the peak: box^(−3/2) · box^(−1/2) · points in the ball of radius 7.
    expect(peak).toBeCloseTo(1419 / box ** 2, 4);
  });

  test("has projections whose transforms are the field's central slices", async () => {
    const config = { zDim: 0, frequencies: 8, width: 16, depth: 1, supportPixels: 4 };
    const field = initialiseField(config, seededRandom(1));
    const evaluator = await createFieldEvaluator(config, { points: 1024 });
    const { values } = await decodeVolume(evaluator, field, { box, radius: 6, z, pixelSizeAngstrom: 1 });
    const image = new Float32Array(box * box);
    for (let i = 0; i < values.length; i++) image[i % (box * box)]! += values[i]!;
    const transform = transformImage(image, box).values;
    const [found, k]: [number[], number[]] = [[], []];
    for (let y = -6; y <= 6; y++)
      for (let x = -6; x <= 6; x++) {
        if (x * x + y * y > 36) continue;
        const at = 2 * (((y + box) % box) * box + ((x + box) % box));
        found.push(transform[at]! - transform[at + 1]!);
        k.push(x / box, y / box, 0);
      }
    expect(found.length).toBe(113);
    expect(relativeError(found, await evaluator.values(field, Float32Array.from(k), z))).toBeLessThan(1e-5);
  });
});
