/**
 * @file A run whose process is killed with SIGKILL at random moments and resumed each time, beside one left alone.
 *
 * The gate: ARI and mean log-evidence are those of the run left alone, within noise; whether the labels and the maps
 * are the same to the last bit is printed.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../../../src/core/random.js";
import type { Recipe } from "../../../src/imaging/simulate.js";
import { evaluate } from "../../../src/run/evaluate.js";
import { openRun, type Run } from "../../../src/run/open-run.js";
import { reconstruct } from "../../../src/run/reconstruction.js";
import { runFolder } from "../../../src/run/run-folder.js";
import { readManifest } from "../../../src/run/run-manifest.js";
import { simulateFiles } from "../../../src/run/simulate-files.js";
import { textTable } from "../../../src/run/text-table.js";
import { readTruth } from "../../../src/run/truth.js";
import { proceduralShape, SIGMA_ANGSTROM } from "../../support/procedural-species.js";
import { EXPOSURE } from "../../support/ribosplike.js";
import { gate, PASSES, scaled } from "./trial.js";

/** Of each of three species, half the box of the others: the numbers do not matter, the interruptions do. */
const IMAGES = 300;
const KILLS = 6;
const NOISE_OF_ARI = 0.02;
/** Of the mean log-evidence. */
const NOISE_OF_EVIDENCE = 0.002;
const SPECIES = [0, 1, 2];

const recipe: Recipe = {
  ...EXPOSURE,
  name: "killed",
  box: 32,
  pixelSizeAngstrom: 17,
  counts: SPECIES.map(() => scaled(IMAGES)),
  species: SPECIES.map(proceduralShape),
  beadSigmaAngstrom: SIGMA_ANGSTROM,
};

/** Print both runs; true when the gate holds. */
export async function run(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-accuracy-"));
  const at = (...path: string[]): string => join(folder, ...path);
  try {
    const { particles, truth } = simulateFiles(recipe, { out: at("data") });
    const options = { classes: SPECIES.length, passes: PASSES, seed: 1, checkpointSeconds: 1 };
    const start = performance.now();
    await reconstruct(particles, { ...options, out: at("alone") });
    const seconds = (performance.now() - start) / 1e3;
    const moments = await killAtRandom(particles, { ...options, out: at("killed") }, seconds);
    console.log(`killed ${moments.length} times, after ${moments.map((s) => s.toFixed(1)).join(", ")} s`);
    const [alone, killed] = [at("alone"), at("killed")].map((out) => summary(openRun(out), truth));
    const [maps, others] = ["alone", "killed"].map((run) =>
      readdirSync(at(run)).filter((f) => /^class_\d+\.mrc$/.test(f)),
    );
    const same = ["particles.csv", ...maps!].filter(
      (name) =>
        existsSync(at("killed", name)) && readFileSync(at("alone", name)).equals(readFileSync(at("killed", name))),
    );
    const rows = [alone!, killed!].map(({ ari, evidence }, i) => [
      ["left alone", "killed"][i]!,
      ari.toFixed(3),
      evidence.toFixed(3),
    ]);
    for (const line of textTable([["run", "ARI", "log-evidence"], ...rows])) console.log(`  ${line}`);
    console.log(`  the same to the last bit: ${same.length === 0 ? "nothing" : same.join(", ")}`);
    const difference = Math.abs(alone!.evidence - killed!.evidence) / Math.abs(alone!.evidence);
    return [
      gate(`killed ${KILLS} times`, moments.length === KILLS),
      gate(`both end with ${maps!.length} classes`, maps!.join() === others!.join()),
      gate(`ARI differs by at most ${NOISE_OF_ARI}`, Math.abs(alone!.ari - killed!.ari) <= NOISE_OF_ARI),
      gate(`log-evidence differs by at most ${100 * NOISE_OF_EVIDENCE} %`, difference <= NOISE_OF_EVIDENCE),
    ].every(Boolean);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function summary(found: Run, truth: string): { ari: number; evidence: number } {
  const { adjustedRandIndex } = evaluate(found.particles(), readTruth(truth));
  return { ari: adjustedRandIndex, evidence: found.progress().at(-1)!.logEvidence };
}

type Options = Parameters<typeof reconstruct>[1];

/** Run to the end over `KILLS` deaths; when each came, seconds after that start. The moments share out the whole run. */
async function killAtRandom(particles: string, options: Options, seconds: number): Promise<readonly number[]> {
  const random = seededRandom(Date.now());
  const moments: number[] = [];
  while (moments.length < KILLS) {
    const resume = existsSync(runFolder(options.out).file("manifest"));
    const moment = (1.6 * seconds * random.uniform()) / KILLS;
    const running = reconstruct(particles, resume ? { out: options.out, resume } : options);
    const end = running.then(
      () => "done",
      (error: Error) => error.message,
    );
    const killed = await killAfter(options.out, moment, end);
    const word = await end;
    if (!killed || word === "done") break;
    if (!word.includes("SIGKILL")) throw new Error(`expected a run killed or done, got: ${word}`);
    moments.push(moment);
  }
  const { status } = readManifest(runFolder(options.out).file("manifest"));
  if (status !== "done") await reconstruct(particles, { out: options.out, resume: true });
  return moments;
}

/** Kill the process of the run in `out` once it says which it is and `seconds` have gone by; false when it has ended. */
async function killAfter(out: string, seconds: number, end: Promise<string>): Promise<boolean> {
  let ended = false;
  end.then(() => {
    ended = true;
  });
  const from = performance.now();
  const path = runFolder(out).file("manifest");
  while (!ended) {
    await sleep(5);
    if (performance.now() - from < 1e3 * seconds || !existsSync(path)) continue;
    const { status, process: computing } = readManifest(path);
    if (status !== "running" || computing === undefined) continue;
    process.kill(computing.id, "SIGKILL");
    return true;
  }
  return false;
}
