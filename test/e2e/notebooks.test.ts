import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { installKernel, kernelWarnings } from "../../kernel/install.js";
import type { MimeBundle } from "../../kernel/mime-bundle.js";
import { type Cell, type CodeCell, readNotebook } from "../../kernel/notebook-file.js";
import { runNotebook } from "../../kernel/run-notebook.js";
import { chromiumAvailable, inChromium } from "../support/chromium.js";
import { type TinyCell, writeNotebook } from "../support/tiny-notebook.js";

/** Outside the repository, as a person's own notebook. */
const folder = mkdtempSync(join(tmpdir(), "notebooks-"));
const path = (name: string): string => join(folder, name);

const story: TinyCell[] = [
  { markdown: "# Three <points>\n\nA *story*." },
  { code: 'import * as iolaus from "iolaus";\nimport { show, updatableOutput } from "iolaus/kernel";' },
  { code: "const count = 3, label: string = '<i>x</i>';", tags: ["parameters"] },
  {
    code: `
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" fill="red"/></svg>';
const plotly = { data: [{ type: "scatter", x: [1, 2, 3], y: [2, 1, count] }], layout: { title: { text: "points" } } };
const figure = { kind: "figure" as const, title: label, svg, plotly, text: "n = " + count, width: 320, height: 200 };
figure`,
  },
  { code: "show({ ...figure, title: 'shown' });\nshow([{ name: label, count }]);" },
  {
    code: `
const panel = updatableOutput();
for (let step = 1; step <= 3; step++) {
  panel.show("step " + step);
  await new Promise((done) => setTimeout(done, 20));
}`,
  },
  {
    code: `
import { spawnSync } from "node:child_process";
import { Worker } from "node:worker_threads";
spawnSync(process.execPath, ["-e", "console.log('from a child process')"], { stdio: "inherit" });
const worker = new Worker("console.log('from a worker')", { eval: true });
await new Promise((done) => worker.on("exit", done));
console.log("from the cell in", process.cwd());`,
  },
  {
    code: "const optics: iolaus.Optics = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };\noptics",
  },
  { code: "for await (const x of [1, 2]) console.log(x);" },
];

let cells: CodeCell[] = [];

beforeAll(async () => {
  writeNotebook(path("story.ipynb"), story);
  await runNotebook(path("story.ipynb"), {
    output: path("executed.ipynb"),
    html: path("page.html"),
    set: { count: "5" },
  });
  cells = readNotebook(path("executed.ipynb")).cells.filter((cell): cell is CodeCell => "outputs" in cell);
});

function bundles(cell: Cell): MimeBundle[] {
  return "outputs" in cell ? cell.outputs.flatMap((o) => (o.output_type === "display_data" ? [o.data] : [])) : [];
}

function printed(cell: CodeCell): string {
  return cell.outputs.flatMap((o) => (o.output_type === "stream" ? [o.text] : [])).join("");
}

test("a last expression and show give one output each with every form in it, plotly.js goes before the first", () => {
  const [library, figure] = bundles(cells[2]!);
  expect(String(library!["text/html"])).toContain("data-iolaus-plotly");
  expect(Object.keys(figure!)).toEqual(["text/html", "image/svg+xml", "application/vnd.plotly.v1+json", "text/plain"]);
  const shown = bundles(cells[3]!).map((bundle) => bundle["text/plain"]);
  expect(shown).toEqual(["shown\nn = 5", "name      count\n<i>x</i>      5"]);
});

test("the executed notebook shows the values it ran with, counts its cells, and keeps the final state of a panel", () => {
  expect(cells.map((cell) => cell.source).join("\n")).toContain("const count = 5, label");
  const counts = JSON.parse(readFileSync(path("executed.ipynb"), "utf8")).cells.flatMap((cell: CodeCell) =>
    cell.cell_type === "code" ? [cell.execution_count] : [],
  );
  expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(bundles(cells[4]!)).toEqual([{ "text/plain": "step 3" }]);
});

test("what the cell, its worker threads and its child processes print is caught; this computer's folders are not named", () => {
  expect(printed(cells[5]!)).toContain("from a child process");
  expect(printed(cells[5]!)).toContain("from a worker");
  expect(printed(cells[5]!)).toContain("from the cell in .");
  expect(readFileSync(path("executed.ipynb"), "utf8")).not.toContain(folder);
  expect(printed(cells[7]!)).toBe("1\n2\n");
});

test("the executed notebook stays under 3 MB", () => {
  expect(readFileSync(path("executed.ipynb")).length).toBeLessThan(3e6);
});

test("the first failing cell stops the run, is named and shown, and nothing is overwritten", async () => {
  writeNotebook(path("failing.ipynb"), [
    { code: "console.log('fine')" },
    { code: "function half(n: number) {\n  if (n % 2) throw new RangeError('odd: ' + n);\n}\nhalf(3);" },
    { code: "console.log('never')" },
  ]);
  writeFileSync(path("kept.ipynb"), "old");
  const failure = runNotebook(path("failing.ipynb"), { output: path("kept.ipynb"), html: path("new.html") });
  await expect(failure).rejects.toMatchObject({ code: "failed" });
  await expect(failure).rejects.toThrow(
    /failing\.ipynb, cell 2 of 3: expected the cell to run, got RangeError: odd: 3/,
  );
  await expect(failure).rejects.toThrow("1 | function half(n: number) {");
  expect(readFileSync(path("kept.ipynb"), "utf8")).toBe("old");
  expect(existsSync(path("new.html"))).toBe(false);
});

test("a cell that does not compile, one that ends the process and one that takes too long are failures too", async () => {
  const run = (code: string): Promise<unknown> =>
    runNotebook(writeNotebook(path("bad.ipynb"), [{ code }]), { timeoutSeconds: 60 });
  await expect(run("const a: string = 1;")).rejects.toThrow("CompileError: 1:7 - Type 'number' is not assignable");
  await expect(run("process.exit(3)")).rejects.toThrow("the kernel's process ended in this cell (exit code 3)");
  const slow = runNotebook(writeNotebook(path("slow.ipynb"), [{ code: "while (true) {}" }]), { timeoutSeconds: 0.5 });
  await expect(slow).rejects.toThrow("the cell took longer than 0.5 s");
});

test("the caller can stop a run", async () => {
  const stop = new AbortController();
  writeNotebook(path("long.ipynb"), [{ code: "await new Promise(() => { setInterval(() => {}, 1000); })" }]);
  const run = runNotebook(path("long.ipynb"), {
    signal: stop.signal,
    onCell: () => setTimeout(() => stop.abort(), 200),
  });
  await expect(run).rejects.toMatchObject({ code: "cancelled" });
});

test("an output that cannot be written is refused before anything runs", async () => {
  let ran = false;
  const run = runNotebook(path("story.ipynb"), { output: path("none/out.ipynb"), onCell: () => (ran = true) });
  await expect(run).rejects.toThrow(/none\/out\.ipynb: expected a folder that can be written to/);
  expect(ran).toBe(false);
});

/** The outputs of a notebook as a front end shows them: the HTML of each, scripts and all. */
function outputsPage(notebook: string): string {
  const html = readNotebook(notebook)
    .cells.flatMap(bundles)
    .map((bundle) => bundle["text/html"] ?? "");
  const page = `${notebook}.outputs.html`;
  writeFileSync(page, `<!doctype html><meta charset="utf-8">${html.join("\n")}`);
  return page;
}

const pages = ["page.html", "executed.ipynb"] as const;
const asPage = (name: string): string => `file://${name.endsWith(".html") ? path(name) : outputsPage(path(name))}`;

test.skipIf(!chromiumAvailable).each(pages)("with scripts disabled every figure of %s is a picture", async (name) => {
  await inChromium(false, async (browser) => {
    const page = await browser.newPage();
    await page.goto(asPage(name));
    const pictures = page.locator("[data-iolaus-figure] img");
    expect(await pictures.count()).toBe(2);
    for (const picture of await pictures.all()) {
      expect(await picture.isVisible()).toBe(true);
      expect(await picture.evaluate((img: { naturalWidth: number }) => img.naturalWidth)).toBe(320);
    }
    expect(await page.locator("[data-iolaus-figure] img").first().screenshot()).toSatisfy(isMostlyRed);
  });
});

test.skipIf(!chromiumAvailable).each(pages)(
  "with scripts every figure of %s is interactive, without a request",
  async (name) => {
    await inChromium(true, async (browser) => {
      const page = await browser.newPage();
      const [requests, errors]: [string[], string[]] = [[], []];
      page.on("request", (request) => requests.push(request.url().slice(0, 5)));
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(asPage(name));
      await page.waitForFunction("document.querySelectorAll('[data-iolaus-figure] .scatterlayer .trace').length === 2");
      expect(await page.locator("[data-iolaus-figure] img").count()).toBe(0);
      const drawn = "document.querySelector('.js-plotly-plot').data[0].y";
      expect(await page.evaluate(drawn)).toEqual([2, 1, 5]);
      expect(requests.filter((url) => url !== "data:")).toEqual(["file:"]);
      expect(errors).toEqual([]);
    });
  },
);

test.skipIf(!chromiumAvailable)("names and labels from the data run nothing in the page", async () => {
  await inChromium(true, async (browser) => {
    const page = await browser.newPage();
    await page.goto(asPage("page.html"));
    expect(await page.locator("table i, h1 points").count()).toBe(0);
    expect(await page.locator("td").first().textContent()).toBe("<i>x</i>");
  });
});

function isMostlyRed(png: Buffer): boolean {
  const { PNG } = createRequire(import.meta.url)("pngjs") as typeof import("pngjs");
  const { data } = PNG.sync.read(png);
  let red = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i]! > 200 && data[i + 1]! < 50 && data[i + 2]! < 50) red++;
  return red > 0.8 * (data.length / 4);
}

const python = "/usr/bin/python3";
const jupyter = "/usr/bin/jupyter";
const nbformatAvailable = existsSync("/usr/lib/python3/dist-packages/nbformat");
const jupyterAvailable = existsSync(`${jupyter}-nbconvert`) && kernelWarnings().length === 0;

test.skipIf(!nbformatAvailable)("Jupyter's own schema accepts the executed notebook", () => {
  const validate = "import sys, nbformat; nbformat.validate(nbformat.read(sys.argv[1], as_version=4))";
  execFileSync(python, ["-W", "error", "-c", validate, path("executed.ipynb")]);
});

test.skipIf(!jupyterAvailable)("through the installed kernelspec, nbconvert gets the same outputs", () => {
  installKernel({ prefix: folder });
  writeNotebook(path("jupyter.ipynb"), [...story, { code: "for (let i = 0; i < 5000; i++) console.log('line', i);" }]);
  const args = ["nbconvert", "--to", "notebook", "--execute", "--ExecutePreprocessor.kernel_name=iolaus"];
  const env = { ...process.env, JUPYTER_PATH: join(folder, "share", "jupyter"), NODE_OPTIONS: "" };
  execFileSync(jupyter, [...args, path("jupyter.ipynb")], { env, stdio: "pipe" });
  const theirs = readNotebook(path("jupyter.nbconvert.ipynb")).cells.filter(
    (cell): cell is CodeCell => "outputs" in cell,
  );
  const texts = (cell: CodeCell): unknown[] => bundles(cell).map((bundle) => bundle["text/plain"]);
  expect(theirs[2]!.outputs).toHaveLength(2);
  expect(texts(theirs[3]!)).toEqual(["shown\nn = 3", "name      count\n<i>x</i>      3"]);
  expect(texts(theirs[4]!)).toEqual(["step 3"]);
  expect(printed(theirs[6]!)).toBe(printed(cells[6]!));
  const lines = printed(theirs[8]!);
  expect(lines.split("\n")).toHaveLength(5001);
});

const notebooks = fileURLToPath(new URL("../../notebooks/", import.meta.url));
const committed = readdirSync(notebooks).filter((name) => name.endsWith(".ipynb"));

test.each(
  committed,
)("notebooks/%s is a clean run: counted from 1, no errors, under 3 MB, no folders of a computer", (name) => {
  const text = readFileSync(join(notebooks, name), "utf8");
  const code = (JSON.parse(text).cells as Cell[]).filter((cell): cell is CodeCell => cell.cell_type === "code");
  expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, i) => i + 1));
  expect(code.flatMap((cell) => cell.outputs).filter((output) => output.output_type === "error")).toEqual([]);
  expect(text.length).toBeLessThan(3e6);
  expect(text).not.toMatch(/"[^"]*(\/home\/|\/Users\/|\/work\/|\/tmp\/)/);
});

test.each(committed)("notebooks/%s is short: a Markdown cell before each code cell of at most 15 lines", (name) => {
  const { cells } = readNotebook(join(notebooks, name));
  cells.forEach((cell, i) => {
    if (cell.cell_type !== "code") return;
    expect(cell.source.split("\n").length, cell.source).toBeLessThanOrEqual(15);
    expect(cells[i - 1]!.cell_type).toBe("markdown");
  });
});
