import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { sliceInto } from "../../../src/imaging/fourier-raster.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { createRasterPool } from "../../../src/imaging/raster-pool.js";
import { volumeFromRaster } from "../../../src/imaging/raster-volume.js";
import { type PosedRows, wienerRaster, withinSphere } from "../../../src/imaging/wiener-raster.js";
import { correlation } from "../../support/compare.js";
import { crab } from "../../support/known-beads.js";
import { knownRow, titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const grid = { box: 32, pixelSizeAngstrom: 6 };
const model = beadModel(crab, 0, 6);
const random = seededRandom(4);
const rotations = Array.from({ length: 700 }, () => randomRotation(random));
const shifts = rotations.map(() => [random.normal() * 8, random.normal() * 8] as const);
const contrast = rotations.map(() => titan(10000 + 12000 * random.uniform()));
const rows = rotations.map((rotation, i) =>
  knownRow({ model, rotation, shiftAngstrom: shifts[i]!, contrast: contrast[i]! }, grid, 40, random),
);
const set = writePrepared(folder("posed"), {
  ...grid,
  rows,
  contrast,
  signalEnvelope: new Float32Array(16).fill(10),
});
const reader = openPrepared(set);

function posed(images: readonly number[]): PosedRows {
  const poses = new Float32Array(9 * images.length);
  images.forEach((image, j) => {
    poses.set(rotations[image]!.slice(0, 6), 9 * j);
    poses[9 * j + 6] = shifts[image]![0] / grid.pixelSizeAngstrom;
    poses[9 * j + 7] = shifts[image]![1] / grid.pixelSizeAngstrom;
  });
  return { images, poses };
}
const all = Array.from({ length: rotations.length }, (_, i) => i);

describe("the Wiener raster of posed images", () => {
  const raster = wienerRaster(reader, posed(all.slice(0, 600)), 12);

  test("has the slices of the particle at poses it has not seen, in shape and in scale", () => {
    const points = reader.points(12);
    const slice = new Float32Array(2 * points);
    let [dot, found, expected] = [0, 0, 0];
    for (const i of all.slice(600)) {
      sliceInto(slice, raster, rotations[i]!, 0, reader.plane.kx, reader.plane.ky, points);
      const truth = knownRow({ model, rotation: rotations[i]!, shiftAngstrom: [0, 0] }, grid, 40);
      for (let q = 0; q < slice.length; q++) {
        dot += slice[q]! * truth[q]!;
        found += slice[q]! ** 2;
        expected += truth[q]! ** 2;
      }
    }
    expect(dot / Math.sqrt(found * expected)).toBeGreaterThan(0.98);
    expect(dot / expected).toBeGreaterThan(0.93);
    expect(dot / expected).toBeLessThan(1.03);
  });

  test("is the transform of a real map, nothing of it outside the particle's sphere", () => {
    const { size, values } = raster;
    let asymmetry = 0;
    for (let i = 0, j = values.length - 2; i < j; i += 2, j -= 2)
      asymmetry = Math.max(asymmetry, Math.abs(values[i]! - values[j]!), Math.abs(values[i + 1]! + values[j + 1]!));
    expect(asymmetry).toBe(0);
    expect(size ** 3 * 2).toBe(values.length);
    const volume = volumeFromRaster(raster, { ...grid, undoKernel: true });
    const truth = beadVolume(model, grid.box, grid.pixelSizeAngstrom);
    expect(correlation(volume.values, truth.values)).toBeGreaterThan(0.95);
    let outside = 0;
    let top = 0;
    volume.values.forEach((v, i) => {
      const at = [i % 32, Math.floor(i / 32) % 32, Math.floor(i / 1024)].map((c) => c - 16);
      top = Math.max(top, v);
      if (Math.hypot(...at) > 15) outside = Math.max(outside, Math.abs(v));
    });
    expect(outside).toBeLessThan(0.05 * top);
  });

  test("shrinks towards nothing where the envelope says there is little", () => {
    const faint = { ...set, signalEnvelope: new Float32Array(16).fill(0.01) };
    const shrunk = wienerRaster({ ...reader, set: faint }, posed(all.slice(0, 600)), 12);
    const size = (values: Float32Array): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
    expect(size(shrunk.values)).toBeLessThan(0.1 * size(raster.values));
  });
});

test("threads make the same rasters as this one, in the order asked", async () => {
  const groups = [posed(all.slice(0, 50)), posed(all.slice(50, 300)), posed([])];
  const pool = createRasterPool(set, 2);
  const rasters = await pool.rasters(groups, 9);
  await pool.dispose();
  groups.forEach((group, g) => {
    const alone = wienerRaster(reader, group, 9).values;
    expect(alone.every((v, i) => v === rasters[g]!.values[i])).toBe(true);
  });
  expect(rasters[2]!.values.every((v) => v === 0)).toBe(true);
});

test("a thread that fails says which task failed and why, and goes on", async () => {
  const pool = createRasterPool(set, 2);
  await expect(
    pool.rasters([posed(all.slice(0, 3)), { images: [99999], poses: new Float32Array(9) }], 9),
  ).rejects.toThrow(/back-projection thread: .*index.*99999/);
  expect(await pool.rasters([posed(all.slice(0, 3))], 9)).toHaveLength(1);
  await pool.dispose();
});

test("a soft sphere leaves the middle, halves the edge and empties the corners", () => {
  const ones = { kind: "volume" as const, box: 32, pixelSizeAngstrom: 2, values: new Float32Array(32 ** 3).fill(1) };
  const { values } = withinSphere(ones, 40);
  const along = (x: number): number => values[(16 * 32 + 16) * 32 + 16 + x]!;
  expect(along(0)).toBe(1);
  expect(along(8)).toBe(1);
  expect(along(10)).toBeCloseTo(0.5, 5);
  expect(along(12)).toBe(0);
  expect(values[0]).toBe(0);
});
