import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { createPoseSearch } from "../../../src/pose/search.js";
import { crab } from "../../support/known-beads.js";
import { knownRow, titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const grid = { box: 24, pixelSizeAngstrom: 8 };
const image = {
  model: beadModel(crab, 0, 8),
  rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  shiftAngstrom: [0, 0],
  contrast: titan(15000),
} as const;
const rows = [knownRow(image, grid, 5)];
const reader = openPrepared(writePrepared(folder("one"), { ...grid, rows, contrast: [image.contrast] }));
afterAll(() => reader.close());

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of buffers still held. A collection frees them on another thread, later: the least of several looks counts. */
async function heldBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 20; look++) {
    collectGarbage();
    await setTimeout(20);
    least = Math.min(least, process.memoryUsage().arrayBuffers);
  }
  return least;
}

test("references that are replaced are let go of, whatever the radius", async () => {
  const raster = rasterFromVolume(beadVolume(image.model, 24, 8), 10);
  const search = createPoseSearch(reader);
  const rounds = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) {
      const radius = 6 + (i % 2);
      const plan = { order: 1, coarseRadius: radius, radius, shiftRangePixels: 1, shiftStepPixels: 1, levels: 0 };
      await search.setReferences([raster], { ...plan, localLevels: 1, localSpacingRad: 0.1, keep: 2, temperature: 0 });
      await search.search(Int32Array.of(0), seededRandom(1));
    }
    return heldBytes();
  };
  const before = await rounds(4);
  const after = await rounds(40);
  await search.dispose();
  expect((after - before) / 1e6).toBeLessThan(1);
});
