/**
 * @file Do classes come back? Labels of the same particles from other seeds, checkpoints or runs, against a reference.
 *
 * For each reference class and each repetition the largest Jaccard index |A ∩ B| / |A ∪ B| over the classes found; their mean
 * is the stability of the class (Hennig 2007): above 0.85 it is there, below 0.6 it is not. For a whole classification the
 * adjusted Rand index, which counts pairs of particles assigned together.
 */
import { check } from "../core/errors.js";
import { adjustedRandIndexOfTable } from "./adjusted-rand-index.js";
import { columnTotal, confusionTable, type Label } from "./confusion-table.js";

export interface LabelStability {
  readonly kind: "label-stability";
  /** Reference classes, sorted. */
  readonly classes: readonly Label[];
  /** For each class, the mean over repetitions of its best Jaccard index, 0..1. */
  readonly jaccard: readonly number[];
  /** Of each repetition with the reference. */
  readonly adjustedRandIndices: readonly number[];
}

/** Position i of every list speaks of the same particle. */
export function labelStability(reference: ArrayLike<Label>, repetitions: readonly ArrayLike<Label>[]): LabelStability {
  check(repetitions.length > 0, "repetitions", "at least one other list of labels", 0);
  check(reference.length > 0, "reference", "at least one particle", 0);
  const tables = repetitions.map((labels) => confusionTable(labels, reference));
  const { columns: classes } = tables[0]!;
  const jaccard = classes.map((_, column) => {
    const best = tables.map((table) => {
      const own = columnTotal(table, column);
      const indices = table.counts.map((row) => {
        const found = row.reduce((sum, n) => sum + n, 0);
        return row[column]! / (own + found - row[column]!);
      });
      return Math.max(...indices);
    });
    return best.reduce((sum, v) => sum + v, 0) / best.length;
  });
  return { kind: "label-stability", classes, jaccard, adjustedRandIndices: tables.map(adjustedRandIndexOfTable) };
}
