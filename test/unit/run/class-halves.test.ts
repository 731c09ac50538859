import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { fourierShellCorrelation } from "../../../src/metrics/fourier-shell-correlation.js";
import { sphericalMask } from "../../../src/metrics/soft-mask.js";
import { openRun, type Run } from "../../../src/run/open-run.js";
import { runLoop } from "../../../src/run/run-loop.js";
import { fakeReconstruct } from "../../support/fake-reconstruction.js";
import { knownSet } from "../../support/known-run.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";

const at = temporaryFolder();
const set = knownSet(tinyRecipe(240, { snr: 1 }), at("data"));
const { assignments } = set.particles;

/** Class 3 is left with 10 images, too few for halves; the others go to class 2. */
const few = [...assignments.classes.keys()].filter((i) => assignments.classes[i] === 2).slice(0, 10);
const classes = assignments.classes.map((k, i) => (k === 2 && !few.includes(i) ? 1 : k));

let run: Run;

beforeAll(async () => {
  const knows: typeof fakeReconstruct = async function* (...given) {
    for await (const state of fakeReconstruct(...given))
      yield { ...state, ...(state.fraction === 1 && { assignments: () => ({ ...assignments, classes }) }) };
  };
  await runLoop(set.files.particles, { out: at("run"), classes: 3, passes: 2, threads: 1 }, knows);
  run = openRun(at("run"));
});

test("a run keeps two half maps of each class, which agree where the images do; none of a class too small", () => {
  const [first, second, third] = run.halfMaps();
  expect(third).toBeNull();
  expect(second).not.toBeNull();
  const [a, b] = first!;
  const mask = sphericalMask(a, { radiusAngstrom: run.manifest.settings.diameterAngstrom / 2 });
  const { correlation } = fourierShellCorrelation(a, b, { mask });
  expect(correlation[4]).toBeGreaterThan(0.7);
  expect(correlation.at(-1)).toBeLessThan(0.95); // other images, not the same twice
  expect(existsSync(at("run", "class_001_half1.mrc"))).toBe(true);
  expect(existsSync(at("run", "class_003_half1.mrc"))).toBe(false);
});

test("the report says how far they agree, and how far the map agrees with its images", () => {
  const text = readFileSync(run.reportPath, "utf8");
  expect(text).toContain("Half maps of each class, poses of one run");
  const size = classes.filter((k) => k === 0).length;
  expect(text).toContain(`<td>1</td><td>${Math.ceil(size / 2)} + ${Math.floor(size / 2)}</td>`);
  expect(text).not.toMatch(/<td>3<\/td><td>\d+ \+ \d+<\/td>/);
});

test("halves of an earlier write do not outlive it", async () => {
  const out = at("again");
  await runLoop(set.files.particles, { out, classes: 3, passes: 2, threads: 1 }, async function* (...given) {
    for await (const state of fakeReconstruct(...given)) {
      writeFileSync(`${out}/class_003_half1.mrc`, "old");
      yield { ...state, ...(state.fraction === 1 && { assignments: () => ({ ...assignments, classes }) }) };
    }
  });
  expect(existsSync(`${out}/class_003_half1.mrc`)).toBe(false);
});
