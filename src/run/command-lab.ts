/** @file `iolaus lab`: JupyterLab or Notebook with this kernel where there is one, else the notebooks as executed pages. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { Command } from "commander";
import { openKernel } from "./open-kernel.js";
import { untilInterrupted } from "./until-interrupted.js";

interface LabFlags {
  readonly pages?: boolean;
}

/** Jupyter's own programs, the better one first. */
const PROGRAMS = ["jupyter-lab", "jupyter-notebook"];

export function addLab(program: Command): void {
  program
    .command("lab")
    .description("open notebooks in Jupyter, or show them as executed pages where there is no Jupyter")
    .argument("[folder]", "a folder of notebooks", ".")
    .option("--pages", "show pages even if there is a Jupyter")
    .action(async (folder: string, { pages = false }: LabFlags) => {
      const jupyter = pages ? undefined : PROGRAMS.find((name) => spawnSync(name, ["--version"]).status === 0);
      if (jupyter === undefined) await showPages(folder, pages);
      else await startJupyter(jupyter, folder);
    });
}

/** The kernel is made known to this Jupyter alone. */
async function startJupyter(jupyter: string, folder: string): Promise<void> {
  const prefix = mkdtempSync(join(tmpdir(), "iolaus-lab-"));
  const { installKernel } = await openKernel();
  for (const warning of installKernel({ prefix }).warnings) console.error(`iolaus: ${warning}`);
  const places = [join(prefix, "share", "jupyter"), process.env["JUPYTER_PATH"] ?? ""].filter((place) => place !== "");
  const env = { ...process.env, JUPYTER_PATH: places.join(delimiter) };
  const child = spawn(jupyter, [resolve(folder)], { stdio: "inherit", env });
  const onSignal = (): void => {}; // a key press reaches Jupyter too, which asks what is meant
  process.on("SIGINT", onSignal);
  process.exitCode = await new Promise((end) => child.on("close", (code) => end(code ?? 1)));
  process.off("SIGINT", onSignal);
  rmSync(prefix, { recursive: true, force: true });
}

async function showPages(folder: string, isAsked: boolean): Promise<void> {
  const { serveNotebooks } = await openKernel();
  const { url, close } = await serveNotebooks(resolve(folder));
  if (!isAsked) console.error("iolaus: no Jupyter found (jupyter-lab, jupyter-notebook); showing executed pages");
  console.log(url);
  await untilInterrupted((signal) => new Promise<void>((end) => signal.addEventListener("abort", () => end())));
  close();
}
