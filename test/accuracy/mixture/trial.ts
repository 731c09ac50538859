/** @file One reconstruction of a mixture, timed, from a set that is simulated and prepared once for all its trials. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParticleSource, Volume } from "../../../src/core/types.js";
import { type PreparedParticles, prepare } from "../../../src/imaging/prepare.js";
import type { Exposure, Truth } from "../../../src/imaging/simulate.js";
import { reconstructMixture } from "../../../src/mixture/reconstruct.js";
import type { Assignments, MixtureOptions } from "../../../src/mixture/state.js";
import { EXPOSURE, GRID } from "../../support/ribosplike.js";
import { modelledSource } from "../../support/simulated-source.js";
import { speciesModel } from "../../support/species.js";
import { foundLabels, type MixtureScore, scoreMixture } from "./score.js";

/** Of every reconstruction, unless PASSES says otherwise. */
export const PASSES: number = Number(process.env["PASSES"] ?? 22);
/** SCALE=0.1 makes a tenth of the images: to try a part, not to judge by. */
const SCALE = Number(process.env["SCALE"] ?? 1);

/** What a mixture is asked for. */
export type Asked = Omit<MixtureOptions, "classes"> & {
  readonly classes?: number | "auto";
  readonly mostClasses?: number;
  readonly junk?: boolean;
};

export interface Found {
  readonly assignments: Assignments;
  readonly maps: readonly Volume[];
  /** Class of every image, −1: junk. */
  readonly labels: Int32Array;
  readonly logEvidence: number;
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
}

export interface Mixture {
  readonly set: PreparedParticles;
  readonly truths: readonly Truth[];
  /** Of every image, into `names`; −1: junk. */
  readonly species: readonly number[];
  readonly names: readonly string[];
}

export function scaled(count: number): number {
  return Math.max(1, Math.round(SCALE * count));
}

/** A set of species at SNR 0.1 and box 64, for as long as `use` lasts. */
export async function withMixture<T>(
  names: readonly string[],
  exposure: Pick<Exposure, "counts"> & Partial<Exposure>,
  use: (mixture: Mixture) => Promise<T>,
): Promise<T> {
  const { source, truths } = modelledSource(names.join(", "), { ...EXPOSURE, ...exposure }, speciesModel(names, GRID));
  const species = truths.map((truth) => truth.species);
  return withPrepared(source, (set) => use({ set, truths, species, names }));
}

/** A working set in a folder of its own, for as long as `use` lasts. */
export async function withPrepared<T>(
  source: ParticleSource,
  use: (set: PreparedParticles) => Promise<T>,
  options: Parameters<typeof prepare>[2] = { box: source.box },
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-accuracy-"));
  try {
    return await use(await prepare(source, join(folder, "set"), options));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The last state of a reconstruction. */
export async function reconstructed(set: PreparedParticles, asked: Asked): Promise<Found> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  for await (const state of reconstructMixture(set, { passes: PASSES, ...asked } as MixtureOptions)) {
    if (state.fraction < 1) continue;
    const assignments = state.assignments();
    const maps = await state.volumes();
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - start) / 1e3;
    const labels = foundLabels(assignments);
    return { assignments, maps, labels, logEvidence: state.logEvidence, seconds, cpuSeconds: (user + system) / 1e6 };
  }
  throw new Error("expected a last state");
}

/** Score, and print the table and a line. */
export function printed(
  title: string,
  found: Found,
  { species, names }: Omit<Mixture, "set" | "truths">,
): MixtureScore {
  const score = scoreMixture(found.labels, species, names);
  const numbers = [
    `agreement ${score.agreement.toFixed(3)}`,
    `ARI ${score.ari.toFixed(3)}`,
    `${score.occupied} of ${found.maps.length} classes hold images`,
    ...(species.includes(-1)
      ? [`junk recall ${score.junkRecall.toFixed(3)}`, `junk precision ${score.junkPrecision.toFixed(3)}`]
      : []),
    `${found.seconds.toFixed(0)} s`,
    `${found.cpuSeconds.toFixed(0)} CPU-s`,
  ];
  console.log(`${title}: ${numbers.join(", ")}`);
  for (const line of score.lines) console.log(`  ${line}`);
  return score;
}

/** Say whether a gate holds. */
export function gate(what: string, holds: boolean): boolean {
  console.log(`${holds ? "holds" : "FAILS"}: ${what}`);
  return holds;
}
