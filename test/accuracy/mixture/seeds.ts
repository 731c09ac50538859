/**
 * @file The ribosplike mixture from random starts: three moving species of 1,000 images each, box 64, SNR 0.1.
 *
 * No poses or labels are given. The gate, for all of five seeds: ARI ≥ 0.98, for every species a median rotation error
 * of at most 5° and FSC 0.5 against its mean map beyond 25 Å, at most 12 minutes; at SNR 0.05, ARI ≥ 0.95. The spike's
 * core has three-fold symmetry: its error is the least over C3.
 */
import type { Volume } from "../../../src/core/types.js";
import { beadVolume } from "../../../src/imaging/bead-model.js";
import type { ParticleModel, Truth } from "../../../src/imaging/simulate.js";
import { adjustedRandIndex } from "../../../src/metrics/adjusted-rand-index.js";
import { fourierShellCorrelation, resolutionAngstrom } from "../../../src/metrics/fourier-shell-correlation.js";
import { alignVolume } from "../../../src/metrics/volume-alignment.js";
import { EXPOSURE, GRID, RIBOSPLIKE, ribosplike } from "../../support/ribosplike.js";
import { latentDirection } from "../latent-direction.js";
import { speciesError } from "./species-error.js";
import { type Found, gate, reconstructed, scaled, withMixture } from "./trial.js";

const LEAST_ARI = 0.98;
const LARGEST_ERROR_DEG = 5;
const LONGEST_S = 720;
const COARSEST_ANGSTROM = 25;
const LEAST_ARI_NOISY = 0.95;
/** SEEDS=1,2 takes some of them. */
const SEEDS = (process.env["SEEDS"] ?? "1,2,3,4,5").split(",").map(Number);
/** Of each species. */
const IMAGES = 1000;

/** Print a line per seed; true when the gate holds for all. */
export function seeds(): Promise<boolean> {
  const model = ribosplike();
  const means = RIBOSPLIKE.map((_, species) => meanMap(model, species));
  return reaches(EXPOSURE.snr, SEEDS, (attempt) => judge(attempt, means));
}

/** The same at half the signal, from one seed. */
export function noisy(): Promise<boolean> {
  return reaches(0.05, [1], judgeNoisy);
}

interface Attempt {
  readonly label: string;
  readonly truths: readonly Truth[];
  readonly found: Found;
}

/** Whether a reconstruction from every seed passes. */
function reaches(snr: number, wanted: readonly number[], passes: (attempt: Attempt) => boolean): Promise<boolean> {
  const counts = RIBOSPLIKE.map(() => scaled(IMAGES));
  return withMixture(RIBOSPLIKE, { counts, snr }, async ({ set, truths }) => {
    let reached = 0;
    for (const seed of wanted) {
      const found = await reconstructed(set, { classes: RIBOSPLIKE.length, seed });
      if (passes({ label: `SNR ${snr}, seed ${seed}`, truths, found })) reached++;
    }
    return gate(`SNR ${snr}: ${reached} of ${wanted.length} seeds pass`, reached === wanted.length);
  });
}

function judgeNoisy({ label, truths, found }: Attempt): boolean {
  const ari = adjustedRandIndex(
    found.labels,
    truths.map((truth) => truth.species),
  );
  console.log(`${label}, ${found.seconds.toFixed(0)} s, ${found.cpuSeconds.toFixed(0)} CPU-s: ARI ${ari.toFixed(3)}`);
  return ari >= LEAST_ARI_NOISY;
}

function judge({ label, truths, found }: Attempt, means: readonly Volume[]): boolean {
  const { maps, seconds, cpuSeconds } = found;
  const species = truths.map((truth) => truth.species);
  const ari = adjustedRandIndex(found.labels, species);
  const scores = RIBOSPLIKE.map((name, s) => {
    const { home, degrees } = speciesError(name, s, found, truths);
    const fsc = fourierShellCorrelation(alignVolume(maps[home]!, means[s]!).aligned, means[s]!);
    return { name, degrees, angstrom: resolutionAngstrom(fsc, 0.5), motion: motionFound(s, home, found, truths) };
  });
  const text = scores.map(
    ({ name, degrees, angstrom, motion }) =>
      `${name} ${degrees.toFixed(1)}° ${angstrom.toFixed(1)} Å |rho| ${motion.toFixed(3)}`,
  );
  const junk = found.labels.filter((label) => label < 0).length;
  console.log(
    `${label}, ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} CPU-s: ARI ${ari.toFixed(3)}, ${junk} images called junk; median rotation error, FSC 0.5, motion: ${text.join(", ")}`,
  );
  const sharp = scores.every((s) => s.degrees <= LARGEST_ERROR_DEG && s.angstrom <= COARSEST_ANGSTROM);
  return ari >= LEAST_ARI && seconds <= LONGEST_S && sharp;
}

/** |Spearman| of z with the true coordinate over the images of species `s` in its class. */
function motionFound(s: number, home: number, { assignments }: Found, truths: readonly Truth[]): number {
  const members = truths.flatMap(({ species }, i) => (species === s && assignments.classes[i] === home ? [i] : []));
  const zDim = assignments.z.length / truths.length;
  const z = members.flatMap((i) => [...assignments.z.subarray(i * zDim, (i + 1) * zDim)]);
  return latentDirection(
    z,
    zDim,
    members.map((i) => truths[i]!.z),
  ).correlation;
}

/** The mean over conformations of a species. */
function meanMap(model: ParticleModel, species: number): Volume {
  const states = [-0.8, -0.4, 0, 0.4, 0.8].map((z) => beadVolume(model(species, z), GRID.box, GRID.pixelSizeAngstrom));
  const values = states[0]!.values.map(
    (_, v) => states.reduce((sum, state) => sum + state.values[v]!, 0) / states.length,
  );
  return { ...states[0]!, values };
}
