import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import papaparse from "papaparse";
import { beforeAll, expect, test } from "vitest";
import { runNotebook } from "../../kernel/run-notebook.js";
import { readSelection } from "../../src/latent/selection-file.js";
import { inJupyter, jupyterAvailable, shownTexts } from "../support/in-jupyter.js";
import { knownRun, knownSet } from "../support/known-run.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const cli = fileURLToPath(new URL("../../dist/run/cli.js", import.meta.url));
const notebook = fileURLToPath(new URL("../../notebooks/05-latent-analysis.ipynb", import.meta.url));
const set = knownSet(tinyRecipe(240, { snr: 1 }), at("data"));
const { keys, assignments } = set.particles;

// Two conformations of the first species, a motion of the second, a rigid third.
const z = assignments.z.map((v, i) => [Math.sign(v) * (3 + Math.abs(v)), v, 0][assignments.classes[i]!]!);

beforeAll(async () => {
  await knownRun(set, at("run"), { ...set.particles, assignments: { ...assignments, z } });
});

test("iolaus analyze writes a table per class, centres, states and selections, all by particle of the input", () => {
  const out = execFileSync(process.execPath, [cli, "analyze", at("run"), "--states", "2"], { encoding: "utf8" });
  expect(out).toMatch(/class +state +particles +95 % interval +stability/);
  expect(out).toContain("class 3 left out: rigid, or fewer than 20 particles");
  const files = readdirSync(at("run", "analysis"));
  expect(files).toEqual(expect.arrayContaining(["centres.csv", "states.csv", "class_001.csv", "class_001_umap.svg"]));
  expect(files).not.toContain("class_003.csv");
  const rows = papaparse.parse<Record<string, string>>(readFileSync(at("run", "analysis", "class_001.csv"), "utf8"), {
    header: true,
    skipEmptyLines: true,
  }).data;
  expect(rows.length).toBe(assignments.classes.filter((k) => k === 0).length);
  for (const { key, particle, z1, state } of rows) {
    expect(keys[Number(particle)]).toBe(key);
    expect(Number(z1)).toBeCloseTo(z[Number(particle)]!, 6);
    expect(state).toBe(Number(z1) < 0 ? "1" : "2");
  }
  const second = readSelection(at("run", "analysis", "class_001_state_2.json"), set.particles);
  expect(second.keys).toEqual(keys.filter((_, i) => assignments.classes[i] === 0 && z[i]! > 0));
});

test("a saved state goes through iolaus export", () => {
  const selection = at("run", "analysis", "class_001_state_1.json");
  const args = ["export", at("run"), "--selection", selection, "--to", at("state.star")];
  const out = execFileSync(process.execPath, [cli, ...args], { encoding: "utf8" });
  const wanted = keys.filter((_, i) => assignments.classes[i] === 0 && z[i]! < 0);
  expect(out).toContain(`${wanted.length} particles`);
});

test("notebook 05 analyses a run: every picture and table is there, its own checks hold", async () => {
  const run = { folder: at("run"), particleFile: set.files.particles, classNumber: "2" };
  const executed = await runNotebook(notebook, { output: at("executed.ipynb"), set: run });
  const shown = shownTexts(executed.notebook);
  if (jupyterAvailable) expect(shownTexts(await inJupyter(notebook, run, at("jupyter")))).toEqual(shown);
  const titles = ["UMAP of class 2", "Density of", "Viewing directions", "A way through class 2", "One end of class 2"];
  expect(titles.filter((title) => !shown.some((text) => text.startsWith(title)))).toEqual([]);
  expect(readFileSync(at("executed.ipynb")).length).toBeLessThan(3e6);
}, 300_000);
