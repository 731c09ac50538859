import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runNotebook } from "../../kernel/run-notebook.js";
import { inJupyter, jupyterAvailable, shownTexts } from "../support/in-jupyter.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const at = temporaryFolder();
const notebook = fileURLToPath(new URL("../../notebooks/08-encoder.ipynb", import.meta.url));
/** A small part of a training: species begin to be told apart (chance is a half), poses do not yet. */
const tiny = { images: "120", newImages: "60", snr: "4", visits: "1600", batch: "16", maximumErrorDeg: "180" };

test(
  "notebook 08 learns species from a search and tells those of new images better than chance",
  { timeout: 300_000 },
  async () => {
    const set = { folder: at("stages"), ...tiny, minimumAgreement: "0.7" };
    const texts = shownTexts((await runNotebook(notebook, { set })).notebook);
    if (jupyterAvailable) expect(shownTexts(await inJupyter(notebook, set, at("jupyter")))).toEqual(texts);
    const titles = texts.map((text) => text.split("\n")[0]!.replace(/:.*/, ""));
    expect(titles).toEqual([
      "Training of the encoder",
      "New images",
      "Certainty of the classes",
      "Pose errors of the network, new images",
      "Pose errors of the teacher, its own images",
      expect.stringMatching(/^species +class/),
      "60 new images",
    ]);
  },
);
