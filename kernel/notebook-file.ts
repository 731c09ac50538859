/** @file The notebook format, nbformat 4.5, as far as running a notebook touches it. */
import { readFileSync } from "node:fs";
import { IolausError } from "#iolaus/core/errors.js";
import type { MimeBundle } from "./mime-bundle.js";

export type Output =
  | { output_type: "stream"; name: "stdout" | "stderr"; text: string }
  | { output_type: "display_data"; data: MimeBundle; metadata: object }
  | { output_type: "error"; ename: string; evalue: string; traceback: readonly string[] };

export interface CodeCell {
  readonly cell_type: "code";
  readonly id: string;
  readonly metadata: CellMetadata;
  readonly source: string;
  readonly execution_count: number | null;
  readonly outputs: readonly Output[];
}

export interface TextCell {
  readonly cell_type: "markdown" | "raw";
  readonly id: string;
  readonly metadata: CellMetadata;
  readonly source: string;
}

export type Cell = CodeCell | TextCell;

interface CellMetadata {
  readonly tags?: readonly string[];
}

export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Read an .ipynb of format 4: sources as one string, every cell with an id. Outputs in the file are kept. */
export function readNotebook(path: string): Notebook {
  const json = parse(path, readText(path)) as { nbformat?: unknown; cells?: unknown; metadata?: Notebook["metadata"] };
  if (json.nbformat !== 4 || !Array.isArray(json.cells))
    throw badFile(path, "a notebook of nbformat 4 with a list of cells", `nbformat ${json.nbformat ?? "missing"}`);
  return { cells: json.cells.map((cell, index) => readCell(path, cell, index)), metadata: json.metadata ?? {} };
}

/** The text of an .ipynb: nbformat 4.5, one-space indent and list-of-lines sources as Jupyter writes them. */
export function notebookText({ cells, metadata }: Notebook): string {
  const written = cells.map((cell) => ({ ...cell, source: lines(cell.source) }));
  return `${JSON.stringify({ cells: written, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`;
}

interface RawCell {
  cell_type?: unknown;
  id?: unknown;
  metadata?: CellMetadata;
  source?: unknown;
  outputs?: Output[];
}

function readCell(path: string, raw: RawCell, index: number): Cell {
  const id = typeof raw.id === "string" ? raw.id : `cell-${index + 1}`;
  const metadata = raw.metadata ?? {};
  const source = String(joined(raw.source ?? ""));
  const type = raw.cell_type;
  if (type === "code")
    return {
      cell_type: type,
      id,
      metadata,
      source,
      execution_count: null,
      outputs: (raw.outputs ?? []).map(readOutput),
    };
  if (type === "markdown" || type === "raw") return { cell_type: type, id, metadata, source };
  throw badFile(path, `cell ${index + 1} to be code, markdown or raw`, String(type));
}

/** Jupyter writes long texts as lists of lines; here a text is one string. */
function joined(text: unknown): unknown {
  return Array.isArray(text) ? text.join("") : text;
}

function readOutput(output: Output): Output {
  if (output.output_type === "stream") return { ...output, text: String(joined(output.text)) };
  if (!("data" in output)) return output;
  return { ...output, data: Object.fromEntries(Object.entries(output.data).map(([type, v]) => [type, joined(v)])) };
}

function lines(text: string): string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== "");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new IolausError("bad-file", `${path}: expected a notebook, found no file to read; check the path`, { cause });
  }
}

function parse(path: string, text: string): object {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IolausError("bad-file", `${path}: expected a notebook (JSON), got other text`, { cause });
  }
}

function badFile(path: string, expected: string, got: string): IolausError {
  return new IolausError("bad-file", `${path}: expected ${expected}, got ${got}`);
}
