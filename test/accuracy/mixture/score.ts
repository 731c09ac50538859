/**
 * @file How well a mixture was told apart, with junk as a class of its own.
 *
 * Labels: classes or species from 0; −1: junk. Junk found is compared with true junk, the classes are paired with the
 * species so that as many images as possible agree (metrics/confusion-table.ts).
 */
import { adjustedRandIndexOfTable } from "../../../src/metrics/adjusted-rand-index.js";
import { confusionTable, confusionTableOf, matchClasses } from "../../../src/metrics/confusion-table.js";
import type { Assignments } from "../../../src/mixture/state.js";
import { textTable } from "../../../src/run/text-table.js";

export const JUNK = -1;
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
  return assignments.classes.map((k, i) => (junk !== undefined && junk[i]! > JUNK_POSTERIOR ? JUNK : k));
}

/** Compare labels found with the species `names[species[i]]` of every image. */
export function scoreMixture(
  found: ArrayLike<number>,
  species: ArrayLike<number>,
  names: readonly string[],
): MixtureScore {
  const table = confusionTable(found, species);
  const { rows, columns, counts } = table;
  const [junkRow, junkColumn] = [rows.indexOf(JUNK), columns.indexOf(JUNK)];
  const both = junkRow < 0 || junkColumn < 0 ? 0 : counts[junkRow]![junkColumn]!;
  const of = (row: number): readonly number[] => counts[row]!.filter((_, column) => column !== junkColumn);
  const classes = rows.map((_, row) => row).filter((row) => row !== junkRow);
  const kinds = columns.filter((_, column) => column !== junkColumn);
  const match = matchClasses(
    confusionTableOf(
      classes.map((row) => rows[row]!),
      kinds,
      classes.map(of),
    ),
  );
  const agreeing = classes.reduce((sum, row, i) => sum + (of(row)[match.columnOfRow[i]!] ?? 0), both);
  const total = (values: readonly number[]): number => values.reduce((sum, n) => sum + n, 0);
  const title = (label: number, named: string): string => (label === JUNK ? "junk" : named);
  return {
    agreement: agreeing / found.length,
    ari: adjustedRandIndexOfTable(table),
    junkRecall: both / total(counts.map((row) => row[junkColumn] ?? 0)),
    junkPrecision: both / total(counts[junkRow] ?? []),
    occupied: classes.length,
    lines: textTable([
      ["", ...columns.map((column) => title(Number(column), names[Number(column)]!))],
      ...rows.map((row, i) => [title(Number(row), `class ${Number(row) + 1}`), ...counts[i]!.map(String)]),
    ]),
  };
}
