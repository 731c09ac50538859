/**
 * @file What one output says in several languages at once: MIME type → text, base64 or plain JSON.
 *
 * The front end takes the richest form it knows: JupyterLab the HTML, GitHub the picture in it, a terminal the text.
 */
import type { ParticleSource, Volume } from "#iolaus/core/types.js";
import type { Figure } from "#iolaus/plot/figure.js";
import type { Run } from "#iolaus/run/open-run.js";
import { classTable } from "#iolaus/run/report.js";
import type { RunInProgress } from "#iolaus/run/run-in-progress.js";
import { figureBundle } from "./figure-bundle.js";
import { createRunPanel } from "./run-panel.js";
import { tableBundle } from "./table-bundle.js";
import { volumeBundle } from "./volume-bundle.js";

export type MimeBundle = Readonly<Record<string, unknown>>;

/** A method of this name makes an object's own bundle, as in Deno's notebooks. */
export const displaySymbol: symbol = Symbol.for("Jupyter.display");

/** The bundle of a figure, volume, run, particle source, danfojs data frame or series, array of plain rows, or object with its own. */
export function bundleOf(value: unknown): MimeBundle | null {
  if (typeof value !== "object" || value === null) return null;
  const own = (value as Record<symbol, unknown>)[displaySymbol];
  if (typeof own === "function") return own.call(value) as MimeBundle;
  if (isFigure(value)) return figureBundle(value);
  if (isVolume(value)) return volumeBundle(value);
  if (isKind<Run>(value, "run")) return runBundle(value);
  if (isKind<RunInProgress>(value, "run-in-progress")) return createRunPanel(value.folder).bundle(value.report());
  if (isKind<ParticleSource>(value, "particle-source")) return sourceBundle(value);
  if (isDataFrame(value)) return tableBundle(value.columns, value.values as readonly unknown[][]);
  if (isSeries(value)) return tableBundle(value.columns, (value.values as readonly unknown[]).map(only));
  if (isRows(value)) return rowsBundle(value);
  return null;
}

function isFigure(value: object): value is Figure {
  return "kind" in value && value.kind === "figure" && "svg" in value && "plotly" in value;
}

function isVolume(value: object): value is Volume {
  return "kind" in value && value.kind === "volume" && "values" in value;
}

function isKind<T>(value: object, kind: string): value is object & T {
  return "kind" in value && value.kind === kind;
}

/** A finished run: its classes; one that has no results: how it stands. */
function runBundle({ folder, manifest, particles }: Run): MimeBundle {
  const { status, settings, step, steps } = manifest;
  if (status !== "done") return rowsBundle([{ run: folder, status, step, steps, classes: settings.classes }]);
  const [columns = [], ...rows] = classTable(particles());
  return tableBundle(columns, rows);
}

function sourceBundle({ path, count, box, pixelSizeAngstrom, hasCtf, optics }: ParticleSource): MimeBundle {
  const facts = { particles: path, count, box, pixelSizeAngstrom, ctf: hasCtf ? "yes" : "none" };
  return rowsBundle([count > 0 ? { ...facts, ...optics(0) } : facts]);
}

/** danfojs is not loaded to be asked: a data frame is told by its shape. */
interface Tabular {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
}

function isDataFrame(value: object): value is Tabular {
  return isTabular(value) && value.constructor.name === "DataFrame";
}

function isSeries(value: object): value is Tabular {
  return isTabular(value) && value.constructor.name === "Series";
}

function isTabular(value: object): value is Tabular {
  return "columns" in value && Array.isArray(value.columns) && "values" in value && Array.isArray(value.values);
}

type Row = Readonly<Record<string, unknown>>;

function isRows(value: object): value is readonly Row[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPlainRow);
}

function isPlainRow(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return (
    plain && !Array.isArray(value) && Object.values(value).every((cell) => typeof cell !== "object" || cell === null)
  );
}

function rowsBundle(rows: readonly Row[]): MimeBundle {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return tableBundle(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  );
}

function only(value: unknown): unknown[] {
  return [value];
}
