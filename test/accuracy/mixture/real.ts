/**
 * @file Two real data sets pooled: apoferritin and β-galactosidase at 7.08 Å, low-passed to 40 Å.
 *
 * The gate: agreement ≥ 0.90 with two classes; the same images without their particles are not told apart, ARI < 0.1.
 */
import { POOLED, pooledParticles } from "../../support/pooled-particles.js";
import { hasSharedData } from "../../support/shared-data.js";
import { gate, printed, reconstructed, withPrepared } from "./trial.js";

const LEAST_AGREEMENT = 0.9;
const LARGEST_ARI = 0.1;
const DIAMETER_ANGSTROM = 190;
/** SEED=2 begins from other random numbers. */
const SEED = Number(process.env["SEED"] ?? 1);

/** Print a table for the particles and one for their background; true when the gate holds. */
export async function run(): Promise<boolean> {
  if (!hasSharedData) {
    console.log("skipped: ../shared/data is not there");
    return true;
  }
  const [particles, background] = [await told("particles"), await told("background")];
  return [
    gate(`particles: agreement ≥ ${LEAST_AGREEMENT}`, particles.agreement >= LEAST_AGREEMENT),
    gate(`background: ARI < ${LARGEST_ARI}`, background.ari < LARGEST_ARI),
  ].every(Boolean);
}

async function told(kind: "particles" | "background"): ReturnType<typeof judge> {
  const { source, species } = await pooledParticles(kind);
  return withPrepared(source, (set) => judge(kind, set, species), {
    box: source.box,
    diameterAngstrom: DIAMETER_ANGSTROM,
    dataSign: 1,
  });
}

async function judge(
  kind: string,
  set: Parameters<typeof reconstructed>[0],
  species: readonly number[],
): Promise<ReturnType<typeof printed>> {
  return printed(kind, await reconstructed(set, { classes: POOLED.length, zDim: 0, junk: false, seed: SEED }), {
    species,
    names: POOLED,
  });
}
