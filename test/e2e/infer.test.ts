import { existsSync, readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { readStar } from "../../src/io/star.js";
import { infer } from "../../src/run/infer-run.js";
import { openRun } from "../../src/run/open-run.js";
import { reconstruct } from "../../src/run/reconstruction.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const { particles } = simulateFiles(tinyRecipe(40), { out: at("data") });
/** The same species on another day: other images, finer pixels, of which no even number makes the width of the run (288 Å). */
const later = simulateFiles(tinyRecipe(24, { seed: 77, box: 44, pixelSizeAngstrom: 6.05 }), { out: at("later") });

beforeAll(async () => {
  await reconstruct(particles, { out: at("run"), classes: 2, box: 24, passes: 2, batch: 20, seed: 5, threads: 1 });
});

test("new particles of another box and pixel size end as a run that reads like any other", async () => {
  const options = { out: at("new"), refine: "local", visits: 64, threads: 1 } as const;
  const found = await infer(at("run"), later.particles, options);
  expect(existsSync(at("run", "encoder.safetensors"))).toBe(true);
  expect(found.manifest.status).toBe("done");
  const { keys, K, zDim, assignments } = openRun(at("new")).particles();
  expect([keys.length, K, zDim]).toEqual([24, 2, 1]);
  for (const name of ["posterior", "z", "evidence"] as const)
    expect(Array.from(assignments[name]).every(Number.isFinite), name).toBe(true);
  expect(readStar(found.starPath).blocks.map(({ name }) => name)).toContain("particles");
  expect(found.volumes().length).toBe(2);
  const doubts = readFileSync(at("new", "doubts.csv"), "utf8").trim().split("\n");
  expect(doubts[0]).toBe("key,index,pose,species,unlike");
  expect(doubts.length).toBe(25);
});

test("particles that do not fit the run are refused and leave no folder", async () => {
  const coarse = simulateFiles(tinyRecipe(6, { box: 20, pixelSizeAngstrom: 14.4 }), { out: at("coarse") });
  const refused = infer(at("run"), coarse.particles, { out: at("no"), visits: 64, threads: 1 });
  await expect(refused).rejects.toThrow(/expected pixels of at most 12 Å, as in the run, got 14\.4 Å; extract/);
  expect(existsSync(at("no"))).toBe(false);
});
