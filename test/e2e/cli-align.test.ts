import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { geodesicRad, rotationAt } from "../../src/geometry/rotation.js";
import { beadModel, beadVolume } from "../../src/imaging/bead-model.js";
import { writeVolume } from "../../src/io/mrc.js";
import { readStar } from "../../src/io/star.js";
import { readPoses } from "../../src/io/star-poses.js";
import { median } from "../../src/metrics/quantile.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const cli = fileURLToPath(new URL("../../dist/run/cli.js", import.meta.url));

function iolaus(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: at() }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

test("particles aligned to a map get the poses they were made with, columns of the input kept", async () => {
  const recipe = tinyRecipe(12);
  const one = { ...recipe, counts: [12], species: recipe.species.slice(0, 1), snr: 2 };
  const { particles, truth } = simulateFiles(one, { out: at("data") });
  const { box, pixelSizeAngstrom } = one;
  writeVolume(at("map.mrc"), beadVolume(beadModel(one.species[0]!, 0, one.beadSigmaAngstrom), box, pixelSizeAngstrom));
  const { code, out, err } = await iolaus("align", "map.mrc", particles, "--out", "aligned.star");
  expect(err).not.toContain("rror");
  expect(code).toBe(0);
  expect(out).toMatch(/^12 particles aligned; uncertainty [\d.]+° in the middle of them\naligned.star\n$/);
  const [found, known] = [at("aligned.star"), truth].map(
    (file) => readPoses({ star: readStar(file), pixelSizeAngstrom })!,
  );
  const errors = Array.from({ length: 12 }, (_, i) =>
    geodesicRad(rotationAt(found!.rotations, i), rotationAt(known!.rotations, i)),
  );
  expect((median(errors) * 180) / Math.PI).toBeLessThan(12); // the species bends, the map does not
  for (const column of ["rlnImageName", "rlnDefocusU", "iolausPoseSpread", "rlnLogLikeliContribution"])
    expect(readFileSync(at("aligned.star"), "utf8")).toContain(`_${column}`);
});

test("a map that is none is refused", async () => {
  writeFileSync(at("not.mrc"), "text");
  const { code, err } = await iolaus("align", "not.mrc", "missing.star", "--out", "x.star");
  expect(code).not.toBe(0);
  expect(err).toContain("not.mrc");
});
