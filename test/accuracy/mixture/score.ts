/**
 * @file How well a mixture was told apart, with junk as a class of its own.
 *
 * Labels: classes or species from 0; −1: junk. Junk found is compared with true junk, the classes are paired with the
 * species so that as many images as possible agree (metrics/confusion-table.ts).
 */
import { adjustedRandIndexOfTable } from "../../../src/metrics/adjusted-rand-index.js";
import { confusionTable, JUNK, matchClasses } from "../../../src/metrics/confusion-table.js";
import type { Assignments } from "../../../src/mixture/state.js";
import { textTable } from "../../../src/run/text-table.js";

/** Posterior of being junk above which an image counts as junk. */
const JUNK_POSTERIOR = 0.5;

export interface MixtureScore {
  /** Fraction of all images on the matched diagonal. */
  readonly agreement: number;
  readonly ari: number;
  /** Of the true junk, the part that was found; NaN where there is none. */
  readonly junkRecall: number;
  /** Of the junk found, the part that is junk; NaN where none was found. */
  readonly junkPrecision: number;
  /** Classes that hold an image. */
  readonly occupied: number;
  /** A row for each class found, a column for each species. */
  readonly lines: readonly string[];
}

/** Class of every image, −1 where it is junk rather than not. */
export function foundLabels(assignments: Assignments): Int32Array {
  const { junk } = assignments as { readonly junk?: Float32Array };
  return assignments.classes.map((k, i) => (junk !== undefined && junk[i]! > JUNK_POSTERIOR ? -1 : k));
}

/** Compare labels found with the species `names[species[i]]` of every image. */
export function scoreMixture(
  found: ArrayLike<number>,
  species: ArrayLike<number>,
  names: readonly string[],
): MixtureScore {
  const name = (label: number, named: string): string => (label < 0 ? JUNK : named);
  const table = confusionTable(
    Array.from(found, (label) => name(label, `class ${label + 1}`)),
    Array.from(species, (s) => name(s, names[s]!)),
  );
  const { rows, columns, counts } = table;
  const [junkRow, junkColumn] = [rows.indexOf(JUNK), columns.indexOf(JUNK)];
  const both = counts[junkRow]?.[junkColumn] ?? 0;
  const total = (values: readonly number[]): number => values.reduce((sum, n) => sum + n, 0);
  return {
    agreement: matchClasses(table).agreement,
    ari: adjustedRandIndexOfTable(table),
    junkRecall: both / total(counts.map((row) => row[junkColumn] ?? 0)),
    junkPrecision: both / total(counts[junkRow] ?? []),
    occupied: rows.length - (junkRow < 0 ? 0 : 1),
    lines: textTable([["", ...columns.map(String)], ...rows.map((row, i) => [String(row), ...counts[i]!.map(String)])]),
  };
}
