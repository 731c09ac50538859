import { expect, test } from "vitest";
import type { Volume } from "../../src/core/types.js";
import { backProject } from "../../src/imaging/back-projection.js";
import { beadModel, beadVolume } from "../../src/imaging/bead-model.js";
import { prepare } from "../../src/imaging/prepare.js";
import { openPrepared } from "../../src/imaging/prepared-reader.js";
import { readVolume } from "../../src/io/mrc.js";
import { openParticles } from "../../src/io/particles.js";
import { readPoses } from "../../src/io/star-poses.js";
import { fourierShellCorrelation } from "../../src/metrics/fourier-shell-correlation.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { correlation } from "../support/compare.js";
import { crab } from "../support/known-beads.js";
import { hasRelion, run } from "../support/other-programs.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const folder = temporaryFolder();

test.skipIf(!hasRelion)("the back-projection equals RELION's of the same particles, poses and CTF", async () => {
  const species = { ...crab, hinge: { ...crab.hinge, angleDeg: 0 } };
  const recipe = tinyRecipe(1, { box: 40, pixelSizeAngstrom: 5, counts: [400], species: [species], snr: 0.5 });
  const { truth } = simulateFiles(recipe, { out: folder("crab") });
  run("relion_reconstruct", ["--i", truth, "--o", folder("theirs.mrc"), "--ctf"], folder("crab"));
  const theirs = readVolume(folder("theirs.mrc"));

  const source = await openParticles(truth);
  const reader = openPrepared(await prepare(source, folder("rows"), { box: 40, diameterAngstrom: 150 }));
  const { map } = backProject(reader, readPoses(source)!, { prior: "none" });
  source.close();
  reader.close();
  expect(theirs).toMatchObject({ box: map.box, pixelSizeAngstrom: map.pixelSizeAngstrom });
  // Where the particle is: RELION's map has no window, so its corners are noise.
  const inside = map.values.map((_, i) => {
    const [x, y, z] = [i % 40, Math.floor(i / 40) % 40, Math.floor(i / 1600)].map((index) => index - 20);
    return Math.hypot(x!, y!, z!) < 15 ? 1 : 0;
  });
  const within = (values: Float32Array): Float32Array => values.filter((_, i) => inside[i] === 1);
  expect(correlation(within(map.values), within(theirs.values))).toBeGreaterThan(0.98);
  const fsc = (a: Volume, b: Volume): Float64Array =>
    fourierShellCorrelation(a, b, { mask: inside, shells: "relion" }).correlation;
  const agreement = fsc(map, theirs);
  for (let s = 1; s < 16; s++) expect(agreement[s], `shell ${s}`).toBeGreaterThan(0.9);
  // Against the beads themselves neither is better.
  const beads = beadVolume(beadModel(species, 0, recipe.beadSigmaAngstrom), 40, 5);
  const [ours, relions] = [fsc(map, beads), fsc(theirs, beads)];
  for (let s = 1; s < 12; s++) expect(ours[s]! - relions[s]!, `shell ${s}`).toBeGreaterThan(-0.02);
});
