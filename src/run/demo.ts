/**
 * @file `npm start`: notebook 00 from nothing, on simulated particles, or on a person's own.
 *
 * Everything goes to ./iolaus-demo (own particles: ./iolaus-NAME): the particles, the run, the executed notebook and its
 * page. Simulated particles are kept while the recipe stays the same; the demo's earlier run makes room for the new one.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { check } from "../core/errors.js";
import { writeFileAtomic } from "../io/atomic.js";
import { mixtureDefaults } from "../mixture/state.js";
import { findingLines } from "./class-summary.js";
import { parseSettings } from "./command-notebook.js";
import { number } from "./command-reconstruct.js";
import { recipePath } from "./command-simulate.js";
import { evaluate } from "./evaluate.js";
import { evaluationLines } from "./evaluation-text.js";
import { prepareProgram, runProgram } from "./exit-code.js";
import { makeFolder } from "./make-folder.js";
import { openKernel } from "./open-kernel.js";
import { openRun } from "./open-run.js";
import { readProgress } from "./progress-log.js";
import { classTable } from "./report.js";
import { stepText } from "./reporter.js";
import { runFolder } from "./run-folder.js";
import { readRecipe, type SimulatedFiles, simulateFiles } from "./simulate-files.js";
import { textTable } from "./text-table.js";
import { readTruth } from "./truth.js";
import { untilInterrupted } from "./until-interrupted.js";

interface Flags {
  readonly particles?: string;
  readonly classes: number;
  readonly out?: string;
  readonly notebook: string;
  readonly set?: readonly string[];
}

const NOTEBOOK = fileURLToPath(new URL("../../notebooks/00-the-whole-thing.ipynb", import.meta.url));
const WATCH_MS = 2000;

async function demo(flags: Flags): Promise<void> {
  const { particles, classes, notebook } = flags;
  const folder = resolve(
    flags.out ?? (particles === undefined ? "iolaus-demo" : `iolaus-${basename(particles, ".star")}`),
  );
  const run = join(folder, "run");
  const input = particles === undefined ? demoParticles(folder, run) : ownParticles(particles, run);
  makeFolder(folder);
  const name = basename(notebook, ".ipynb");
  const [output, html] = [join(folder, `${name}.ipynb`), join(folder, `${name}.html`)];
  const { runNotebook } = await openKernel();
  const watch = watchProgress(run);
  try {
    await untilInterrupted((signal) =>
      runNotebook(notebook, {
        output,
        html,
        set: { ...input, classes: String(classes), out: run, ...parseSettings(flags.set ?? []) },
        onCell: ({ number, count, source }) => console.error(`cell ${number} of ${count}: ${firstLine(source)}`),
        signal,
      }),
    );
  } finally {
    clearInterval(watch);
  }
  for (const line of resultLines(run, input.truth)) console.log(line);
  console.log(`\n${html}`);
}

interface NotebookInput extends Record<string, string> {
  readonly particles: string;
  /** Empty when it is not known. */
  readonly truth: string;
}

/** The demo's particles, simulated unless they are there; an earlier run makes room. */
function demoParticles(folder: string, run: string): NotebookInput {
  const recipe = readRecipe(recipePath("demo"));
  const note = join(folder, "recipe.json");
  const text = JSON.stringify(recipe);
  const files: SimulatedFiles = {
    stack: join(folder, "particles.mrcs"),
    particles: join(folder, "particles.star"),
    truth: join(folder, "truth.star"),
  };
  const isThere = existsSync(note) && readFileSync(note, "utf8") === text && Object.values(files).every(existsSync);
  if (existsSync(runFolder(run).file("manifest"))) rmSync(run, { recursive: true });
  if (!isThere) {
    console.error(`simulate ${recipe.counts.reduce((a, b) => a + b, 0)} images`);
    if (existsSync(note)) for (const file of Object.values(files)) rmSync(file, { force: true });
    simulateFiles(recipe, { out: folder });
    writeFileAtomic(note, text);
  }
  return { particles: files.particles, truth: files.truth };
}

/** A person's results are never removed. */
function ownParticles(particles: string, run: string): NotebookInput {
  check(existsSync(particles), particles, "a particle file", "no such file", "check the path");
  check(!existsSync(run), run, "no run there yet", "one", "pass another folder as --out");
  return { particles: resolve(particles), truth: "" };
}

/** Says how the run in `folder` goes, once a pass. */
function watchProgress(folder: string): NodeJS.Timeout {
  let pass = -1;
  return setInterval(() => {
    const last = readProgress(runFolder(folder).file("progress")).at(-1);
    if (last === undefined || last.pass === pass) return;
    pass = last.pass;
    console.error(`  ${stepText(last)}, ${Math.round(100 * last.fraction)} %`);
  }, WATCH_MS);
}

function resultLines(run: string, truth: string): string[] {
  const opened = openRun(run);
  const particles = opened.particles();
  const minutes = ((opened.manifest.timings.computeSeconds + opened.manifest.timings.prepareSeconds) / 60).toFixed(1);
  const wrong = findingLines((opened.manifest.classes ?? []).flatMap(({ findings }) => findings));
  const lines = ["", ...textTable(classTable(particles)), ...wrong, "", `reconstructed in ${minutes} min`];
  return truth === "" ? lines : [...lines, ...evaluationLines(evaluate(particles, readTruth(truth)))];
}

function firstLine(source: string): string {
  return source.trim().split("\n")[0]!.slice(0, 70);
}

const program = prepareProgram(new Command("npm start --"))
  .description("execute notebook 00 on simulated particles, or on your own")
  .option("--particles <file>", "your own .star file (default: simulated ones)")
  .option("--classes <K>", "species looked for", number, mixtureDefaults.classes)
  .option("--out <folder>", "where everything goes (default: ./iolaus-demo, or ./iolaus-NAME)")
  .option("--notebook <file>", "another notebook with the parameters particles, truth, classes and out", NOTEBOOK)
  .option("--set <name=value...>", "other values for its parameters")
  .action(demo);

process.exitCode = await runProgram(program, process.argv);
