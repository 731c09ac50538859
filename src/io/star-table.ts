/** @file Columns of STAR tables: read, replaced, added; rows chosen. */
import { check, IolausError } from "../core/errors.js";
import type { StarTable } from "./star.js";
import { tokenFor, tokensAtInto, tokensOf, unquoted } from "./star-tokens.js";

/** New columns: label (without underscore) → one value per row. */
export type StarColumns = Readonly<Record<string, ArrayLike<string | number>>>;

/** Whether the table has the column. */
export function hasColumn(table: StarTable | null | undefined, label: string): boolean {
  return table?.labels.includes(label) ?? false;
}

/** Columns as text, unquoted, in one pass over the rows. All labels must be there. */
export function textColumns(table: StarTable, labels: readonly string[]): string[][] {
  const columns = labels.map(() => new Array<string>(table.rows.length));
  forEachCell(table, labels, (text, row, column) => {
    columns[column]![row] = text;
  });
  return columns;
}

/** Columns as finite numbers. `where` (file and block) appears in messages only. */
export function numberColumns(table: StarTable, labels: readonly string[], where: string): Float64Array[] {
  const columns = labels.map(() => new Float64Array(table.rows.length));
  forEachCell(table, labels, (text, row, column) => {
    const value = Number(text);
    if (text === "" || !Number.isFinite(value)) {
      const expected = `a finite number as ${labels[column]} of row ${row + 1} (counting from 1)`;
      throw new IolausError("bad-file", `${where}: expected ${expected}, got ${JSON.stringify(text)}; correct the row`);
    }
    columns[column]![row] = value;
  });
  return columns;
}

/** Call `act` with the unquoted text of each label in each row. Only what is asked for is cut out of the line. */
function forEachCell(
  table: StarTable,
  labels: readonly string[],
  act: (text: string, row: number, column: number) => void,
): void {
  const places = labels.map((label) => table.labels.indexOf(label));
  check(!places.includes(-1), "labels", `columns of the table (${table.labels.join(", ")})`, labels.join(", "));
  const order = labels.map((_, column) => column).sort((a, b) => places[a]! - places[b]!);
  const rising = order.map((column) => places[column]!);
  const tokens = new Array<string>(labels.length);
  if (labels.length === 0) return;
  table.rows.forEach((row, i) => {
    tokensAtInto(tokens, row, rising);
    for (let k = 0; k < order.length; k++) act(unquoted(tokens[k]!), i, order[k]!);
  });
}

/** A table made of columns of one length. */
export function tableOf(columns: StarColumns): StarTable {
  const labels = Object.keys(columns);
  const count = columns[labels[0] ?? ""]?.length ?? 0;
  return withColumns({ labels: [], rows: new Array<string>(count).fill("") }, columns);
}

/** The table with columns replaced where the label exists, else added on the right. */
export function withColumns(table: StarTable, columns: StarColumns): StarTable {
  const labels = [...table.labels];
  const places = Object.entries(columns).map(([label, values]) => {
    check(/^[^\s_]\S*$/.test(label), "label", "a word without leading underscore", label);
    check(values.length === table.rows.length, label, `${table.rows.length} values, one per row`, values.length);
    const place = labels.includes(label) ? labels.indexOf(label) : labels.push(label) - 1;
    return { label, place, values };
  });
  if (places.length === 0) return table;
  const rows = table.rows.map((row, i) => {
    const tokens = tokensOf(row);
    for (const { label, place, values } of places) {
      const value = values[i]!;
      const isSound = typeof value === "string" ? !/[\r\n]/.test(value) : Number.isFinite(value);
      check(isSound, label, `a finite number or one line of text in row ${i}`, value);
      tokens[place] = tokenFor(value);
    }
    return tokens.join(" ");
  });
  return { labels, rows };
}

/** The rows at `indices` (from 0), in that order. */
export function withRows(table: StarTable, indices: ArrayLike<number>): StarTable {
  const rows = Array.from(indices, (index) => {
    const row = table.rows[index];
    check(row !== undefined, "rows", `indices from 0 to ${table.rows.length - 1}`, index);
    return row;
  });
  return { labels: table.labels, rows };
}
