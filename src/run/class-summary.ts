/**
 * @file What a run says of each class beside its particles: occupancy, certainty, symmetry and what went wrong, as in run.json.
 */

import type { Volume } from "../core/types.js";
import { binomialInterval } from "../metrics/binomial-interval.js";
import { detectSymmetry } from "../metrics/detect-symmetry.js";
import { type ClassFinding, type DiagnosisOptions, diagnoseClasses } from "../metrics/map-diagnosis.js";
import type { Assignments } from "../mixture/state.js";
import { numberText, percentText } from "../plot/number-text.js";
import { chosenRotations } from "./chosen-rotations.js";
import type { ClassHalves } from "./class-halves.js";

export interface ClassSummary {
  /** From 1. */
  readonly classNumber: number;
  readonly images: number;
  /** Of all images, and the 95 % interval of it by chance of which images were taken (metrics/binomial-interval.ts). */
  readonly share: number;
  readonly shareInterval: readonly [low: number, high: number];
  /** Of p(k|i) over its images, bits; null without images. 0: sure. */
  readonly meanEntropyBits: number | null;
  /** Null for a class of too few images. Axis: unit vector in the map's frame. */
  readonly symmetry: {
    readonly group: string;
    readonly axis: readonly [number, number, number] | null;
    readonly asymmetry: number;
    readonly nearly: string | null;
  } | null;
  /** Axes along which the species moves; null where that was not looked for. */
  readonly axes: number | null;
  readonly findings: readonly ClassFinding[];
}

/** A map of fewer images has no symmetry worth a name. */
const LEAST_IMAGES = 20;

/** One entry per class. Seconds per class, and per pair of classes whose spectra are alike. */
export function classSummaries(
  { classes, posterior, poses }: Pick<Assignments, "classes" | "posterior" | "poses">,
  volumes: readonly Volume[],
  halves: readonly (ClassHalves | null)[] = [],
  axes?: ArrayLike<number>,
): ClassSummary[] {
  const findings = classFindings({ classes, poses }, volumes, halves);
  return volumes.map((volume, k) => {
    const members = [...classes.keys()].filter((i) => classes[i] === k);
    const images = members.length;
    const [low, high] = binomialInterval(images, classes.length);
    const entropy = members.reduce((sum, i) => sum + entropyBits(posterior, i, volumes.length), 0);
    const symmetry = images < LEAST_IMAGES ? null : detectSymmetry(volume);
    return {
      classNumber: k + 1,
      images,
      share: images / classes.length,
      shareInterval: [low / classes.length, high / classes.length],
      meanEntropyBits: images === 0 ? null : entropy / images,
      symmetry: symmetry && {
        group: symmetry.group,
        axis: symmetry.axis,
        asymmetry: symmetry.asymmetry,
        nearly: symmetry.nearly,
      },
      axes: axes?.[k] ?? null,
      findings: findings.filter(({ classNumber }) => classNumber === k + 1),
    };
  });
}

/** What went wrong with the classes. */
export function classFindings(
  { classes, poses }: Pick<Assignments, "classes" | "poses">,
  volumes: readonly Volume[],
  halves: readonly (ClassHalves | null)[] = [],
  options: DiagnosisOptions = {},
): ClassFinding[] {
  const diagnosed = volumes.map((map, k) => {
    const members = [...classes.keys()].filter((i) => classes[i] === k);
    const fsc = halves[k]?.resolution.corrected;
    return {
      map,
      images: members.length,
      ...(members.length > 0 && { rotations: chosenRotations(poses.rotations, members) }),
      ...(fsc !== undefined && { halfMapFsc: fsc }),
    };
  });
  return diagnoseClasses(diagnosed, options);
}

/** Mean entropy of p(k|i) over all images, bits. */
export function meanEntropyBits(summaries: readonly ClassSummary[]): number {
  return summaries.reduce((sum, { share, meanEntropyBits: entropy }) => sum + share * (entropy ?? 0), 0);
}

/** Header and one row per class. */
export function summaryTable(summaries: readonly ClassSummary[]): string[][] {
  const rows = summaries.map(({ classNumber, share, shareInterval, meanEntropyBits: entropy, symmetry, axes }) => [
    String(classNumber),
    `${percentText(share)} (${shareInterval.map(percentText).join(" to ")})`,
    entropy === null ? "" : numberText(Number(entropy.toFixed(3))),
    symmetry === null ? "" : symmetryText(symmetry),
    axes === null ? "" : String(axes),
  ]);
  const head = ["class", "occupancy (95 % interval)", "mean entropy of p(k|i) (bits)", "symmetry of the map"];
  return [[...head, "axes of motion"], ...rows];
}

/** "C3 about (0, 0, 1)", or "C1, nearly C3". */
function symmetryText({ group, axis, nearly }: NonNullable<ClassSummary["symmetry"]>): string {
  if (axis !== null) return `${group} about (${axis.map((a) => a.toFixed(2)).join(", ")})`;
  return nearly === null ? group : `${group}, nearly ${nearly}`;
}

/** One line per finding. */
export function findingLines(findings: readonly ClassFinding[]): string[] {
  return findings.map(({ classNumber, code, text }) => `class ${classNumber}: ${code}: ${text}`);
}

function entropyBits(posterior: Float32Array, image: number, K: number): number {
  let entropy = 0;
  for (let k = 0; k < K; k++) {
    const p = posterior[image * K + k]!;
    if (p > 0) entropy -= p * Math.log2(p);
  }
  return entropy;
}
