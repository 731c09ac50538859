import { beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.js";
import type { Volume } from "../../src/core/types.js";
import { readVolume, writeVolume } from "../../src/io/mrc.js";
import { readStar } from "../../src/io/star.js";
import { numberColumns } from "../../src/io/star-table.js";
import { fourierShellCorrelation } from "../../src/metrics/fourier-shell-correlation.js";
import { correctedForMask, halfMapResolution } from "../../src/metrics/half-map-resolution.js";
import { lowPassFiltered, sharpened } from "../../src/metrics/map-filter.js";
import { densityMask, sphericalMask } from "../../src/metrics/soft-mask.js";
import { answers, run } from "../support/other-programs.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { beadMap, chiralBeads } from "../unit/metrics/gaussian-blobs.js";

const hasRelionMaps = answers("relion_image_handler", "--version") && answers("relion_postprocess", "--version");

const at = temporaryFolder();
const [BOX, PIXEL] = [32, 4];
const random = seededRandom(4);
const truth = beadMap(chiralBeads, BOX, PIXEL, 1.3);
const half = (): Volume => ({ ...truth, values: truth.values.map((v) => v + 0.25 * random.normal()) });
const [a, b] = [half(), half()];
const mask = sphericalMask(truth, { radiusAngstrom: 44, edgeAngstrom: 16 });

const relion = (command: string, ...args: string[]): string => run(command, args, at());
const worst = (found: ArrayLike<number>, theirs: ArrayLike<number>): number =>
  Math.max(...Array.from(found, (v, i) => Math.abs(v - theirs[i]!)));

beforeAll(() => {
  writeVolume(at("a.mrc"), a);
  writeVolume(at("b.mrc"), b);
  writeVolume(at("mask.mrc"), { ...truth, values: mask });
  writeVolume(at("truth.mrc"), truth);
});

test.skipIf(!hasRelionMaps)("our FSC is that of relion_image_handler --fsc to 1e-3", () => {
  const printed = relion("relion_image_handler", "--i", "a.mrc", "--fsc", "b.mrc", "--angpix", String(PIXEL));
  const theirs = [...printed.matchAll(/^ +\d+ +\S+ +\S+ +(\S+)/gm)].map(([, c]) => Number(c));
  expect(theirs).toHaveLength(BOX / 2 + 1);
  const { correlation } = fourierShellCorrelation(a, b, { shells: "relion" });
  expect(Math.min(...correlation)).toBeLessThan(0.05);
  expect(worst(correlation, theirs)).toBeLessThan(1e-3);
});

test.skipIf(!hasRelionMaps)("our FSC suite is that of relion_postprocess: curves to 1e-3, the same resolution", () => {
  const flags = ["--i", "a.mrc", "--i2", "b.mrc", "--angpix", String(PIXEL), "--mask", "mask.mrc", "--force_mask"];
  // It ends by making a PDF, for which Ghostscript may be missing; its tables are written by then.
  try {
    relion("relion_postprocess", ...flags, "--o", "post", "--random_seed", "1");
  } catch {}
  const star = readStar(at("post.star"));
  const names = ["UnmaskedMaps", "MaskedMaps", "Corrected"].map((name) => `rlnFourierShellCorrelation${name}`);
  const random = "rlnCorrectedFourierShellCorrelationPhaseRandomizedMaskedMaps";
  const table = star.blocks.find(({ name }) => name === "fsc")!.table!;
  const [unmasked, masked, corrected, randomised] = numberColumns(table, [...names, random], "post.star").map((c) =>
    Float64Array.from(c),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const ours = halfMapResolution(a, b, { mask });
  expect(worst(ours.unmasked.correlation, unmasked)).toBeLessThan(1e-3);
  expect(worst(ours.masked!.correlation, masked)).toBeLessThan(1e-3);
  const { items } = star.blocks.find(({ name }) => name === "general")!;
  const [resolution, from] = ["rlnFinalResolution", "rlnRandomiseFrom"].map((label) =>
    Number(items.find((item) => item.label === label)!.token),
  ) as [number, number];
  expect(ours.randomisedFromAngstrom).toBeCloseTo(from, 3);
  expect(ours.resolutionAngstrom).toBeCloseTo(resolution, 3);
  // Random phases are theirs or ours: the correction is compared on theirs, and the noise of both is small.
  const shell = Math.round((BOX * PIXEL) / from);
  const theirs = { ...ours.masked!, correlation: randomised.subarray(0, BOX / 2) };
  expect(worst(correctedForMask(ours.masked!, theirs, shell + 2).correlation, corrected)).toBeLessThan(1e-3);
  expect(worst(ours.randomised!.correlation.subarray(shell + 2), randomised.subarray(shell + 2))).toBeLessThan(0.3);
});

test.skipIf(!hasRelionMaps)("low-pass, B factor and mask are RELION's to a thousandth of the range", () => {
  const theirs = (...args: string[]): Float32Array => {
    relion("relion_image_handler", "--i", "a.mrc", "--o", "out.mrc", "--angpix", String(PIXEL), ...args);
    return readVolume(at("out.mrc")).values;
  };
  expect(worst(lowPassFiltered(a, 20).values, theirs("--lowpass", "20"))).toBeLessThan(1e-3);
  const sharp = theirs("--bfactor", "-200");
  expect(worst(sharpened(a, -200).values, sharp)).toBeLessThan(1e-3 * Math.max(...sharp));
  const edges = ["--ini_threshold", "0.4", "--extend_inimask", "2", "--width_soft_edge", "4"];
  relion("relion_mask_create", "--i", "truth.mrc", "--o", "m.mrc", "--angpix", String(PIXEL), ...edges);
  const ours = densityMask(truth, { level: 0.4, extendAngstrom: 2 * PIXEL, edgeAngstrom: 4 * PIXEL });
  expect(worst(ours, readVolume(at("m.mrc")).values)).toBeLessThan(1e-3);
});
