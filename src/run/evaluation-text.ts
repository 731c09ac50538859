/** @file An evaluation as lines for a terminal. */
import { JUNK } from "../metrics/confusion-table.js";
import type { Evaluation, SpeciesScore } from "./evaluate.js";
import { textTable } from "./text-table.js";

export function evaluationLines(evaluation: Evaluation): string[] {
  const { adjustedRandIndex, normalisedMutualInformation, agreement, confusion, species, count } = evaluation;
  const counts = confusion.counts.map((row, i) => [
    confusion.rows[i] === JUNK ? JUNK : `class ${confusion.rows[i]}`,
    ...row.map(String),
  ]);
  const scores = species.map((score) => [
    score.species,
    score.classNumber === null ? "none" : score.classNumber === 0 ? JUNK : String(score.classNumber),
    percent(score.recall),
    percent(score.precision),
    isPosed(score) ? `${score.medianRotationErrorDeg.toFixed(1)}°` : "",
    isPosed(score) ? `${score.medianShiftErrorAngstrom.toFixed(1)} Å` : "",
    score.conformationCorrelation === null ? "" : score.conformationCorrelation.toFixed(2),
    isPosed(score) ? score.hand : "",
  ]);
  const head = [
    "species",
    "class",
    "recall",
    "precision",
    "median rotation error",
    "shift error",
    "|rank corr. z|",
    "hand",
  ];
  return [
    `adjusted Rand index ${adjustedRandIndex.toFixed(3)} over ${count} images`,
    `agreement ${percent(agreement)}, normalised mutual information ${normalisedMutualInformation.toFixed(3)}`,
    "",
    ...textTable([["", ...confusion.columns.map(String)], ...counts]),
    "",
    ...textTable([head, ...scores]),
  ];
}

/** Whether there are poses to judge. */
function isPosed({ classNumber }: SpeciesScore): boolean {
  return classNumber !== null && classNumber > 0;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
