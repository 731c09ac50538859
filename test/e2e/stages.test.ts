import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runNotebook } from "../../kernel/run-notebook.js";
import { inJupyter, jupyterAvailable, shownTexts } from "../support/in-jupyter.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const at = temporaryFolder();
const notebooks = fileURLToPath(new URL("../../notebooks/", import.meta.url));

/** Each stage's notebook at its smallest, and what it must show. */
const stages: [name: string, set: Record<string, string>, shows: string[]][] = [
  [
    "01-particles",
    { images: "60" },
    [
      "Particles: 16 images",
      "level",
      "Contrast transfer: 60 particles",
      "Half maps of the back-projection",
      "shell",
      "variance of whitened noise",
    ],
  ],
  [
    "02-pose-search",
    { images: "24", snr: "1", box: "24", toleranceDeg: "20" },
    ["Pose errors and what the search says of them", "Viewing directions found: 24 images", "median rotation error"],
  ],
  [
    "03-mixture",
    { images: "30", classes: "2", passes: "6", box: "16" },
    ["The run", "Central slices: 2 maps", "Certainty of the classes", "status"],
  ],
  [
    "04-conformations",
    { images: "200", snr: "2", box: "24", leastCorrelation: "0.8" },
    [
      "The axis of motion: 3 maps",
      "change from end to end",
      "Conformation against hinge: 200 points",
      "rank correlation",
    ],
  ],
  [
    "09-ribosplike",
    { images: "60", passes: "6", workingBox: "16", minimumAri: "-1", maximumErrorDeg: "180" },
    ["Iolaus: classes against species", "Against the true maps", "adjusted Rand index"],
  ],
  [
    "10-ryr-like",
    { images: "90", passes: "6", workingBox: "16", minimumAgreement: "0", minimumJunkRecall: "0" },
    ["Hydra on RyR lysate, published: 85,656 images", "Iolaus on the RyR-like set: 90 images", "adjusted Rand index"],
  ],
];

test.each(stages)(
  "notebook %s runs small, its claims hold, and in Jupyter it shows the same",
  { timeout: 300_000 },
  async (name, set, shows) => {
    const path = `${notebooks}${name}.ipynb`;
    const values = { ...set, folder: at("stages") };
    const { notebook } = await runNotebook(path, { set: values });
    const texts = shownTexts(notebook);
    expect(shows.filter((start) => !texts.some((text) => text.startsWith(start)))).toEqual([]);
    if (jupyterAvailable) expect(shownTexts(await inJupyter(path, values, at(name)))).toEqual(texts);
  },
);

test("a claim that does not hold stops the notebook", async () => {
  const set = { images: "24", snr: "1", box: "24", toleranceDeg: "0", folder: at("stages") };
  const run = runNotebook(`${notebooks}02-pose-search.ipynb`, { set });
  await expect(run).rejects.toThrow(/expected a median error of at most 0°, got/);
});
