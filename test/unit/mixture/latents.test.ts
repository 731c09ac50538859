import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { contrastRow } from "../../../src/imaging/contrast-row.js";
import { type FourierRaster, rasterSize, sliceInto } from "../../../src/imaging/fourier-raster.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { anchors, updateLatents } from "../../../src/mixture/latents.js";
import { POSE_STRIDE } from "../../../src/pose/pose-row.js";
import { titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const [box, pixelSizeAngstrom, radius] = [16, 8, 6];
const plane = halfPlane(box);

/** A smooth Hermitian transform: a few random points, `strength` each. */
function randomRaster(seed: number, strength: number): FourierRaster {
  const random = seededRandom(seed);
  const size = rasterSize(radius, 2);
  const half = (size - 1) / 2;
  const points = Array.from({ length: 6 }, () => [random.normal(), random.normal(), random.normal(), random.normal()]);
  const values = new Float32Array(2 * size ** 3);
  for (let z = -half, i = 0; z <= half; z++)
    for (let y = -half; y <= half; y++)
      for (let x = -half; x <= half; x++, i += 2)
        for (const [a, b, c, w] of points) {
          const angle = (-2 * Math.PI * (x * a! + y * b! + z * c!)) / (2 * box);
          values[i]! += strength * w! * Math.cos(angle);
          values[i + 1]! += strength * w! * Math.sin(angle);
        }
  return { kind: "fourier-raster", radius, oversampling: 2, size, values };
}
const plus = (a: FourierRaster, b: FourierRaster, factor: number): FourierRaster => ({
  ...a,
  values: a.values.map((v, i) => v + factor * b.values[i]!),
});
const sliceOf = (raster: FourierRaster, pose: ArrayLike<number>): Float32Array => {
  const out = new Float32Array(2 * plane.count);
  const points = plane.shell.findIndex((s) => s > radius);
  sliceInto(out, raster, pose, 0, plane.kx, plane.ky, points);
  return out;
};

interface Made {
  readonly poses: Float32Array;
  readonly truth: Float32Array;
  /** Per image, Float32[points 2] of C · D_j. */
  readonly slopes: Float32Array[][];
  readonly rows: Float32Array[];
}

/** x = C · (S₀ + Σ z_j D_j) displaced by t, with or without noise of variance 1. */
function linearImages(
  count: number,
  rest: FourierRaster,
  D: readonly FourierRaster[],
  noise: boolean,
  z?: number[],
): Made {
  const random = seededRandom(4);
  const contrast = contrastRow(plane, pixelSizeAngstrom, titan(20000));
  const made: Made = {
    poses: new Float32Array(count * POSE_STRIDE),
    truth: Float32Array.from({ length: count * D.length }, (_, i) => z?.[i % z.length] ?? random.normal()),
    slopes: [],
    rows: [],
  };
  for (let i = 0; i < count; i++) {
    const [tx, ty] = [random.normal(), random.normal()];
    made.poses.set([...randomRotation(random).slice(0, 6), tx, ty, 0], i * POSE_STRIDE);
    const pose = made.poses.subarray(i * POSE_STRIDE);
    const S = sliceOf(rest, pose);
    const slopes = D.map((d) => sliceOf(d, pose));
    const row = new Float32Array(2 * plane.count);
    for (let p = 0; p < plane.count; p++) {
      const value = [0, 1].map((part) =>
        slopes.reduce((sum, d, j) => sum + made.truth[i * D.length + j]! * d[2 * p + part]!, S[2 * p + part]!),
      );
      const angle = (-2 * Math.PI * (plane.kx[p]! * pose[6]! + plane.ky[p]! * pose[7]!)) / box;
      const [c, s, g] = [Math.cos(angle), Math.sin(angle), contrast[p]!];
      row[2 * p] = g * (value[0]! * c - value[1]! * s) + (noise ? random.normal() : 0);
      row[2 * p + 1] = g * (value[0]! * s + value[1]! * c) + (noise ? random.normal() : 0);
    }
    made.rows.push(row);
    made.slopes.push(slopes.map((d) => d.map((v, q) => v * contrast[q >> 1]!)));
  }
  return made;
}

function estimate(name: string, made: Made, rasters: readonly FourierRaster[], zDim: number): Float32Array {
  const contrast = made.rows.map(() => titan(20000));
  const reader = openPrepared(writePrepared(folder(name), { box, pixelSizeAngstrom, rows: made.rows, contrast }));
  const z = new Float32Array(made.rows.length * zDim).fill(0.3); // what was there before does not matter
  updateLatents(reader, rasters, { images: made.rows.map((_, i) => i), poses: made.poses, z }, radius);
  reader.close();
  return z;
}
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, q) => sum + v * b[q]!, 0);

describe("conformations of images of a linear model", () => {
  const rest = randomRaster(1, 3);

  test("without noise are the true ones, drawn towards 0 by the prior: z · H / (1 + H)", () => {
    const D = randomRaster(2, 0.2);
    const made = linearImages(40, rest, [D], false);
    const found = estimate("shrunk", made, [rest, plus(rest, D, 1), plus(rest, D, -1)], 1);
    let [strongest, weakest] = [0, Infinity];
    for (let i = 0; i < 40; i++) {
      const H = dot(made.slopes[i]![0]!, made.slopes[i]![0]!);
      strongest = Math.max(strongest, H);
      weakest = Math.min(weakest, H);
      const want = Math.max(-2.5, Math.min(2.5, (made.truth[i]! * H) / (1 + H)));
      expect(Math.abs(found[i]! - want)).toBeLessThan(1e-2); // float32 poses and rasters
    }
    expect(weakest).toBeLessThan(10); // so that the prior shows
    expect(strongest).toBeGreaterThan(2);
  });

  test("on two axes are (1 + H)⁻¹ H z, the axes told apart", () => {
    const D = [randomRaster(2, 0.6), randomRaster(3, 0.4)];
    const made = linearImages(30, rest, D, false);
    const rasters = [rest, ...D.flatMap((d) => [plus(rest, d, 1), plus(rest, d, -1)])];
    const found = estimate("axes", made, rasters, 2);
    for (let i = 0; i < 30; i++) {
      const [a, b] = made.slopes[i] as [Float32Array, Float32Array];
      const [h11, h12, h22] = [dot(a, a), dot(a, b), dot(b, b)];
      const [u, v] = [made.truth[2 * i]!, made.truth[2 * i + 1]!];
      const [p, q] = [h11 * u + h12 * v, h12 * u + h22 * v];
      const determinant = (1 + h11) * (1 + h22) - h12 * h12;
      const want = [((1 + h22) * p - h12 * q) / determinant, ((1 + h11) * q - h12 * p) / determinant];
      want.forEach((w, j) => {
        expect(Math.abs(found[2 * i + j]! - Math.max(-2.5, Math.min(2.5, w)))).toBeLessThan(5e-3);
      });
    }
  });

  test("with noise scatter about the truth as their posterior says: (ẑ − z)² (1 + H) has mean 1", () => {
    const D = randomRaster(2, 0.2);
    const made = linearImages(800, rest, [D], true);
    const found = estimate("posterior", made, [rest, plus(rest, D, 1), plus(rest, D, -1)], 1);
    let [square, judged] = [0, 0];
    for (let i = 0; i < 800; i++) {
      if (Math.abs(found[i]!) > 2.4) continue; // clipped
      square += (found[i]! - made.truth[i]!) ** 2 * (1 + dot(made.slopes[i]![0]!, made.slopes[i]![0]!));
      judged++;
    }
    expect(judged).toBeGreaterThan(750);
    expect(Math.abs(square / judged - 1)).toBeLessThan(0.2); // 4 √(2/800)
  });

  test("follow motion that bends: each side has its own slope", () => {
    const [right, left] = [randomRaster(2, 4), randomRaster(5, 4)];
    const rasters = [rest, plus(rest, right, 1), plus(rest, left, -1)];
    const onRight = estimate("right", linearImages(20, rest, [right], false, [1.2]), rasters, 1);
    const onLeft = estimate("left", linearImages(20, rest, [left], false, [-1.2]), rasters, 1);
    for (let i = 0; i < 20; i++) {
      expect(Math.abs(onRight[i]! - 1.2)).toBeLessThan(0.1);
      expect(Math.abs(onLeft[i]! + 1.2)).toBeLessThan(0.1);
    }
  });

  test("stay within 2.5 deviations", () => {
    const D = randomRaster(2, 2);
    const made = linearImages(10, rest, [D], false, [6]);
    expect(estimate("reach", made, [rest, plus(rest, D, 1), plus(rest, D, -1)], 1)).toEqual(
      new Float32Array(10).fill(2.5),
    );
  });
});

describe("anchors", () => {
  test("are 0 and ±1 on every axis", () => {
    expect(anchors(0)).toEqual([new Float32Array(0)]);
    expect(anchors(2).map((a) => Array.from(a))).toEqual([
      [0, 0],
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]);
  });
});
