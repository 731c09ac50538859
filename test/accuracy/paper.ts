/**
 * @file The published schedule beside ours on the demo set, one thread, the same CPU time. Printed, not gated.
 *
 * The published phases are made for GPU-days: 10,000 images of pretraining alone outlast our whole reconstruction. So two
 * versions are given the time that ours took: as published, stopped where it then is, and with every phase shortened until
 * all three fit (a sixth of the Fourier points of an image in each step, which leaves the gradient unbiased; the smaller
 * radii of the paper's text; rates raised for the few steps there are).
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PreparedParticles, prepare } from "../../src/imaging/prepare.js";
import type { Recipe } from "../../src/imaging/simulate.js";
import type { PaperOptions } from "../../src/mixture/paper-schedule.js";
import { reconstructMixture } from "../../src/mixture/reconstruct.js";
import type { Assignments, MixtureOptions, PaperMixtureOptions } from "../../src/mixture/state.js";
import { simulatedSource } from "../support/simulated-source.js";
import { judge } from "./demo.js";

const PUBLISHED: PaperOptions = { sigma: 0.1, searchImages: 100_000 }; // its values for synthetic sets
const SHORTENED: PaperOptions = {
  ...PUBLISHED,
  pretrainImages: 1920,
  searchImages: 2400,
  gradientEpochs: 6,
  searchRadius: [6, 16],
  pointsPerImage: 128,
  fieldRate: 1e-3,
  scoreRate: 0.1,
};

/** Print a line for ours and one for each version of the paper's. */
export async function run(): Promise<boolean> {
  const recipe = JSON.parse(readFileSync("datasets/demo/recipe.json", "utf8")) as Recipe;
  const { source, truths } = simulatedSource(recipe);
  const folder = mkdtempSync(join(tmpdir(), "iolaus-accuracy-"));
  const common = { classes: recipe.species.length, seed: 1, threads: 1 };
  try {
    const set = await prepare(source, join(folder, "set.f32"), { box: recipe.box, threads: 1 });
    const ours = await reconstructFor(set, common, Infinity);
    judge(recipe, truths, ours.found, `ours, ${ours.text}`);
    for (const [name, paper] of Object.entries({ "paper, as published": PUBLISHED, "paper, shortened": SHORTENED })) {
      const theirs = await reconstructFor(set, { ...common, schedule: "paper", paper }, ours.seconds);
      judge(recipe, truths, theirs.found, `${name}, ${theirs.text}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return true;
}

interface Reached {
  readonly found: Assignments;
  readonly seconds: number;
  /** CPU time, and what was done in it. */
  readonly text: string;
}

/** The last state within `limit` seconds of CPU time, the first of them excepted. */
async function reconstructFor(
  set: PreparedParticles,
  options: MixtureOptions | PaperMixtureOptions,
  limit: number,
): Promise<Reached> {
  const begun = cpuSeconds();
  let reached: Reached | undefined;
  for await (const state of reconstructMixture(set, options)) {
    const seconds = cpuSeconds() - begun;
    if (state.fraction < 1 && seconds < limit) continue;
    const { settings, fraction, pass } = state;
    const text = `${seconds.toFixed(0)} CPU-s, ${(100 * fraction).toFixed(0)} % of the schedule, ${settings.stage}, pass ${pass}`;
    reached = { found: state.assignments(), seconds, text };
    break;
  }
  return reached!;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
