import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import type { SearchPlan } from "../../../src/pose/plan.js";
import type { SearchResult } from "../../../src/pose/search.js";
import { createSearchPool } from "../../../src/pose/search-pool.js";
import { prepareSetup, type Setup } from "../../../src/pose/search-setup.js";
import { crab } from "../../support/known-beads.js";
import { knownRow, titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const grid = { box: 24, pixelSizeAngstrom: 8 };
const model = beadModel(crab, 0, 8);
const random = seededRandom(2);
const rows = Array.from({ length: 75 }, () =>
  knownRow({ model, rotation: randomRotation(random), shiftAngstrom: [0, 0], contrast: titan(15000) }, grid, 3, random),
);
const set = writePrepared(folder("set"), { ...grid, rows, contrast: rows.map(() => titan(15000)) });
const rasters = [0, 1].map((z) => rasterFromVolume(beadVolume(beadModel(crab, z, 8), 24, 8), 8));
const plan: SearchPlan = {
  order: 1,
  coarseRadius: 6,
  radius: 8,
  shiftRangePixels: 1,
  shiftStepPixels: 1,
  levels: 2,
  localLevels: 2,
  localSpacingRad: 0.1,
  keep: 3,
  temperature: 2,
};
const images = Int32Array.from(rows, (_, i) => (i * 31) % 75);

async function twoBatches(threads: number): Promise<SearchResult[]> {
  const pool = createSearchPool(set, threads);
  const own = seededRandom(7);
  await pool.setReferences(rasters, plan);
  const first = await pool.search(images, own);
  await pool.setReferences(rasters.toReversed(), { ...plan, temperature: 0 });
  const second = await pool.search(images.slice(0, 20), own, first.poses.slice(0, 20 * 2 * 3 * 9));
  await pool.dispose();
  return [first, second];
}

test("one thread takes new references into the memory of the old ones", async () => {
  const reader = openPrepared(set);
  const first = await prepareSetup(reader, rasters, plan, 0, undefined);
  const second = await prepareSetup(reader, rasters.toReversed(), plan, 0, first);
  const memories = ({ rasters }: Setup): unknown[] => rasters.map(({ memory }) => memory);
  expect(new Set(memories(first)).size).toBe(2);
  memories(second).forEach((memory, k) => {
    expect(memory).toBe(memories(first)[k]);
  });
  expect(second.rasters[0]!.values).toEqual(rasters[1]!.values);
  await second.scores.dispose();
  reader.close();
});

// Threads run the built worker.
const isBuilt = existsSync(new URL("../../../dist/pose/search-worker.js", import.meta.url));

describe.skipIf(!isBuilt)("the pose search on threads", () => {
  test("finds exactly the same poses on one thread, two and three", async () => {
    const one = await twoBatches(1);
    expect(one[0]!.evidence).toHaveLength(150);
    expect(one[0]!.evidence.every(Number.isFinite)).toBe(true);
    for (const threads of [2, 3]) {
      const many = await twoBatches(threads);
      for (const batch of [0, 1]) {
        expect(many[batch]!.evidence).toEqual(one[batch]!.evidence);
        expect(many[batch]!.poses).toEqual(one[batch]!.poses);
      }
    }
  });

  test("hands on what goes wrong in a thread", async () => {
    const pool = createSearchPool(set, 2);
    await expect(pool.setReferences(rasters, { ...plan, radius: 9 })).rejects.toThrow(
      "pose search thread: raster.radius: expected at least 9, got 8",
    );
    await pool.setReferences(rasters, plan);
    await expect(pool.search(Int32Array.of(80), seededRandom(1))).rejects.toThrow("index: expected 0 to 74, got 80");
    await pool.dispose();
  });

  test("fails, and does not wait for ever, when its threads end while they search or before", async () => {
    const pool = createSearchPool(set, 2);
    await pool.setReferences(rasters, plan);
    const search = pool.search(images, seededRandom(1));
    const failure = expect(search).rejects.toThrow("pose search thread: the thread ended with code 1");
    await pool.dispose();
    await failure;
    await expect(pool.search(images, seededRandom(1))).rejects.toThrow("pose search thread: the thread ended");
  });
});

test.each([0, 1.5])("%f threads are refused", (threads) => {
  expect(() => createSearchPool(set, threads)).toThrow(`threads: expected a positive integer, got ${threads}`);
});
