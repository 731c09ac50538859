/**
 * @file Adjusted Rand index: of all pairs of images, how often two classifications agree on "together or apart",
 * scaled so that 1 is identity and 0 is what chance gives.
 *
 *     ARI = (Σ C(nᵢⱼ,2) − E) / (½[Σ C(aᵢ,2) + Σ C(bⱼ,2)] − E),   E = Σ C(aᵢ,2) · Σ C(bⱼ,2) / C(n,2)
 *
 * nᵢⱼ cells of the confusion table, aᵢ row totals, bⱼ column totals. Hubert & Arabie 1985.
 */
import { type ConfusionTable, columnTotal, confusionTable, imageCount, type Label } from "./confusion-table.js";

/** Adjusted Rand index of two labellings of the same images, at most 1. Names of the labels do not matter. */
export function adjustedRandIndex(found: ArrayLike<Label>, reference: ArrayLike<Label>): number {
  return adjustedRandIndexOfTable(confusionTable(found, reference));
}

/** The same from a table. Two classifications that put everything in one class each agree: 1. */
export function adjustedRandIndexOfTable(table: ConfusionTable): number {
  let cells = 0;
  let rows = 0;
  for (const row of table.counts) {
    for (const n of row) cells += pairs(n);
    rows += pairs(row.reduce((total, n) => total + n, 0));
  }
  let columns = 0;
  for (let column = 0; column < table.columns.length; column++) columns += pairs(columnTotal(table, column));
  const all = pairs(imageCount(table));
  const expected = all === 0 ? 0 : (rows * columns) / all;
  const best = (rows + columns) / 2;
  return best === expected ? 1 : (cells - expected) / (best - expected);
}

function pairs(n: number): number {
  return (n * (n - 1)) / 2;
}
