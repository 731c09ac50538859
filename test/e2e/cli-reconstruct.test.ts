import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { readVolume } from "../../src/io/mrc.js";
import { createStackWriter, openMrcStack } from "../../src/io/mrc-stack.js";
import { openRun } from "../../src/run/open-run.js";
import { reconstruct } from "../../src/run/reconstruction.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { writeNotebook } from "../support/tiny-notebook.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const built = (name: string): string => fileURLToPath(new URL(`../../dist/run/${name}.js`, import.meta.url));
const { particles, truth } = simulateFiles(tinyRecipe(48), { out: at("data") });
const options = { classes: 2, box: 24, passes: 2, batch: 24, seed: 5 };

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function node(script: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { cwd: at() }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

let lines: { event: string }[] = [];

beforeAll(async () => {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { code, out } = await node(built("cli"), "reconstruct", particles, "--out", at("run"), "--json", ...flags);
  expect(code).toBe(0);
  lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
});

test("reconstruct --json says every step on a line of its own, and the result last", () => {
  const { progress, manifest } = { progress: openRun(at("run")).progress(), manifest: openRun(at("run")).manifest };
  expect(manifest).toMatchObject({ status: "done", settings: options });
  expect(lines.filter(({ event }) => event === "step")).toEqual(progress.map((row) => ({ event: "step", ...row })));
  expect(lines.at(-1)).toEqual({
    event: "result",
    folder: at("run"),
    status: "done",
    report: at("run", "report.html"),
    particles: at("run", "particles.star"),
  });
  expect(
    openRun(at("run"))
      .volumes()
      .map(({ box, pixelSizeAngstrom }) => [box, pixelSizeAngstrom]),
  ).toEqual([
    [24, 12],
    [24, 12],
  ]);
});

test("dark particles are told to be dark, and give the maps of bright ones: density is positive", async () => {
  const bright = openMrcStack(at("data", "particles.mrcs"));
  const writer = createStackWriter(at("data", "dark.mrcs"), { box: bright.nx, pixelSizeAngstrom: 9 });
  for (let i = 0; i < bright.count; i++) writer.append(bright.readImage(i).map((v) => -v));
  writer.close();
  bright.close();
  const list = readFileSync(particles, "utf8").replaceAll("particles.mrcs", "dark.mrcs");
  writeFileSync(at("data", "dark.star"), list);
  await reconstruct(at("data", "dark.star"), { ...options, out: at("dark") });
  expect(openRun(at("run")).manifest.contrast).toMatchObject({ dataSign: 1, detected: 1 });
  expect(openRun(at("dark")).manifest.contrast).toMatchObject({ dataSign: -1, detected: -1 });
  for (const name of ["class_001.mrc", "class_002.mrc"]) {
    const map = readVolume(at("dark", name));
    expect(map).toEqual(readVolume(at("run", name)));
    const half = map.box / 2;
    const inside = map.values.filter(
      (_, i) =>
        Math.hypot(
          (i % map.box) - half,
          (Math.floor(i / map.box) % map.box) - half,
          Math.floor(i / map.box ** 2) - half,
        ) <
        half / 3,
    );
    expect(inside.reduce((sum, v) => sum + v, 0) / inside.length).toBeGreaterThan(0);
  }
});

test("a run killed half-way and resumed gives the numbers of one that was not", async () => {
  let killed = 0;
  const broken = reconstruct(particles, {
    ...options,
    out: at("killed"),
    checkpointSeconds: 1e-3,
    onStep({ step, steps }) {
      if (killed > 0 || step < steps / 2) return;
      killed = step;
      process.kill(openRun(at("killed")).manifest.process!.id, "SIGKILL");
    },
  });
  await expect(broken).rejects.toThrow("a process that ended with SIGKILL");
  expect(existsSync(at("killed", "particles.csv"))).toBe(false);
  const seen: number[] = [];
  await reconstruct(particles, { out: at("killed"), resume: true, onStep: ({ step }) => seen.push(step) });
  expect(seen[0]).toBeGreaterThanOrEqual(killed);
  for (const name of ["particles.csv", "particles.star", "class_001.mrc", "class_002.mrc"])
    expect(readFileSync(at("killed", name)).equals(readFileSync(at("run", name))), name).toBe(true);
});

test("evaluate prints agreement, table and errors, and refuses the truth of other particles", async () => {
  const { code, out } = await node(built("cli"), "evaluate", at("run"), "--truth", truth);
  expect(code).toBe(0);
  expect(out).toMatch(/^adjusted Rand index -?\d\.\d{3} over 48 images\n/);
  expect(out).toMatch(/\nclass [12] +\d+ +\d+ +\d+\n/); // so few passes may leave one class
  const json = await node(built("cli"), "evaluate", at("run"), "--truth", truth, "--json");
  expect(
    JSON.parse(json.out)
      .confusion.counts.flat()
      .reduce((a: number, b: number) => a + b),
  ).toBe(48);
  const { truth: fewer } = simulateFiles(tinyRecipe(5), { out: at("fewer") });
  const refused = await node(built("cli"), "evaluate", at("run"), "--truth", fewer);
  expect([refused.code, refused.err]).toEqual([
    2,
    expect.stringContaining("expected the particle 6@particles.mrcs of the run"),
  ]);
});

test("npm start on a person's particles: notebook, page, table and exit code", async () => {
  const story = (last: string): string =>
    writeNotebook(at("story.ipynb"), [
      { markdown: "# A story" },
      { code: `const particles = "", truth = "", classes = 1, out = "", made = "";`, tags: ["parameters"] },
      { code: `import { cpSync } from "node:fs";\ncpSync(made, out, { recursive: true });\n${last}` },
    ]);
  const start = (out: string, notebook: string): Promise<Ended> =>
    node(
      built("demo"),
      "--particles",
      particles,
      "--classes",
      "2",
      "--notebook",
      notebook,
      "--out",
      out,
      "--set",
      `made=${at("run")}`,
    );

  const good = await start(at("good"), story(`console.log(classes, particles.split("/").length > 2, truth === "");`));
  expect([good.code, good.err]).toEqual([0, expect.stringContaining("cell 2 of 2: import { cpSync }")]);
  expect(good.out).toContain(at("good", "story.html"));
  expect(good.out).toMatch(/\nclass +images +share/);
  const page = readFileSync(at("good", "story.html"), "utf8");
  expect(page).toContain(`2 true true`);
  const again = await start(at("good"), at("story.ipynb"));
  expect([again.code, again.err]).toEqual([2, expect.stringContaining("run: expected no run there yet, got one")]);

  const bad = await start(at("bad"), story(`throw new Error("accuracy not reached");`));
  expect([bad.code, bad.err]).toEqual([1, expect.stringContaining("got Error: accuracy not reached")]);
  const none = await node(built("demo"), "--particles", at("none.star"), "--out", at("nothing"));
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("none.star: expected a particle file")]);
  expect(existsSync(at("nothing"))).toBe(false);
});
