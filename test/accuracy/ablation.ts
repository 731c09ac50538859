/**
 * @file What each part of the mixture's schedule contributes: the ribosplike mixture in small, with one part left out at a time.
 *
 * 400 images of each species, box 32, SNR 0.1, from random starts. Printed for each variant and seed: ARI, agreement, the
 * worst median rotation error of a species, CPU seconds. Nothing is gated but the schedule as it is: ARI ≥ 0.9 in the mean.
 * SEEDS=1,2 and VARIANTS="as it is,no restarts" take some of them.
 */
import type { PreparedParticles } from "../../src/imaging/prepare.js";
import type { Truth } from "../../src/imaging/simulate.js";
import { defaultSchedule, type Schedule, type Stage } from "../../src/mixture/schedule.js";
import { EXPOSURE, RIBOSPLIKE, ribosplike } from "../support/ribosplike.js";
import { modelledSource } from "../support/simulated-source.js";
import { scoreMixture } from "./mixture/score.js";
import { speciesError } from "./mixture/species-error.js";
import { type Found, gate, PASSES, reconstructed, withPrepared } from "./mixture/trial.js";

const IMAGES = 400;
const BOX = 32;
const SEEDS = (process.env["SEEDS"] ?? "1,2").split(",").map(Number);
const LEAST_ARI = 0.9;
const WHOLE = "as it is";

/** Changes of one stage; null: the stage is left out. */
const VARIANTS: Readonly<Record<string, (stage: Stage, all: readonly Stage[]) => Stage | null>> = {
  [WHOLE]: (stage) => stage,
  "no equal shares at first": (stage) => ({ ...stage, balance: [0, 0] }),
  "only as many classes as species": (stage) => ({ ...stage, provision: 1 }),
  "no restarts": (stage) => (stage.alone ? null : stage),
  "classes cold from the start": (stage) => ({ ...stage, classTemperature: [1, 1] }),
  "poses cold from the start": (stage) => ({ ...stage, poseTemperature: [1, 1] }),
  "full resolution from the start": (stage, all) => ({
    ...stage,
    radius: [all.at(-1)!.radius[1], all.at(-1)!.radius[1]],
  }),
  "batches four times as large": (stage) => ({ ...stage, batch: 4 * stage.batch }),
};

/** Print a line for each variant and seed; true when the whole schedule passes. */
export async function run(): Promise<boolean> {
  const counts = RIBOSPLIKE.map(() => IMAGES);
  const { source, truths } = modelledSource("ablation", { ...EXPOSURE, counts }, ribosplike());
  const wanted = process.env["VARIANTS"]?.split(",") ?? Object.keys(VARIANTS);
  return withPrepared(
    source,
    async (set) => {
      let passed = true;
      for (const name of wanted) {
        const change = VARIANTS[name];
        if (change === undefined)
          throw new Error(`VARIANTS: expected ${Object.keys(VARIANTS).join(", ")}, got ${name}`);
        const scores: number[] = [];
        for (const seed of SEEDS) {
          const schedule = changed(set, change);
          const found = await reconstructed(set, { classes: RIBOSPLIKE.length, zDim: 0, seed, schedule });
          scores.push(printed(`${name}, seed ${seed}`, found, truths));
        }
        const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
        if (name === WHOLE) passed = gate(`${name}: mean ARI ${mean.toFixed(3)} ≥ ${LEAST_ARI}`, mean >= LEAST_ARI);
      }
      return passed;
    },
    { box: BOX },
  );
}

/** The stages changed; what is left is scaled to as many passes. */
function changed(set: PreparedParticles, change: (stage: Stage, all: readonly Stage[]) => Stage | null): Schedule {
  const schedule = defaultSchedule(set, PASSES, undefined, RIBOSPLIKE.length);
  const stages = schedule.stages.flatMap((stage) => change(stage, schedule.stages) ?? []);
  const passes = stages.reduce((sum, stage) => sum + stage.passes, 0);
  return { ...schedule, stages: stages.map((stage) => ({ ...stage, passes: (stage.passes * PASSES) / passes })) };
}

function printed(title: string, found: Found, truths: readonly Truth[]): number {
  const { labels, cpuSeconds } = found;
  const species = truths.map((truth) => truth.species);
  const { ari, agreement } = scoreMixture(labels, species, RIBOSPLIKE);
  const errors = RIBOSPLIKE.map(
    (name, s) => `${name} ${speciesError(name, s, found, truths).degrees.toFixed(1)}°`,
  ).join(", ");
  console.log(
    `${title}: ARI ${ari.toFixed(3)}, agreement ${agreement.toFixed(3)}, ${errors}, ${cpuSeconds.toFixed(0)} CPU-s`,
  );
  return ari;
}
