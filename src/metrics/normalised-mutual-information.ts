/**
 * @file Normalised mutual information of two classifications, with the arithmetic mean of the entropies:
 *
 *     NMI = I(A, B) / (½[H(A) + H(B)]),   I = Σ pᵢⱼ ln(pᵢⱼ / pᵢ pⱼ)
 *
 * The default of scikit-learn's `normalized_mutual_info_score`. Small classes weigh more here than in the Rand index.
 */
import { type ConfusionTable, columnTotal, confusionTable, imageCount, type Label } from "./confusion-table.js";

/** Normalised mutual information of two labellings of the same images, 0..1. */
export function normalisedMutualInformation(found: ArrayLike<Label>, reference: ArrayLike<Label>): number {
  return normalisedMutualInformationOfTable(confusionTable(found, reference));
}

/** The same from a table. Two classifications without any information (one class each) agree: 1. */
export function normalisedMutualInformationOfTable(table: ConfusionTable): number {
  const n = imageCount(table);
  const rowTotals = table.counts.map((row) => row.reduce((total, count) => total + count, 0));
  const columnTotals = table.columns.map((_, column) => columnTotal(table, column));
  let information = 0;
  table.counts.forEach((row, i) => {
    row.forEach((count, j) => {
      if (count > 0) information += (count / n) * Math.log((count * n) / (rowTotals[i]! * columnTotals[j]!));
    });
  });
  const mean = (entropy(rowTotals, n) + entropy(columnTotals, n)) / 2;
  return mean === 0 ? 1 : Math.max(0, information / mean);
}

/** In nats. */
function entropy(totals: readonly number[], n: number): number {
  return totals.reduce((h, total) => (total > 0 ? h - (total / n) * Math.log(total / n) : h), 0);
}
