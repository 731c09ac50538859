import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { readNotebook } from "../../kernel/notebook-file.js";
import { runNotebook } from "../../kernel/run-notebook.js";
import { openParticles } from "../../src/io/particles.js";
import { openRun } from "../../src/run/open-run.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { chromiumAvailable, inChromium } from "../support/chromium.js";
import { inJupyter, jupyterAvailable, shownTexts } from "../support/in-jupyter.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const notebook = fileURLToPath(new URL("../../notebooks/00-the-whole-thing.ipynb", import.meta.url));
const { particles, truth } = simulateFiles(tinyRecipe(60), { out: at("data") });
// Far too little to find anything, just enough for the last stage: the first run reconstructs, the others look at it.
const options = JSON.stringify({ passes: 13, batch: 30, box: 24 });
const tiny = { particles, out: at("run"), classes: "2", options };

beforeAll(async () => {
  const set = { ...tiny, truth, minimumAri: "0" };
  await runNotebook(notebook, { output: at("executed.ipynb"), html: at("page.html"), set });
}, 300_000);

test("notebook 00 runs from the particle file to tables, figures and a selection, and stays near 3 MB", async () => {
  const executed = readNotebook(at("executed.ipynb"));
  expect(executed.cells.filter(({ cell_type }) => cell_type === "code").length).toBeLessThanOrEqual(14);
  const shown = shownTexts(executed);
  const titles = [
    "Particles: 8 images",
    "Contrast transfer: 60 particles",
    "The run: ",
    "Class occupancy: ",
    "Classes against species: 60 images",
    "Pose errors",
    "Central slices: 2 maps",
    "Species: surfaces of 2 maps",
    "Viewing directions of class",
    "Conformations of class",
    "Conformation against hinge",
    "adjusted Rand index",
  ];
  expect(titles.filter((title) => !shown.some((text) => text.startsWith(title)))).toEqual([]);
  expect(readFileSync(at("executed.ipynb")).length).toBeLessThan(3.3e6);
  expect(readFileSync(at("page.html")).length).toBeLessThan(3.3e6);
  const { K, assignments } = openRun(at("run")).particles();
  const sizes = Array.from({ length: K }, (_, k) => assignments.classes.filter((c) => c === k).length);
  const largest = sizes.indexOf(Math.max(...sizes));
  const selection = await openParticles(at("run", `selected_class_${largest + 1}.star`), { dataDir: at("data") });
  expect(selection.count).toBe(sizes[largest]);
  selection.close();
});

test("without a truth it shows all the same, comparisons left out; so does Jupyter", { timeout: 300_000 }, async () => {
  const set = { ...tiny, truth: "" };
  const shown = shownTexts((await runNotebook(notebook, { set })).notebook);
  if (jupyterAvailable) expect(shownTexts(await inJupyter(notebook, set, at("jupyter")))).toEqual(shown);
  expect(shown).toContain("No truth was given: nothing to compare with.");
  expect(shown.some((text) => text.startsWith("Species: surfaces of 2 maps"))).toBe(true);
  expect(shown.some((text) => text.startsWith("Classes against species"))).toBe(false);
});

test("its last cell fails where the species were not found", async () => {
  const run = runNotebook(notebook, { set: { ...tiny, truth, minimumAri: "0.9" } });
  await expect(run).rejects.toThrow(/cell 14 of 14: .*expected a Rand index of at least 0\.9, got/);
});

test.skipIf(!chromiumAvailable)("with scripts disabled every figure of its page is a picture", async () => {
  await inChromium(false, async (browser) => {
    const page = await browser.newPage();
    await page.goto(`file://${at("page.html")}`);
    const pictures = page.locator("[data-iolaus-figure] img");
    expect(await pictures.count()).toBeGreaterThanOrEqual(11);
    for (const picture of await pictures.all())
      expect(await picture.evaluate((img: { naturalWidth: number }) => img.naturalWidth)).toBeGreaterThan(300);
  });
});
