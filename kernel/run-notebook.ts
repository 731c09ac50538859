/**
 * @file Runs a notebook from its first cell to its last through tslab, without Jupyter, Python or ZeroMQ.
 *
 * The cells run in a child process in the notebook's folder, as under Jupyter. The first error stops the run. The
 * executed notebook and its page are written at the end, whole, or not at all.
 */
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { check, checkCancelled, IolausError } from "#iolaus/core/errors.js";
import { writeFileAtomic } from "#iolaus/io/atomic.js";
import type { CellError } from "./cell-error.js";
import { CellProcess } from "./cell-process.js";
import { notebookPage } from "./html-page.js";
import { kernelLanguage } from "./kernelspec.js";
import { type Cell, type CodeCell, type Notebook, notebookText, type Output, readNotebook } from "./notebook-file.js";
import { packageRoot } from "./package-root.js";
import { setParameters } from "./parameters.js";
import { plotlyLibraryHtml } from "./plotly-library.js";
import { isFigureBundle } from "./rich-display.js";

export interface RunNotebookOptions {
  /** Path of the executed notebook; none is written when absent. */
  readonly output?: string;
  /** Path of the self-contained page; none is written when absent. */
  readonly html?: string;
  /** New values for the notebook's parameters, as text. */
  readonly set?: Readonly<Record<string, string>>;
  /** Longest time one cell may take, s. @default no limit */
  readonly timeoutSeconds?: number;
  /** Put plotly.js (2 MB) into the executed notebook, once, so that its figures move also where Jupyter has no renderer. @default true */
  readonly interactive?: boolean;
  /** Cells have `iolaus` and `show` without importing them. @default true */
  readonly prelude?: boolean;
  /** Called as each code cell starts. */
  readonly onCell?: (cell: CellStart) => void;
  /** Called with what the cells print, as they print it. */
  readonly onText?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface CellStart {
  /** Code cells are counted from 1. */
  readonly number: number;
  readonly count: number;
  readonly source: string;
}

export interface NotebookRun {
  readonly notebook: Notebook;
  readonly seconds: number;
}

/** Run the notebook at `path`. A failing cell is an IolausError `failed` that names the cell and shows it. */
export async function runNotebook(path: string, options: RunNotebookOptions = {}): Promise<NotebookRun> {
  const { output, html, set = {}, interactive = true } = options;
  const started = performance.now();
  const notebook = setParameters(readNotebook(path), set);
  for (const file of [output, html]) if (file !== undefined) checkWritable(file);
  const cells = await runCells(path, notebook.cells, options);
  const executed = withoutPaths(
    { cells, metadata: { ...notebook.metadata, ...kernelLanguage } },
    dirname(resolve(path)),
  );
  const page = html === undefined ? "" : notebookPage(executed, basename(path, ".ipynb"));
  const text = output === undefined ? "" : notebookText(interactive ? withLibrary(executed) : executed);
  if (output !== undefined) writeFileAtomic(output, text);
  if (html !== undefined) writeFileAtomic(html, page);
  return { notebook: executed, seconds: (performance.now() - started) / 1000 };
}

async function runCells(path: string, cells: readonly Cell[], options: RunNotebookOptions): Promise<Cell[]> {
  const { timeoutSeconds, onCell, onText, signal, prelude = true } = options;
  const count = cells.filter((cell) => cell.cell_type === "code" && !isBlank(cell)).length;
  const kernel = await CellProcess.start(dirname(resolve(path)), { prelude, ...(onText && { onText }) });
  const stop = (): void => kernel.stop();
  signal?.addEventListener("abort", stop);
  const done: Cell[] = [];
  let number = 0;
  try {
    for (const cell of cells) {
      checkCancelled(signal);
      if (cell.cell_type !== "code" || isBlank(cell)) {
        done.push("outputs" in cell ? { ...cell, outputs: [], execution_count: null } : cell);
        continue;
      }
      number += 1;
      onCell?.({ number, count, source: cell.source });
      const { outputs, error } = await kernel.run(cell.source, timeoutSeconds);
      checkCancelled(signal);
      if (error !== undefined) throw cellFailure(`${path}, cell ${number} of ${count}`, cell, error);
      done.push({ ...cell, outputs, execution_count: number });
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    await kernel.close();
  }
  return done;
}

function isBlank(cell: Cell): boolean {
  return cell.source.trim() === "";
}

function cellFailure(where: string, cell: CodeCell, error: CellError): IolausError {
  const source = cell.source.split("\n").map((line, i) => `  ${String(i + 1).padStart(3)} | ${line}`);
  const rest = error.traceback.slice(1).map((line) => `  ${line.trim()}`);
  const what = `${where}: expected the cell to run, got ${error.ename}: ${error.evalue}; nothing was written`;
  return new IolausError("failed", [what, ...rest, ...source].join("\n"));
}

/** Before hours of work rather than after. */
function checkWritable(file: string): void {
  const folder = dirname(resolve(file));
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    check(false, file, "a folder that can be written to", `${folder}, which cannot`, "choose another path");
  }
}

/** Texts without the folders of this computer, so that an executed notebook reads the same from everywhere. */
function withoutPaths(notebook: Notebook, folder: string): Notebook {
  const places = [
    [folder, "."],
    [packageRoot, "iolaus"],
    [homedir(), "~"],
  ].filter(([place]) => dirname(place!) !== place) as [string, string][]; // the root of a disk says nothing
  const clean = (text: string): string => places.reduce((t, [place, name]) => t.replaceAll(place, name), text);
  return mapOutputs(notebook, (output) => {
    if (output.output_type === "stream") return [{ ...output, text: clean(output.text) }];
    if (output.output_type === "error") return [output];
    const texts = Object.entries(output.data).map(([type, value]) => [
      type,
      typeof value === "string" && type.startsWith("text/") ? clean(value) : value,
    ]);
    return [{ ...output, data: Object.fromEntries(texts) }];
  });
}

/** plotly.js in an output of its own before the first figure. */
function withLibrary(notebook: Notebook): Notebook {
  let sent = false;
  return mapOutputs(notebook, (output) => {
    if (sent || output.output_type !== "display_data" || !isFigureBundle(output.data)) return [output];
    sent = true;
    const data = { "text/html": plotlyLibraryHtml(), "text/plain": "" };
    return [{ output_type: "display_data", data, metadata: {} }, output];
  });
}

function mapOutputs(notebook: Notebook, change: (output: Output) => Output[]): Notebook {
  const cells = notebook.cells.map((cell) =>
    "outputs" in cell ? { ...cell, outputs: cell.outputs.flatMap(change) } : cell,
  );
  return { ...notebook, cells };
}
