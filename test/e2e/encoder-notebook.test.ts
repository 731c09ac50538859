import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { readNotebook } from "../../kernel/notebook-file.js";
import { runNotebook } from "../../kernel/run-notebook.js";
import { shownTexts } from "../support/in-jupyter.js";
import { knownRun, knownSet } from "../support/known-run.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const notebook = fileURLToPath(new URL("../../notebooks/08-encoder.ipynb", import.meta.url));
const recipe = tinyRecipe(300, { snr: 2 });
/** A twentieth of a training: species begin to be told apart (chance is a third), poses do not yet. */
const tiny = { visits: "3200", batch: "16", images: "120", maximumErrorDeg: "180" };

beforeAll(async () => {
  const set = knownSet(recipe, at("data"));
  writeFileSync(at("data", "recipe.json"), JSON.stringify(recipe));
  await knownRun(set, at("run"));
});

test("notebook 08 learns species from a run and tells those of new images better than chance", async () => {
  const set = { data: at("data"), folder: at("run"), out: at("new"), ...tiny, minimumAgreement: "0.5" };
  const run = await runNotebook(notebook, { set });
  const titles = shownTexts(run.notebook).map((text) => text.split("\n")[0]!.replace(/:.*/, ""));
  expect(titles).toEqual([
    "Training of the encoder",
    "New images",
    "Certainty of the classes",
    "Pose errors on new images",
    "Pose errors of the teacher",
    expect.stringMatching(/^species +class/),
    "120 new images",
  ]);
});

test("its code is short: at most 15 lines a cell, one Markdown cell before each", () => {
  const { cells } = readNotebook(notebook);
  cells.forEach((cell, i) => {
    if (cell.cell_type !== "code") return;
    expect(cell.source.split("\n").length, cell.source).toBeLessThanOrEqual(15);
    expect(cells[i - 1]!.cell_type).toBe("markdown");
  });
});
