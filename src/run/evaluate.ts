/**
 * @file How good a run is, where the truth is known: species found, poses, conformations.
 *
 * Particles are joined by key. Each species is paired with the class that holds most of it; poses are compared within
 * that pair, after alignment over a global rotation and both hands. Junk is a species that has no poses.
 */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { IolausError } from "../core/errors.js";
import { adjustedRandIndexOfTable } from "../metrics/adjusted-rand-index.js";
import { type ConfusionTable, confusionTable, JUNK, matchClasses } from "../metrics/confusion-table.js";
import { normalisedMutualInformationOfTable } from "../metrics/normalised-mutual-information.js";
import { median } from "../metrics/quantile.js";
import { rotationError } from "../metrics/rotation-error.js";
import { shiftError } from "../metrics/shift-error.js";
import { spearman } from "../metrics/spearman.js";
import { chosenRotations } from "./chosen-rotations.js";
import type { RunParticles } from "./particle-table.js";
import type { Truth } from "./truth.js";

export interface SpeciesScore {
  readonly species: string;
  /** Images of the species. */
  readonly images: number;
  /** The class paired with it, from 1; null when there are fewer classes than species; 0: junk. */
  readonly classNumber: number | null;
  /** Of its images, the fraction in that class. */
  readonly recall: number;
  /** Of the class's images, the fraction of that species. */
  readonly precision: number;
  /** Over the images of the pair. */
  readonly medianRotationErrorDeg: number;
  readonly medianShiftErrorAngstrom: number;
  readonly hand: "same" | "mirrored";
  /** Size of the rank correlation of the first latent with the true conformation, 0..1; null without either. */
  readonly conformationCorrelation: number | null;
}

export interface Evaluation {
  /** Images judged. */
  readonly count: number;
  readonly adjustedRandIndex: number;
  readonly normalisedMutualInformation: number;
  /** Of all images, the fraction in the class paired with their species. */
  readonly agreement: number;
  /** Rows: classes from 1, and junk; columns: species. */
  readonly confusion: ConfusionTable;
  readonly species: readonly SpeciesScore[];
}

/** Compare a run's particles with the truth. */
export function evaluate(found: RunParticles, truth: Truth): Evaluation {
  const rows = joinByKey(found, truth);
  const classes = rows.map((_, i) => found.assignments.classes[i]! + 1 || JUNK);
  const species = rows.map((row) => truth.species[row]!);
  const confusion = confusionTable(classes, species);
  const match = matchClasses(confusion);
  const scores = confusion.columns.map((name, column): SpeciesScore => {
    const row = match.columnOfRow.indexOf(column);
    const isJunk = name === JUNK;
    const classNumber = row < 0 ? null : isJunk ? 0 : Number(confusion.rows[row]);
    const members = [...rows.keys()].filter((i) => !isJunk && species[i] === name && classes[i] === classNumber);
    return {
      species: String(name),
      images: species.filter((s) => s === name).length,
      classNumber,
      recall: match.recall[column]!,
      precision: row < 0 ? 0 : match.precision[row]!,
      ...poseScore(found, truth, members, rows),
    };
  });
  return {
    count: rows.length,
    adjustedRandIndex: adjustedRandIndexOfTable(confusion),
    normalisedMutualInformation: normalisedMutualInformationOfTable(confusion),
    agreement: match.agreement,
    confusion,
    species: scores,
  };
}

/** For each found particle, its row in the truth. */
function joinByKey(found: RunParticles, truth: Truth): number[] {
  const rowOf = new Map(truth.keys.map((key, row) => [key, row]));
  return found.keys.map((key) => {
    const row = rowOf.get(key);
    if (row !== undefined) return row;
    const advice = "is it the truth of these particles?";
    throw new IolausError("bad-file", `${truth.path}: expected the particle ${key} of the run, got none; ${advice}`);
  });
}

type PoseScore = Pick<
  SpeciesScore,
  "medianRotationErrorDeg" | "medianShiftErrorAngstrom" | "hand" | "conformationCorrelation"
>;

function poseScore(found: RunParticles, truth: Truth, members: readonly number[], rows: readonly number[]): PoseScore {
  const nothing = { medianRotationErrorDeg: 180, medianShiftErrorAngstrom: Infinity, hand: "same" } as const;
  if (members.length === 0) return { ...nothing, conformationCorrelation: null };
  const { poses, z } = found.assignments;
  const trueRows = members.map((i) => rows[i]!);
  const error = rotationError(
    chosenRotations(poses.rotations, members),
    chosenRotations(truth.poses.rotations, trueRows),
  );
  const shifts = shiftError(
    error.aligned,
    members.flatMap((i) => [...poses.shiftsAngstrom.subarray(2 * i, 2 * i + 2)]),
    trueRows.flatMap((i) => [...truth.poses.shiftsAngstrom.subarray(2 * i, 2 * i + 2)]),
    (i) => error.errorsRad[i]! < 30 * RADIANS_PER_DEGREE,
  );
  const hasBoth = found.zDim > 0 && truth.conformation !== null && members.length > 1;
  const rank = hasBoth
    ? spearman(
        members.map((i) => z[i * found.zDim]!),
        trueRows.map((i) => truth.conformation![i]!),
      )
    : null;
  return {
    medianRotationErrorDeg: median(error.errorsRad) / RADIANS_PER_DEGREE,
    medianShiftErrorAngstrom: shifts.medianAngstrom,
    hand: error.hand,
    conformationCorrelation: rank === null ? null : Math.abs(rank),
  };
}
