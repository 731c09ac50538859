/** @file How long a page with a scatter of 200,000 points takes to be drawn in headless Chromium, and how large the figure is. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { figureBundle } from "../../dist/kernel/figure-bundle.js";
import { plotlyLibraryHtml } from "../../dist/kernel/plotly-library.js";
import { seededRandom } from "../../src/core/random.js";
import { latentScatter } from "../../src/plot/latent-scatter.js";
import { chromiumAvailable, inChromium } from "../support/chromium.js";

const COUNT = 200_000;

export async function run(): Promise<void> {
  const random = seededRandom(1);
  const [x, y] = [0, 1].map(() => Float32Array.from({ length: COUNT }, () => random.normal())) as [
    Float32Array,
    Float32Array,
  ];
  const categories = Array.from({ length: COUNT }, (_, i) => 1 + (i % 4));
  const html = String(figureBundle(latentScatter({ x, y, categories }))["text/html"]);
  console.log(
    `figure ${(html.length / 1e6).toFixed(2)} MB (limit 3), plotly.js ${(plotlyLibraryHtml().length / 1e6).toFixed(2)} MB, once a page`,
  );
  if (html.length > 3e6) throw new Error("the figure is larger than 3 MB");
  if (!chromiumAvailable) return console.log("no Chromium: not opened");
  const folder = mkdtempSync(join(tmpdir(), "iolaus-bench-"));
  try {
    writeFileSync(join(folder, "page.html"), `<!doctype html><meta charset="utf-8">${plotlyLibraryHtml()}${html}`);
    await inChromium(true, async (browser) => {
      for (let round = 0; round < 3; round++) {
        const page = await browser.newPage();
        const begun = performance.now();
        await page.goto(`file://${join(folder, "page.html")}`);
        await page.waitForFunction(
          "document.querySelector('.js-plotly-plot .gl-canvas, .js-plotly-plot canvas') !== null",
        );
        console.log(`opened and drawn in ${((performance.now() - begun) / 1000).toFixed(2)} s (limit 2)`);
        await page.close();
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
