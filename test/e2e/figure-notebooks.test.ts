import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Notebook } from "../../kernel/notebook-file.js";
import { runNotebook } from "../../kernel/run-notebook.js";
import { runLoop } from "../../src/run/run-loop.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { fakeReconstruct } from "../support/fake-reconstruction.js";
import { inJupyter, jupyterAvailable, shownTexts } from "../support/in-jupyter.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const path = (name: string): string => fileURLToPath(new URL(`../../notebooks/${name}.ipynb`, import.meta.url));

/** First lines of what the cells showed. */
function shown(notebook: Notebook): string[] {
  return shownTexts(notebook).map((text) => text.split("\n")[0]!);
}

test(
  "notebook 06 finds in foreign files what was put into them, and fails where it does not",
  { timeout: 300_000 },
  async () => {
    const set = { folder: at("foreign"), count: "200" };
    const { notebook } = await runNotebook(path("06-foreign-run"), { set });
    if (jupyterAvailable)
      expect(shownTexts(await inJupyter(path("06-foreign-run"), set, at("jupyter 06")))).toEqual(shownTexts(notebook));
    expect(shown(notebook).map((line) => line.replace(/:.*/, ""))).toEqual([
      "Latents of cryoDRGN",
      "Density of the latent space",
      "Trajectories",
      "Viewing directions",
      "Half maps of either end",
      "Either end",
      "RELION's classes against the hinge",
    ]);
  },
);

test("notebook 07 prints the poster's figures, and shows a run beside them", { timeout: 300_000 }, async () => {
  const { particles, truth } = simulateFiles(tinyRecipe(24), { out: at("data") });
  await runLoop(particles, { out: at("data", "run"), classes: 2, passes: 2 }, fakeReconstruct);
  const set = { run: at("data", "run"), truth };
  const { notebook } = await runNotebook(path("07-figures"), { set });
  if (jupyterAvailable)
    expect(shownTexts(await inJupyter(path("07-figures"), set, at("jupyter 07")))).toEqual(shownTexts(notebook));
  expect(shown(notebook).map((line) => line.replace(/:.*/, ""))).toEqual([
    "Hydra on RyR lysate, published",
    "Iolaus on the demo set",
    "Certainty of the classes",
    "Between the classes",
    "Convergence",
    "2-D class averages",
    "Defocus",
    "Central slices",
    "Maps",
  ]);
});
