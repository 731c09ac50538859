import { afterAll, expect, test } from "vitest";
import { subspaceOf } from "../../../src/conformation/linear-subspace.js";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { type FourierRaster, rasterSize } from "../../../src/imaging/fourier-raster.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { subspaceSampler } from "../../../src/mixture/subspace-points.js";
import { envelopeAt } from "../../../src/mixture/training-points.js";
import { POSE_STRIDE } from "../../../src/pose/pose-row.js";
import { pointHartley } from "../../support/known-fields.js";
import { titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const [box, radius, oversampling] = [24, 6.3, 8];
const envelope = Float32Array.from({ length: 12 }, (_, s) => 3 / (1 + s * s));
const points = [
  [2, -1, 3],
  [-3, 2, 1],
  [1, 1, -2],
] as const;
const row = new Float32Array(2 * 400);
const set = writePrepared(folder("set"), {
  box,
  pixelSizeAngstrom: 6,
  rows: [row, row, row],
  contrast: [0, 1, 2].map((i) => titan(10000 + i)),
  signalEnvelope: envelope,
});
const reader = openPrepared(set);
afterAll(() => reader.close());

/** The transform of a point at `at` pixels from the middle. */
function pointRaster(at: readonly number[]): FourierRaster {
  const size = rasterSize(radius, oversampling);
  const values = new Float32Array(2 * size ** 3);
  for (let cell = 0; cell < size ** 3; cell++) {
    const k = [cell % size, Math.floor(cell / size) % size, Math.floor(cell / size ** 2)].map(
      (c) => c - (size - 1) / 2,
    );
    const angle = (-2 * Math.PI * k.reduce((sum, c, a) => sum + c * at[a]!, 0)) / (oversampling * box);
    values.set([Math.cos(angle), Math.sin(angle)], 2 * cell);
  }
  return { kind: "fourier-raster", radius, oversampling, size, values };
}

test("points say what mean and modes come to at the conformation of their pose, every shell in units of its envelope", () => {
  const random = seededRandom(1);
  const poses = new Float32Array(3 * POSE_STRIDE);
  for (let i = 0; i < 3; i++) poses.set(randomRotation(random).slice(0, 6), i * POSE_STRIDE);
  const z = Float32Array.of(0.5, -1, 2, 0.3, -0.7, 1.5);
  const draw = subspaceSampler(reader, subspaceOf(points.map(pointRaster)), 1000, 9);
  const batch = draw({ images: [0, 1, 2], poses, z }, random);
  let worst = 0;
  let farthest = 0;
  const seen = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    const k = batch.k.subarray(3 * i, 3 * i + 3);
    const [a, b] = [batch.z![2 * i]!, batch.z![2 * i + 1]!];
    const shell = box * Math.hypot(...k);
    const f = pointHartley(k, points[0]!) + a * pointHartley(k, points[1]!) + b * pointHartley(k, points[2]!);
    worst = Math.max(worst, Math.abs(batch.target[i]! * envelopeAt(envelope, shell) - f));
    farthest = Math.max(farthest, shell);
    seen.add(a);
  }
  expect(worst).toBeLessThan(0.02); // trilinear look-up
  expect(farthest).toBeLessThan(radius + 1e-3); // the subspace's, which is the smaller one
  expect(farthest).toBeGreaterThan(radius - 0.6);
  expect([...seen].sort()).toEqual([0.5, 2, z[4]!].sort());
  expect(batch.gain.every((gain) => gain === 1) && batch.weight.every((weight) => weight === 1)).toBe(true);
});
