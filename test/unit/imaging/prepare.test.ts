import { existsSync, readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { type Matrix3, randomRotation } from "../../../src/geometry/rotation.js";
import { beadModel, beadProjection } from "../../../src/imaging/bead-model.js";
import { imageFromTransform } from "../../../src/imaging/fourier.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { contrastOf } from "../../../src/imaging/image-contrast.js";
import { type PreparedParticles, prepare } from "../../../src/imaging/prepare.js";
import { ctf } from "../../../src/optics/ctf.js";
import { colouredNoise } from "../../support/coloured-noise.js";
import { relativeError } from "../../support/compare.js";
import { crab } from "../../support/known-beads.js";
import { memorySource } from "../../support/memory-source.js";
import { simulatedSource } from "../../support/simulated-source.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const box = 32;
const rowsOf = ({ file }: PreparedParticles): Float32Array => {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};
function noiseImages(count: number, gain: (k: number) => number): Float32Array[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, () => colouredNoise(box, gain, random));
}

describe("whitened noise", () => {
  test.each([
    ["white", () => 5],
    ["coloured", (k: number) => 4 / Math.sqrt(1 + (k / 6) ** 2)],
  ])("of %s images has mean 0 and variance 1 in Re and in Im, at every shell", async (name, gain) => {
    const images = noiseImages(400, gain).map((image) => image.map((v) => v + 20));
    const set = await prepare(memorySource(images), folder(name));
    const rows = rowsOf(set);
    const plane = halfPlane(box);
    expect(rows).toHaveLength(400 * 2 * plane.count);
    for (const part of [0, 1]) {
      const [mean, square, points] = [0, 0, 0].map(() => new Float64Array(box / 2));
      for (let i = 0; i < 400; i++)
        for (let p = 0; p < plane.count; p++) {
          const v = rows[2 * (i * plane.count + p) + part]!;
          const shell = plane.shell[p]!;
          mean![shell]! += v;
          square![shell]! += v * v;
          points![shell]! += 1;
        }
      for (let s = 1; s < box / 2; s++) {
        // Shells 1 and 2 hold few numbers, and the mask in real space blurs a steep spectrum by about a shell.
        const bound = s < 3 ? 0.2 : 0.06;
        expect(Math.abs(square![s]! / points![s]! - 1), `variance of part ${part}, shell ${s}`).toBeLessThan(bound);
        expect(Math.abs(mean![s]! / points![s]!), `mean of part ${part}, shell ${s}`).toBeLessThan(bound);
      }
    }
  });
});

/** Beads at random poses, and their rows of true coefficients: √(mean |S|²/2) per shell. */
function beadImages(count: number, noise: number): { images: Float32Array[]; expected: Float64Array } {
  const random = seededRandom(7);
  const model = beadModel(crab, 0, 5);
  const plane = halfPlane(box);
  const power = new Float64Array(box / 2);
  const points = new Float64Array(box / 2);
  const images = Array.from({ length: count }, () => {
    const rotation: Matrix3 = randomRotation(random);
    const values = beadProjection(model, { box, pixelSizeAngstrom: 6 }, { rotation, shiftAngstrom: [0, 0] });
    for (let p = 0; p < plane.count; p++) {
      const at = 2 * (((plane.ky[p]! + box) % box) * box + plane.kx[p]!);
      power[plane.shell[p]!]! += values[at]! ** 2 + values[at + 1]! ** 2;
      points[plane.shell[p]!]! += 1;
    }
    const image = imageFromTransform({ kind: "fourier-array", side: box, rank: 2, values });
    return image.map((v) => v + noise * random.normal());
  });
  return { images, expected: power.map((total, s) => Math.sqrt(total / points[s]! / 2)) };
}

/** Mean square of the window of a box of 32. */
function windowPower(): number {
  let sum = 0;
  for (let y = 0; y < box; y++)
    for (let x = 0; x < box; x++)
      sum += Math.max(0, Math.min(1, 1 - (Math.hypot(x - 16, y - 16) / 16 - 0.85) / 0.14)) ** 2;
  return sum / box ** 2;
}

describe("the measured signal", () => {
  const noise = 0.05;
  const { images, expected } = beadImages(300, noise);
  // The window weakens the noise but not the particle: σ of Re and of Im is noise · √(⟨w²⟩ / 2).

  test("of a known set is its r.m.s. per shell in units of the noise", async () => {
    const set = await prepare(memorySource(images, 6), folder("signal"), { diameterAngstrom: 150 });
    const sigma = noise * Math.sqrt(windowPower() / 2);
    let judged = 0;
    for (let s = 1; s < box / 2; s++) {
      const want = expected[s]! / sigma;
      if (want < 0.3) continue; // lost in the noise
      judged++;
      expect(Math.abs(set.signalEnvelope[s]! / want - 1), `shell ${s}`).toBeLessThan(0.1);
    }
    expect(judged).toBeGreaterThan(7);
    expect(set.signalEnvelope[0]).toBe(set.signalEnvelope[1]);
    expect(set.signalEnvelope.every((v) => v > 0)).toBe(true);
  });

  test("does not depend on the CTF that the images went through", async () => {
    const recipe = {
      name: "enveloped",
      seed: 3,
      box,
      pixelSizeAngstrom: 6,
      counts: [300],
      species: [{ ...crab, hinge: { ...crab.hinge, angleDeg: 0 } }],
      beadSigmaAngstrom: 5,
      snr: 1,
      shiftAngstrom: 0,
      optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
      defocusAngstrom: [10000, 25000] as const,
      astigmatismAngstrom: 0,
    };
    const set = await prepare(simulatedSource(recipe).source, folder("ctf"), { diameterAngstrom: 150 });
    // In the recipe's own units; the shape is compared, so the noise drops out.
    const ratio = Array.from(set.signalEnvelope.subarray(2, 8), (v, i) => v / expected[i + 2]!);
    const mean = ratio.reduce((a, b) => a + b, 0) / ratio.length;
    for (const r of ratio) expect(Math.abs(r / mean - 1)).toBeLessThan(0.2);
  });
});

describe("a working set", () => {
  const images = beadImages(20, 0.1).images;
  let whole: PreparedParticles;
  beforeAll(async () => {
    whole = await prepare(memorySource(images, 6), folder("whole"));
  });

  test("describes itself", async () => {
    expect(whole).toMatchObject({
      kind: "prepared-particles",
      count: 20,
      box: 32,
      pixelSizeAngstrom: 6,
      dataSign: 1,
      points: halfPlane(32).count,
    });
    expect(whole.diameterAngstrom).toBeCloseTo(0.7 * 32 * 6, 9);
    expect(whole.windowPower).toBeCloseTo(windowPower(), 6);
    expect(whole.keys[3]).toBe("4@memory");
    expect(structuredClone(whole)).toEqual(whole); // so that it can be sent to a thread
  });

  test("of a smaller box is the prefix of the larger one's rows, its pixels larger", async () => {
    const cropped = await prepare(memorySource(images, 6), folder("cropped"), { box: 24, diameterAngstrom: 134.4 });
    expect(cropped.pixelSizeAngstrom).toBe(8);
    const [small, large] = [rowsOf(cropped), rowsOf(whole)];
    for (let i = 0; i < 20; i++) {
      const row = small.subarray(2 * i * cropped.points, 2 * (i + 1) * cropped.points);
      const from = 2 * i * whole.points;
      expect(relativeError(row, large.subarray(from, from + row.length))).toBeLessThan(1e-3); // the last shell is smoothed less
    }
  });

  test("does not change with the scale and offset of the images", async () => {
    const other = images.map((image) => image.map((v) => 300 * v + 1000));
    const set = await prepare(memorySource(other, 6), folder("scaled"));
    expect(relativeError(rowsOf(set), rowsOf(whole))).toBeLessThan(1e-3); // float32 pixels near 1000
  });

  test("of dark particles with data sign −1 is that of bright ones", async () => {
    const dark = images.map((image) => image.map((v) => -v));
    const set = await prepare(memorySource(dark, 6), folder("dark"), { dataSign: -1 });
    expect(set.dataSign).toBe(-1);
    expect(relativeError(rowsOf(set), rowsOf(whole))).toBe(0);
  });

  test("keeps the CTF of every image, or that there is none", async () => {
    expect(contrastOf(whole.contrast, 2)).toBeUndefined();
    const source = {
      ...memorySource(images, 6),
      hasCtf: true,
      optics: (i: number) => ({ voltageKv: 200 + i, sphericalAberrationMm: 2, amplitudeContrast: 0.07 }),
      defocus: (i: number) => ({ uAngstrom: 1e4 + i, vAngstrom: 9e3, angleRad: 0.3, phaseShiftRad: 1.5 }),
    };
    const kept = contrastOf((await prepare(source, folder("optics"))).contrast, 2)!;
    expect(kept).toEqual({ optics: source.optics(2), defocus: source.defocus(2) });
    expect(ctf(kept.optics, kept.defocus)(0, 0)).toBeCloseTo(Math.sin(1.5 + Math.asin(0.07)), 12);
  });

  test("reports progress up to 1", async () => {
    const seen: number[] = [];
    await prepare(memorySource(images, 6), folder("progress"), { onProgress: ({ fraction }) => seen.push(fraction) });
    expect(seen).toEqual([0, 1]);
  });
});

describe("a set is refused", () => {
  const images = noiseImages(3, () => 1);
  const spoilt = (image: Float32Array): ReturnType<typeof memorySource> =>
    memorySource([images[0]!, image, images[2]!]);

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("when a pixel is %f, by the name of the image", async (value) => {
    for (const place of [0, 16 * box + 16]) {
      const bad = images[1]!.slice();
      bad[place] = value;
      await expect(prepare(spoilt(bad), folder("nan"))).rejects.toThrow(
        "memory, image 2 (2@memory): expected finite pixels that vary, got NaN or infinite pixels; remove that particle",
      );
    }
  });

  test.each([0, 0.1, 1000, -3.3e7])("when an image is %f everywhere", async (value) => {
    await expect(prepare(spoilt(new Float32Array(box * box).fill(value)), folder("flat"))).rejects.toThrow(
      "image 2 (2@memory): expected finite pixels that vary, got the same value in every background pixel",
    );
  });

  test("when the box is odd, too large or too small, or there is no image", async () => {
    for (const asked of [15, 34, 8])
      await expect(prepare(memorySource(images), folder("box"), { box: asked })).rejects.toThrow(
        `box: expected an even side from 16 to 32 pixels, got ${asked}`,
      );
    await expect(prepare({ ...memorySource(images), count: 0 }, folder("empty"))).rejects.toThrow(
      "memory: expected at least one image, got 0",
    );
  });

  test("when the particle leaves no background", async () => {
    await expect(prepare(memorySource(images), folder("wide"), { diameterAngstrom: 190 })).rejects.toThrow(
      "particle diameter",
    );
  });
});

test("nothing is left in the folder when it is cancelled or an image is bad, nor is an older file changed", async () => {
  const images = noiseImages(3, () => 1);
  const before = readdirSync(folder()).sort();
  const aborted = AbortSignal.abort();
  await expect(prepare(memorySource(images), folder("stopped"), { signal: aborted })).rejects.toThrow("stopped");
  expect(existsSync(folder("stopped"))).toBe(false);
  const old = readFileSync(folder("whole"));
  await expect(prepare(memorySource(images), folder("whole"), { signal: aborted })).rejects.toThrow("stopped");
  expect(readFileSync(folder("whole")).equals(old)).toBe(true);
  expect(readdirSync(folder()).sort()).toEqual(before);
});
