/**
 * @file 71 : 9 : 12 : 8, the shares of Hydra's real set: RyR1, p97, ribosome and junk of three kinds, 5,000 images.
 *
 * The gate: overall agreement ≥ 0.95 and junk recall ≥ 0.80 (Hydra on its set: 0.917 and 0.553).
 */
import { gate, printed, reconstructed, scaled, withMixture } from "./trial.js";

const NAMES = ["ryr1", "p97", "ribosome"];
const COUNTS = [3550, 450, 600];
const JUNK = { noise: 134, "off-centre": 133, overlap: 133 };
const LEAST_AGREEMENT = 0.95;
const LEAST_RECALL = 0.8;

/** Print the table, and how much of each kind of junk was found; true when the gate holds. */
export function run(): Promise<boolean> {
  const junk = Object.fromEntries(Object.entries(JUNK).map(([kind, n]) => [kind, scaled(n)]));
  return withMixture(NAMES, { counts: COUNTS.map(scaled), junk }, async (mixture) => {
    const found = await reconstructed(mixture.set, { classes: NAMES.length, junk: true, seed: 1 });
    const score = printed("unequal", found, mixture);
    const kinds = Object.keys(JUNK).map((kind) => {
      const of = mixture.truths.flatMap((truth, i) => (truth.junk?.kind === kind ? [found.labels[i]!] : []));
      return `${kind} ${(of.filter((label) => label < 0).length / of.length).toFixed(2)}`;
    });
    console.log(`  found of each kind of junk: ${kinds.join(", ")}`);
    return [
      gate(`agreement ≥ ${LEAST_AGREEMENT}`, score.agreement >= LEAST_AGREEMENT),
      gate(`junk recall ≥ ${LEAST_RECALL}`, score.junkRecall >= LEAST_RECALL),
    ].every(Boolean);
  });
}
