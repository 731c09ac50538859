/** @file Real particles through the command line, and RELION's word on what comes out (issue 2). */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readVolume } from "../../src/io/mrc.js";
import { parseStar } from "../../src/io/star.js";
import { textColumns } from "../../src/io/star-table.js";
import { filteredMap } from "../../src/metrics/map-filter.js";
import { cropToBox } from "../../src/metrics/volume-spectrum.js";
import { correlation } from "../support/compare.js";
import { hasRelion, run } from "../support/other-programs.js";
import { hasSharedData, sharedData } from "../support/shared-data.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const cli = fileURLToPath(new URL("../../dist/run/cli.js", import.meta.url));
const BOX = 32;
const RADIUS_PIXELS = 12; // apoferritin is 125 Å wide, the pixels 6 Å
const LOW_PASS_SHELL = 6; // 192 Å / 6 = 32 Å

/** The densities inside the particle's sphere, up to `LOW_PASS_SHELL` and without DC. */
function lowPassedInside(path: string): Float32Array {
  const { values } = filteredMap(cropToBox(readVolume(path), BOX), (k) => (k > 0 && k <= LOW_PASS_SHELL ? 1 : 0));
  const place = (i: number): number[] => [i % BOX, Math.floor(i / BOX) % BOX, Math.floor(i / BOX ** 2)];
  return values.filter((_, i) => Math.hypot(...place(i).map((x) => x - BOX / 2)) < RADIUS_PIXELS);
}

test.skipIf(!hasSharedData || !hasRelion)(
  "apoferritin: the list gains columns and nothing else, RELION reads it, and its map is ours",
  async () => {
    const input = sharedData("derived_real", "apoferritin10146_dev.star");
    const options = ["--classes", "1", "--zdim", "0", "--box", String(BOX), "--passes", "6", "--diameter", "140"];
    await promisify(execFile)(process.execPath, [cli, "reconstruct", input, "--out", folder("run"), ...options]);

    const [before, after] = [input, folder("run", "particles.star")].map((path) =>
      parseStar(readFileSync(path, "utf8")),
    );
    expect(after!.blocks.map(({ name }) => name)).toEqual(before!.blocks.map(({ name }) => name));
    const filled: string[] = [];
    for (const [b, block] of before!.blocks.entries()) {
      const [was, is] = [block.table!, after!.blocks[b]!.table!];
      expect(is.labels.slice(0, was.labels.length)).toEqual(was.labels);
      expect(textColumns(is, was.labels)).toEqual(textColumns(was, was.labels));
      filled.push(...is.labels.slice(was.labels.length));
    }
    expect(filled).toEqual([
      ...["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginXAngst", "rlnOriginYAngst"],
      ...["rlnClassNumber", "rlnMaxValueProbDistribution"],
    ]);

    const args = ["--i", folder("run", "particles.star"), "--o", folder("relion.mrc"), "--ctf"];
    run("relion_reconstruct", args, sharedData("derived_real"));
    // 0.93–0.98 by seed; with the same poses dealt to other images, RELION's map gives 0.55.
    const ours = lowPassedInside(folder("run", "class_001.mrc"));
    expect(correlation(ours, lowPassedInside(folder("relion.mrc")))).toBeGreaterThan(0.9);
    expect(JSON.parse(readFileSync(folder("run", "run.json"), "utf8")).contrast).toMatchObject({
      dataSign: 1,
      detected: 1,
    });
  },
  300_000, // ten seconds of work, on a machine that may have none to spare
);
