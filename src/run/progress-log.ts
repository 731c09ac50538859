/** @file progress.jsonl: one JSON line per step of a run. A torn last line, left by a crash, is passed over. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { writePiecesAtomic } from "../io/atomic.js";
import { writing } from "../io/file-access.js";
import type { MixtureState } from "../mixture/state.js";

/** What a step reports. Everything but the times is the same whenever the run is repeated. */
export interface ProgressRow {
  /** Steps done, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Passes over the images completed. */
  readonly pass: number;
  /** Done so far, 0..1. */
  readonly fraction: number;
  /** Time computed so far, resumed parts together. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Resolution limit, Fourier pixels of the working box. */
  readonly radius: number;
  readonly resolutionAngstrom: number;
  readonly poseTemperature: number;
  readonly classTemperature: number;
  /** Mean per image over the latest pass. */
  readonly logEvidence: number;
  /** Fraction of images whose class changed at their latest visit. */
  readonly changed: number;
  /** Number[K], sums to 1. */
  readonly classWeights: readonly number[];
}

export function progressRow(
  state: MixtureState,
  set: { readonly box: number; readonly pixelSizeAngstrom: number },
  seconds: number,
): ProgressRow {
  const { step, steps, pass, fraction, settings, imagesPerSecond, logEvidence, changed, classWeights } = state;
  return {
    step,
    steps,
    pass,
    fraction,
    seconds: rounded(seconds, 0.01),
    imagesPerSecond: rounded(imagesPerSecond, 0.1),
    radius: settings.radius,
    resolutionAngstrom: rounded((set.box * set.pixelSizeAngstrom) / settings.radius, 0.01),
    poseTemperature: settings.poseTemperature,
    classTemperature: settings.classTemperature,
    logEvidence,
    changed,
    classWeights: Array.from(classWeights),
  };
}

export function appendProgress(path: string, row: ProgressRow): void {
  writing(path, () => appendFileSync(path, `${JSON.stringify(row)}\n`));
}

export function readProgress(path: string): ProgressRow[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line) => (line.endsWith("}") ? [JSON.parse(line) as ProgressRow] : []));
}

/** Forget the steps after `step`: the run goes on from there. */
export function truncateProgress(path: string, step: number): void {
  const kept = readProgress(path).filter((row) => row.step <= step);
  writePiecesAtomic(
    path,
    kept.map((row) => `${JSON.stringify(row)}\n`),
  );
}

function rounded(value: number, step: number): number {
  return Math.round(value / step) / Math.round(1 / step);
}
