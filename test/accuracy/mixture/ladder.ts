/**
 * @file A ladder of 3, 5 and 10 species, 1,000 images of each.
 *
 * The gate: agreement ≥ 0.90 at 5; from 3 to 10 the time of an image grows less than the number of species does.
 */
import { textTable } from "../../../src/run/text-table.js";
import { SPECIES } from "../../support/species.js";
import { gate, printed, reconstructed, scaled, withMixture } from "./trial.js";

const RUNGS = [3, 5, 10];
/** Of each species. */
const IMAGES = 1000;
const JUDGED = 5;
const LEAST_AGREEMENT = 0.9;

/** Print a table for every rung, and their times; true when the gate holds. */
export async function run(): Promise<boolean> {
  const rungs = [];
  for (const K of RUNGS) {
    const names = SPECIES.slice(0, K);
    const rung = await withMixture(names, { counts: names.map(() => scaled(IMAGES)) }, async (mixture) => {
      const found = await reconstructed(mixture.set, { classes: K, seed: 1 });
      const { agreement, ari } = printed(`${K} species`, found, mixture);
      return { K, images: mixture.set.count, agreement, ari, seconds: found.seconds, cpuSeconds: found.cpuSeconds };
    });
    rungs.push(rung);
  }
  const head = ["species", "images", "agreement", "ARI", "s", "CPU-s", "CPU-ms / image"];
  const perImage = rungs.map(({ cpuSeconds, images }) => (1e3 * cpuSeconds) / images);
  const rows = rungs.map(({ K, images, agreement, ari, seconds, cpuSeconds }, i) => [
    ...[K, images].map(String),
    ...[agreement, ari].map((v) => v.toFixed(3)),
    ...[seconds, cpuSeconds, perImage[i]!].map((v) => v.toFixed(0)),
  ]);
  for (const line of textTable([head, ...rows])) console.log(`  ${line}`);
  const growth = perImage.at(-1)! / perImage[0]!;
  const most = RUNGS.at(-1)! / RUNGS[0]!;
  const whole = rungs.at(-1)!.cpuSeconds / rungs[0]!.cpuSeconds;
  console.log(
    `from ${RUNGS[0]} to ${RUNGS.at(-1)} species: CPU time × ${whole.toFixed(1)}, of an image × ${growth.toFixed(2)}`,
  );
  const judged = rungs.find(({ K }) => K === JUDGED)!;
  return [
    gate(`${JUDGED} species: agreement ≥ ${LEAST_AGREEMENT}`, judged.agreement >= LEAST_AGREEMENT),
    gate(`time of an image grows less than ${most.toFixed(2)}-fold`, growth < most),
  ].every(Boolean);
}
