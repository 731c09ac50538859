/**
 * @file Confusion table of a classification against a reference: rows = found classes, columns = reference classes.
 *
 * Class names carry no meaning, so rows are paired with columns one to one such that the most images agree
 * (the assignment problem, solved by the Hungarian algorithm of the library `munkres`). The label `JUNK` alone says what it is: what
 * was found to be junk is paired with what is junk, and with nothing else.
 */
import { munkres } from "munkres";
import { check } from "../core/errors.js";

export type Label = string | number;

/** Images that show no particle of any class. */
export const JUNK = "junk";

export interface ConfusionTable {
  readonly kind: "confusion-table";
  /** Found classes, sorted, junk last. */
  readonly rows: readonly Label[];
  /** Reference classes, sorted, junk last. */
  readonly columns: readonly Label[];
  /** Number[rows columns]: images found in the row's class that belong to the column's class. */
  readonly counts: readonly (readonly number[])[];
}

export interface ClassMatch {
  /** For each row of the table, the column it is paired with; -1 where there are more rows than columns. */
  readonly columnOfRow: readonly number[];
  /** Fraction of all images that lie in paired cells, 0..1. */
  readonly agreement: number;
  /** For each column: of its images, the fraction found in the paired row (0 when no row is paired). */
  readonly recall: readonly number[];
  /** For each row: of its images, the fraction that belong to the paired column. */
  readonly precision: readonly number[];
}

/** Count how often each found label meets each reference label. Position i of both speaks of the same image. */
export function confusionTable(found: ArrayLike<Label>, reference: ArrayLike<Label>): ConfusionTable {
  check(
    found.length === reference.length,
    "found",
    `one label per reference label (${reference.length})`,
    found.length,
  );
  const rows = distinctLabels(found);
  const columns = distinctLabels(reference);
  const rowOf = new Map(rows.map((label, i) => [label, i]));
  const columnOf = new Map(columns.map((label, i) => [label, i]));
  const counts = rows.map(() => new Array<number>(columns.length).fill(0));
  for (let i = 0; i < found.length; i++) counts[rowOf.get(found[i]!)!]![columnOf.get(reference[i]!)!]!++;
  return { kind: "confusion-table", rows, columns, counts };
}

/** A table that was published as numbers. */
export function confusionTableOf(
  rows: readonly Label[],
  columns: readonly Label[],
  counts: readonly (readonly number[])[],
): ConfusionTable {
  check(counts.length === rows.length, "counts", `${rows.length} rows`, counts.length);
  for (const row of counts) {
    check(row.length === columns.length, "counts", `rows of ${columns.length} numbers`, row.length);
    for (const n of row) check(Number.isInteger(n) && n >= 0, "counts", "non-negative integers", n);
  }
  return { kind: "confusion-table", rows, columns, counts };
}

/** Pair rows with columns one to one so that as many images as possible agree; junk with junk. */
export function matchClasses(table: ConfusionTable): ClassMatch {
  const { counts, rows, columns } = table;
  const columnOfRow = new Array<number>(rows.length).fill(-1);
  const junkRow = rows.indexOf(JUNK);
  if (junkRow >= 0) columnOfRow[junkRow] = columns.indexOf(JUNK);
  const classes = [...rows.keys()].filter((row) => rows[row] !== JUNK);
  const references = [...columns.keys()].filter((column) => columns[column] !== JUNK);
  if (classes.length > 0 && references.length > 0)
    for (const [i, j] of munkres(classes.map((row) => references.map((column) => -counts[row]![column]!))))
      columnOfRow[classes[i]!] = references[j]!;
  const recall = columns.map((_, column) => {
    const row = columnOfRow.indexOf(column);
    return row < 0 ? 0 : ratio(counts[row]![column]!, columnTotal(table, column));
  });
  const agreeing = rows.map((_, row) => (columnOfRow[row]! < 0 ? 0 : counts[row]![columnOfRow[row]!]!));
  const precision = rows.map((_, row) => ratio(agreeing[row]!, sum(counts[row]!)));
  return { columnOfRow, agreement: ratio(sum(agreeing), imageCount(table)), recall, precision };
}

/** The part of a table that lies in these reference classes and in the rows paired with them. */
export function restrictToColumns(table: ConfusionTable, labels: readonly Label[]): ConfusionTable {
  const match = matchClasses(table);
  const kept = labels.map((label) => {
    const column = table.columns.indexOf(label);
    check(column >= 0, "labels", `reference classes among ${table.columns.join(", ")}`, label);
    return column;
  });
  const rows = table.rows.map((_, row) => row).filter((row) => kept.includes(match.columnOfRow[row]!));
  return {
    kind: "confusion-table",
    rows: rows.map((row) => table.rows[row]!),
    columns: labels,
    counts: rows.map((row) => kept.map((column) => table.counts[row]![column]!)),
  };
}

export function imageCount(table: ConfusionTable): number {
  return sum(table.counts.map(sum));
}

export function columnTotal(table: ConfusionTable, column: number): number {
  return sum(table.counts.map((row) => row[column]!));
}

function distinctLabels(labels: ArrayLike<Label>): Label[] {
  const distinct = [...new Set(Array.from(labels))];
  const kind = (label: Label): number => (typeof label === "number" ? 0 : label === JUNK ? 2 : 1);
  return distinct.sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : kind(a) - kind(b) || (a < b ? -1 : 1),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
