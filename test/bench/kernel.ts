/**
 * @file What the kernel costs: start, first cell, each further cell, and a cell while a run computes; beside them what
 * is tslab's own share, its executor alone in a process.
 *
 * Cells go through the session that Jupyter's kernel and the headless runner share; Jupyter adds its sockets.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CellProcess } from "../../kernel/cell-process.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { tinyRecipe } from "../support/tiny-recipe.js";
import { median } from "./paired.js";

const ROUNDS = 3;
const CELLS = 20;
const PLAIN = (i: number): string => `const x${i} = ${i} + 1; x${i}`;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-bench-"));
  try {
    const times: Record<string, number[]> = {};
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, ms] of [...(await ours(folder)), ...tslabAlone(folder)])
        times[name] = [...(times[name] ?? []), ms];
    const { particles } = simulateFiles(tinyRecipe(60), { out: join(folder, "data") });
    times["cell while a run computes"] = await meanwhile(folder, particles);
    for (const [name, values] of Object.entries(times))
      console.log(`${name.padEnd(42)} ${median(values).toFixed(0)} ms`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function ours(folder: string): Promise<[string, number][]> {
  const start = performance.now();
  const kernel = await CellProcess.start(folder);
  const started = performance.now() - start;
  const first = await timed(() => kernel.run("1 + 1"));
  const cells: number[] = [];
  for (let i = 0; i < CELLS; i++) cells.push(await timed(() => kernel.run(PLAIN(i))));
  await kernel.close();
  return [
    ["start, prelude included", started],
    ["first cell", first],
    ["further cell", median(cells)],
  ];
}

/** tslab's executor with nothing of ours: load, make, first cell, further cells. */
function tslabAlone(folder: string): [string, number][] {
  const tslab = createRequire(createRequire(import.meta.url).resolve("tslab"));
  const code = `
    const start = performance.now();
    const { createConverter } = require(${JSON.stringify(tslab.resolve("./converter.js"))});
    const { createExecutor } = require(${JSON.stringify(tslab.resolve("./executor.js"))});
    const node = createConverter({ isJS: false, isBrowser: false });
    const executor = createExecutor(process.cwd(), { node, close() { node.close(); } }, { log() {}, error() {} });
    const times = [performance.now() - start];
    (async () => {
      for (let i = -1; i < ${CELLS}; i++) {
        const begun = performance.now();
        await executor.execute("const x" + (i + 1) + " = 1; x" + (i + 1));
        times.push(performance.now() - begun);
      }
      console.log(JSON.stringify(times));
      process.exit();
    })();`;
  const said = execFileSync(process.execPath, ["-e", code], { cwd: folder, encoding: "utf8" });
  const [made = 0, first = 0, ...cells] = JSON.parse(said) as number[];
  return [
    ["  of which tslab: load and make", made],
    ["  of which tslab: first cell", first],
    ["  of which tslab: further cell", median(cells)],
  ];
}

/** One plain cell after another while a run computes in the background. */
async function meanwhile(folder: string, particles: string): Promise<number[]> {
  const kernel = await CellProcess.start(folder);
  const out = join(folder, "run");
  const options = JSON.stringify({ out, classes: 2, passes: 500, batch: 30, box: 24, threads: 1 });
  const { error } = await kernel.run(`const job = iolaus.reconstruct(${JSON.stringify(particles)}, ${options});`);
  if (error !== undefined) throw new Error(error.evalue);
  const log = join(out, "progress.jsonl");
  while (!existsSync(log) || readFileSync(log, "utf8").split("\n").length < 3) await sleep(50);
  const times: number[] = [];
  for (let i = 0; i < CELLS; i++) times.push(await timed(() => kernel.run(PLAIN(i))));
  await kernel.run("await job.stop();");
  await kernel.close();
  return times;
}
