/**
 * @file The ribosplike mixture from random starts: three moving species of 1,000 images each, box 64, SNR 0.1.
 *
 * No poses or labels are given. The gate, for all of five seeds: ARI ≥ 0.98, for every species a median rotation error
 * of at most 5° and FSC 0.5 against its mean map beyond 25 Å, at most 12 minutes; at SNR 0.05, ARI ≥ 0.95. The spike's
 * core has three-fold symmetry: its error is the least over C3.
 */
import type { Volume } from "../../../src/core/types.js";
import {
  geodesicRad,
  type Matrix3,
  multiply,
  rotationAt,
  rotationFromVector,
  rotationsOf,
  transpose,
} from "../../../src/geometry/rotation.js";
import { beadVolume } from "../../../src/imaging/bead-model.js";
import type { ParticleModel, Truth } from "../../../src/imaging/simulate.js";
import { adjustedRandIndex } from "../../../src/metrics/adjusted-rand-index.js";
import { fourierShellCorrelation, resolutionAngstrom } from "../../../src/metrics/fourier-shell-correlation.js";
import { median } from "../../../src/metrics/quantile.js";
import { rotationError } from "../../../src/metrics/rotation-error.js";
import { alignVolume } from "../../../src/metrics/volume-alignment.js";
import { EXPOSURE, GRID, RIBOSPLIKE, ribosplike } from "../../support/ribosplike.js";
import { FOLD } from "../../support/species.js";
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
  const { assignments, maps, seconds, cpuSeconds } = found;
  const species = truths.map((truth) => truth.species);
  const ari = adjustedRandIndex(found.labels, species);
  const scores = RIBOSPLIKE.map((name, s) => {
    const ofSpecies = species.flatMap((value, i) => (value === s ? [i] : []));
    const home = mostCommon(ofSpecies.map((i) => assignments.classes[i]!));
    const members = ofSpecies.filter((i) => assignments.classes[i] === home);
    const rotations = members.map((i) => rotationAt(assignments.poses.rotations, i));
    const truth = members.map((i) => truths[i]!.rotation);
    const degrees = (leastError(rotations, truth, FOLD[name] ?? 1) * 180) / Math.PI;
    const fsc = fourierShellCorrelation(alignVolume(maps[home]!, means[s]!).aligned, means[s]!);
    return { name, degrees, angstrom: resolutionAngstrom(fsc, 0.5) };
  });
  const text = scores.map(({ name, degrees, angstrom }) => `${name} ${degrees.toFixed(1)}° ${angstrom.toFixed(1)} Å`);
  console.log(
    `${label}, ${seconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} CPU-s: ARI ${ari.toFixed(3)}; median rotation error, FSC 0.5: ${text.join(", ")}`,
  );
  const sharp = scores.every((s) => s.degrees <= LARGEST_ERROR_DEG && s.angstrom <= COARSEST_ANGSTROM);
  return ari >= LEAST_ARI && seconds <= LONGEST_S && sharp;
}

/** The mean over conformations of a species. */
function meanMap(model: ParticleModel, species: number): Volume {
  const states = [-0.8, -0.4, 0, 0.4, 0.8].map((z) => beadVolume(model(species, z), GRID.box, GRID.pixelSizeAngstrom));
  const values = states[0]!.values.map(
    (_, v) => states.reduce((sum, state) => sum + state.values[v]!, 0) / states.length,
  );
  return { ...states[0]!, values };
}

/** Median error, rad, the least over `fold` turns about z of the truth; frame from one image, over both hands. */
function leastError(found: readonly Matrix3[], truth: readonly Matrix3[], fold: number): number {
  if (fold === 1) return median(rotationError(rotationsOf(found), rotationsOf(truth)).errorsRad);
  const turns = Array.from({ length: fold }, (_, j) => rotationFromVector([0, 0, (2 * Math.PI * j) / fold]));
  let best = Infinity;
  for (const hand of [1, -1]) {
    const seen = found.map((r) => multiply([1, 0, 0, 0, 1, 0, 0, 0, hand], r));
    for (let anchor = 0; anchor < Math.min(100, found.length); anchor++) {
      const frame = multiply(transpose(seen[anchor]!), truth[anchor]!);
      const errors = seen.map((r, i) => {
        const here = multiply(r, frame);
        return Math.min(...turns.map((turn) => geodesicRad(here, multiply(truth[i]!, turn))));
      });
      best = Math.min(best, median(errors));
    }
  }
  return best;
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}
