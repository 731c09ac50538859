/**
 * @file The published schedule beside ours on the demo set, one thread each, the same CPU time. Printed, not gated.
 *
 * The published phases are made for GPU-days: here they are shortened until all three fit into what ours takes, on a
 * network of the size of ours, with a sixth of the Fourier points of an image in each step (which leaves the gradient
 * unbiased), the smaller radii of the paper's text, and higher rates for the few steps there are. What the unshortened
 * phases would take is estimated from a step of each. The two take turns, so that both see the same machine.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fieldPresets } from "../../src/field/field.js";
import { type PreparedParticles, prepare } from "../../src/imaging/prepare.js";
import type { Recipe } from "../../src/imaging/simulate.js";
import { type PaperOptions, paperSchedule, paperSteps } from "../../src/mixture/paper-schedule.js";
import { reconstructMixture } from "../../src/mixture/reconstruct.js";
import type { Assignments, MixtureState } from "../../src/mixture/state.js";
import { simulatedSource } from "../support/simulated-source.js";
import { judge } from "./demo.js";

const SHORTENED: PaperOptions = {
  field: fieldPresets.small,
  sigma: 0.1, // the paper's for its synthetic sets
  pretrainImages: 1920,
  searchImages: 4800,
  gradientEpochs: 8,
  searchRadius: [6, 16],
  pointsPerImage: 128,
  fieldRate: 1e-3,
  scoreRate: 0.1,
};
/** When results are looked at, CPU seconds. */
const MARKS = [10, 25, 50, 75, 100, 150, 200, 300];

/** Print a line for each at every mark and at its end. */
export async function run(): Promise<boolean> {
  const recipe = JSON.parse(readFileSync("datasets/demo/recipe.json", "utf8")) as Recipe;
  const { source, truths } = simulatedSource(recipe);
  const folder = mkdtempSync(join(tmpdir(), "iolaus-accuracy-"));
  const common = { classes: recipe.species.length, seed: 1, threads: 1 };
  try {
    const set = await prepare(source, join(folder, "set.f32"), { box: recipe.box, threads: 1 });
    const contestants = [
      contestant("ours", reconstructMixture(set, common)),
      contestant("paper, shortened", reconstructMixture(set, { ...common, schedule: "paper", paper: SHORTENED })),
    ];
    for (const mark of [...MARKS, Infinity])
      for (const { name, until } of contestants) {
        const reached = await until(mark);
        if (reached !== undefined) judge(recipe, truths, reached.found, `${name}, ${reached.text}`);
      }
    await estimate(set);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return true;
}

/** CPU time of the published phases at their published lengths, from a visit of each. */
async function estimate(set: PreparedParticles): Promise<void> {
  const published = { sigma: 0.1, searchImages: 100_000 };
  const visits = paperSteps(paperSchedule(published), set.count);
  let [seconds, text] = [0, ""];
  for (const stage of ["pretrain", "search", "gradient"] as const) {
    const length = { pretrainImages: 0, searchImages: 0, gradientEpochs: 0 };
    const alone = { pretrain: { pretrainImages: 64 }, search: { searchImages: 1 }, gradient: { gradientEpochs: 1 } };
    const paper = { ...published, ...length, ...alone[stage] };
    const begun = cpuSeconds();
    // As many images as are searched with the same rasters; steps take 32 images, or one batch of 64.
    const images = stage === "search" ? 256 : 64;
    const steps = stage === "gradient" ? 1 : images / 32;
    for await (const state of reconstructMixture(set, { classes: 3, threads: 1, schedule: "paper", paper }))
      if (state.step === steps) break;
    const each = (cpuSeconds() - begun) / images;
    const count = visits.filter((v) => v.stage === stage).reduce((sum, { from, to }) => sum + to - from, 0);
    seconds += count * each;
    text += `${stage} ${count} visits of ${(1e3 * each).toFixed(0)} ms, `;
  }
  console.log(`as published: ${text}${(seconds / 3600).toFixed(1)} CPU-h`);
}

interface Contestant {
  readonly name: string;
  /** Go on to `mark` CPU seconds; what it has come to, or nothing once it has ended. */
  until(mark: number): Promise<Reached | undefined>;
}

interface Reached {
  readonly found: Assignments;
  /** CPU time, and what was done in it. */
  readonly text: string;
}

function contestant(name: string, states: AsyncGenerator<MixtureState, void>): Contestant {
  let [seconds, ended] = [0, false];
  return {
    name,
    async until(mark) {
      if (ended) return undefined;
      for (;;) {
        const begun = cpuSeconds();
        const { value: state } = await states.next();
        seconds += cpuSeconds() - begun;
        ended = !state || state.fraction === 1;
        if (!state) return undefined;
        if (!ended && seconds < mark) continue;
        const { settings, fraction } = state;
        const progress = `${(100 * fraction).toFixed(0)} % of the schedule, ${settings.stage}`;
        return { found: state.assignments(), text: `${seconds.toFixed(0)} CPU-s, ${progress}` };
      }
    },
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
