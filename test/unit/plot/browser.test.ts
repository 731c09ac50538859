import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { gallery } from "./gallery.js";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** A page that draws every figure and writes what went wrong into its title. */
function page(): string {
  const plotly = pathToFileURL(createRequire(import.meta.url).resolve("plotly.js-dist/plotly.js")).href;
  const figures = Object.values(gallery).map(({ figure }) => figure);
  const data = JSON.stringify(figures.map((f) => f.plotly)).replaceAll("<", "\\u003c");
  return `<!doctype html><title>loading</title><script>
    const wrong = [];
    onerror = (message) => wrong.push(String(message));
    console.error = console.warn = (...words) => wrong.push(words.join(" "));
  </script><script src="${plotly}"></script>
  ${figures.map((f, i) => `<div class="still">${f.svg}</div><div id="live${i}"></div>`).join("")}
  <script>
    Promise.all(${data}.map((f, i) => Plotly.newPlot("live" + i, f.data, f.layout))).then((plots) => {
      const stills = [...document.querySelectorAll(".still > svg")].filter((svg) => svg.getBoundingClientRect().width > 100);
      const drawn = plots.filter((plot) => plot.querySelector(".main-svg") !== null);
      document.title = JSON.stringify({ wrong, stills: stills.length, drawn: drawn.length });
    }, (error) => { document.title = JSON.stringify({ wrong: [...wrong, String(error)] }); });
  </script>`;
}

test.skipIf(chromium === undefined)("a browser draws every figure without a complaint", () => {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-figures-"));
  try {
    writeFileSync(join(folder, "gallery.html"), page());
    const flags = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"];
    const html = execFileSync(
      chromium!,
      [
        ...flags,
        `--user-data-dir=${join(folder, "profile")}`,
        "--virtual-time-budget=20000",
        "--dump-dom",
        pathToFileURL(join(folder, "gallery.html")).href,
      ],
      { encoding: "utf8", maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "ignore"], timeout: 100_000 },
    );
    const title = /<title>([^<]*)<\/title>/.exec(html)![1]!.replaceAll("&amp;", "&");
    const figures = Object.keys(gallery).length;
    expect(JSON.parse(title)).toEqual({ wrong: [], stills: figures, drawn: figures });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});
