import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cell, notebookText, readNotebook } from "../../kernel/notebook-file.js";
import { setParameters } from "../../kernel/parameters.js";
import { writeFileAtomic } from "../../src/io/atomic.js";
import { openParticles } from "../../src/io/particles.js";
import { openRun } from "../../src/run/open-run.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { chromiumAvailable, localChromium } from "../support/chromium.js";
import { jupyterLab, type LabServer, startLab } from "../support/jupyter-lab.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const isAvailable = jupyterLab !== undefined && chromiumAvailable;
/** Kept for people to look at. */
const shots = fileURLToPath(new URL("../../dist/test/jupyter-lab/", import.meta.url));
const whole = fileURLToPath(new URL("../../notebooks/00-the-whole-thing.ipynb", import.meta.url));

/** After notebook 00: a cluster is drawn around, and taken to RELION. */
const lasso = [
  `const [across, up] = [0, 1].map((c) => keys.map((_, i) => assignments.poses.shiftsAngstrom[2 * i + c]));
const view = { keys, set: { keys }, name: "shifts", x: across, y: up };
const plot = await selectable(iolaus.latentScatter(view, { title: "Shifts" }), view);
show(plot);`,
  `const chosen = await plot.selection();
iolaus.writeStar("chosen.star", iolaus.exportStar({ star: iolaus.readStar(run.starPath) }, { rows: chosen.indices }));
show("chosen " + chosen.keys.length);`,
];

let lab: LabServer;
let browser: Browser;
let page: Page;
const [hosts, failures]: [Set<string>, string[]] = [new Set(), []];

beforeAll(async () => {
  if (!isAvailable) return;
  const { particles } = simulateFiles(tinyRecipe(60), { out: at("data") });
  const options = JSON.stringify({ passes: 20, batch: 30, box: 24, threads: 1 });
  const set = { particles, truth: "", out: "run", classes: "2", options, minimumAri: "0" };
  const notebook = setParameters(readNotebook(whole), set);
  const cells: Cell[] = lasso.map((source, i) => ({
    cell_type: "code",
    id: `lasso-${i}`,
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  }));
  const bare = notebook.cells.map((cell) => ("outputs" in cell ? { ...cell, outputs: [] } : cell));
  writeFileAtomic(at("story.ipynb"), notebookText({ ...notebook, cells: [...bare, ...cells] }));
  mkdirSync(shots, { recursive: true });
  lab = await startLab(at(), "http://127.0.0.1:*");
  browser = await localChromium();
  page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
  page.setDefaultTimeout(100_000);
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!/^(data|blob):$/.test(protocol)) hosts.add(hostname);
  });
  page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
  await page.goto(`${lab.url}/lab/tree/story.ipynb`);
  // JupyterLab 4.6 calls a kernel "unknown" until its first cell.
  await page.waitForFunction(`${context}?.session?.kernel?.connectionStatus === 'connected'`);
}, 280_000);

afterAll(async () => {
  await browser?.close();
  await lab?.stop();
}, 60_000);

const context = "window.jupyterapp?.shell.currentWidget?.sessionContext";
/** Run every cell, as the menu does. */
const runAll = (): Promise<unknown> =>
  page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')");
const shot = (name: string): Promise<unknown> => page.screenshot({ path: `${shots}${name}.png` });

test.skipIf(!isAvailable)(
  "in JupyterLab notebook 00 shows its run moving, Stop keeps it, running again resumes it to the end",
  async () => {
    await runAll();
    const panel = page.locator(".jp-Cell:has-text('const panel = updatableOutput') [data-iolaus-figure]");
    await panel.waitFor();
    const first = await panel.getAttribute("data-iolaus-figure");
    await expect.poll(() => panel.getAttribute("data-iolaus-figure"), { timeout: 60_000 }).not.toBe(first);
    await panel.scrollIntoViewIfNeeded();
    await shot("1-running");
    const asked = performance.now();
    await page.locator('[data-command="notebook:interrupt-kernel"]').click();
    await page.locator(".jp-OutputArea-output:has-text('stopped as asked; go on by resume')").waitFor();
    expect(performance.now() - asked).toBeLessThan(5000); // 2 s and the page's own
    expect(openRun(at("run")).manifest).toMatchObject({
      status: "stopped",
      step: expect.toSatisfy((n: number) => n > 0),
    });
    await shot("2-stopped");
    await runAll();
    await page.locator(".jp-OutputArea-output:has-text('60 particles in 2 classes')").waitFor({ timeout: 300_000 }); // busy machines
    expect(openRun(at("run")).manifest).toMatchObject({ status: "done", timings: { resumed: 1 } });
  },
  500_000,
);

test.skipIf(!isAvailable)(
  "a lasso in a figure reaches the waiting cell, is written into it, and its particles are exported",
  async () => {
    const figure = page.locator(".jp-Cell:has-text('await selectable') .js-plotly-plot .nsewdrag").first();
    await figure.waitFor();
    await figure.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await figure.boundingBox())!;
    const corners = [
      [0.02, 0.02],
      [0.6, 0.02],
      [0.6, 0.98],
      [0.02, 0.98],
      [0.03, 0.03],
    ] as const;
    await page.mouse.move(x + 0.02 * width, y + 0.02 * height);
    await page.mouse.down();
    for (const [u, v] of corners) await page.mouse.move(x + u * width, y + v * height, { steps: 8 });
    await page.mouse.up();
    await page.locator("text=/\\d+ points inside/").waitFor();
    await shot("3-lasso");
    await page.locator("button:has-text('Send to the notebook')").click();
    const said = page.locator(".jp-OutputArea-output:has-text('chosen ')").last();
    await said.waitFor();
    const count = Number((await said.textContent())!.match(/chosen (\d+)/)![1]);
    await expect
      .poll(() => page.locator(".jp-Cell:has-text('writeStar(\"chosen.star\"') .jp-InputArea-editor").textContent())
      .toMatch(/plot\.selection\("[0-9a-f]{8} /);
    await shot("4-exported");
    const chosen = await openParticles(at("chosen.star"), { dataDir: at("data") });
    expect([chosen.count > 3 && chosen.count < 60, chosen.count]).toEqual([true, count]);
    chosen.close();
  },
  100_000,
);

test.skipIf(!isAvailable)("all that happens on this machine, under a policy that allows nothing else", () => {
  expect([...hosts]).toEqual(["127.0.0.1"]);
  expect(failures.filter((text) => /Content.Security.Policy/i.test(text) && /iolaus|Plotly/i.test(text))).toEqual([]);
});
