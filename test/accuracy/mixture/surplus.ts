/**
 * @file The ribosplike mixture with the number of species not given: 6 classes for 3 species, and "auto".
 *
 * The gate: ARI ≥ 0.98 as with the right number, surplus classes empty or merged. One class for all holds every image;
 * as many classes as images is either refused or done, and more than that is refused, with what to do.
 */
import { IolausError } from "../../../src/core/errors.js";
import { RIBOSPLIKE } from "../../support/ribosplike.js";
import { type Asked, gate, type Mixture, printed, reconstructed, scaled, withMixture } from "./trial.js";

/** Of each species. */
const IMAGES = 1000;
const LEAST_ARI = 0.98;
const TOO_MANY = 6;
const FEW_PASSES = 3;
const FEW_IMAGES = 8;

/** Print a table for 6 classes and for "auto", and what one class and too many classes give; true when the gate holds. */
export async function run(): Promise<boolean> {
  const counts = RIBOSPLIKE.map(() => scaled(IMAGES));
  const found = await withMixture(RIBOSPLIKE, { counts }, async (mixture) => [
    await separates(`${TOO_MANY} classes`, { classes: TOO_MANY }, mixture),
    await separates("auto", { classes: "auto", mostClasses: TOO_MANY }, mixture),
    await isOne(mixture),
  ]);
  return [...found, await withMixture(RIBOSPLIKE, { counts: RIBOSPLIKE.map(() => FEW_IMAGES) }, refuses)].every(
    Boolean,
  );
}

async function separates(title: string, asked: Asked, mixture: Mixture): Promise<boolean> {
  const score = printed(title, await reconstructed(mixture.set, { ...asked, seed: 1 }), mixture);
  return [
    gate(`${title}: ARI ≥ ${LEAST_ARI}`, score.ari >= LEAST_ARI),
    gate(`${title}: as many classes hold images as there are species`, score.occupied === RIBOSPLIKE.length),
  ].every(Boolean);
}

async function isOne(mixture: Mixture): Promise<boolean> {
  // With junk told, what fits a map of three species worst is taken for it.
  const found = await reconstructed(mixture.set, { classes: 1, seed: 1, passes: FEW_PASSES, junk: false });
  const score = printed("one class", found, mixture);
  return gate("one class holds all images", score.occupied === 1 && score.ari === 0);
}

async function refuses({ set }: Mixture): Promise<boolean> {
  const all = await outcome(() => reconstructed(set, { classes: set.count, seed: 1, passes: 1 }));
  console.log(`${set.count} classes for ${set.count} images: ${all}`);
  const more = await outcome(() => reconstructed(set, { classes: set.count + 1, seed: 1, passes: 1 }));
  console.log(`${set.count + 1} classes for ${set.count} images: ${more}`);
  return [
    gate("as many classes as images: done or refused", /^(done|refused)/.test(all)),
    gate("more classes than images: refused", more.startsWith("refused")),
  ].every(Boolean);
}

/** "done", "refused: …" with an error that names the classes, or "failed: …". */
async function outcome(attempt: () => Promise<{ readonly logEvidence: number }>): Promise<string> {
  try {
    const { logEvidence } = await attempt();
    return Number.isFinite(logEvidence) ? "done" : `failed: log-evidence ${logEvidence}`;
  } catch (error) {
    const isOurs = error instanceof IolausError && error.message.includes("classes");
    return `${isOurs ? "refused" : "failed"}: ${error instanceof Error ? error.message : error}`;
  }
}
