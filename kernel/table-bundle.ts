/** @file A table as one output: HTML and aligned text. Long tables show their first and last rows and say how many are left out. */
import escapeHtml from "escape-html";
import type { MimeBundle } from "./mime-bundle.js";

const shownRows = 20;
const lastRows = 4;

/** `rows[i][j]` belongs to `columns[j]`. */
export function tableBundle(columns: readonly string[], rows: readonly (readonly unknown[])[]): MimeBundle {
  const cut = rows.length > shownRows ? shownRows - lastRows : rows.length;
  const head = rows.slice(0, cut).map(cells);
  const tail = rows.length > shownRows ? rows.slice(-lastRows).map(cells) : [];
  const left = rows.length - head.length - tail.length;
  const gap = left > 0 ? `… ${left} more rows …` : null;
  return { "text/html": html(columns, head, gap, tail), "text/plain": text(columns, head, gap, tail) };
}

interface Cell {
  readonly text: string;
  readonly numeric: boolean;
}

function cells(row: readonly unknown[]): Cell[] {
  return row.map((value) => ({ text: format(value), numeric: typeof value === "number" || typeof value === "bigint" }));
}

function format(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(5)));
}

function html(columns: readonly string[], head: Cell[][], gap: string | null, tail: Cell[][]): string {
  const titles = columns.map((name) => `<th>${escapeHtml(name)}</th>`).join("");
  const body = [
    ...head.map(htmlRow),
    ...(gap === null ? [] : [`<tr><td colspan="${columns.length}"><em>${gap}</em></td></tr>`]),
    ...tail.map(htmlRow),
  ];
  return `<table class="dataframe">\n<thead><tr>${titles}</tr></thead>\n<tbody>\n${body.join("\n")}\n</tbody>\n</table>`;
}

function htmlRow(row: readonly Cell[]): string {
  const tags = row.map(({ text, numeric }) =>
    numeric ? `<td style="text-align:right">${escapeHtml(text)}</td>` : `<td>${escapeHtml(text)}</td>`,
  );
  return `<tr>${tags.join("")}</tr>`;
}

function text(columns: readonly string[], head: Cell[][], gap: string | null, tail: Cell[][]): string {
  const rows = [...head, ...tail];
  const widths = columns.map((name, j) => Math.max(name.length, ...rows.map((row) => row[j]?.text.length ?? 0)));
  const line = (row: readonly Cell[]): string =>
    row.map(({ text, numeric }, j) => (numeric ? text.padStart(widths[j]!) : text.padEnd(widths[j]!))).join("  ");
  const numeric = columns.map((_, j) => rows.length > 0 && rows.every((row) => row[j]?.numeric === true));
  const titles = columns.map((name, j) => ({ text: name, numeric: numeric[j]! }));
  return [titles, ...head]
    .map(line)
    .concat(gap === null ? [] : [gap], tail.map(line))
    .join("\n");
}
