/**
 * @file `show(x)`: one output per object, with every form of it in one MIME bundle.
 *
 * tslab's public display API sends one MIME type per output. Its internal writer takes a whole bundle; it is reached
 * through the module cache of the kernel's process (tslab 1.0.22, `dist/jupyter.js`, `lastWriteDisplayData`). Where it
 * is not as expected, the richest form goes out alone through the public API, and outside a kernel the text is printed.
 */
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { inspect } from "node:util";
import { bundleOf, type MimeBundle } from "./mime-bundle.js";
import { plotlyLibraryHtml } from "./plotly-library.js";

/** The content of a `display_data` message. */
export interface DisplayContent {
  readonly data: MimeBundle;
  readonly metadata: object;
  readonly transient: { readonly display_id?: string };
}

type WriteDisplay = (content: DisplayContent, update: boolean) => void;

let libraryWanted = false;

/** From now on the first figure brings plotly.js along: for front ends that have none of their own. */
export function sendPlotlyLibrary(): void {
  libraryWanted = true;
}

/** Show a figure, volume, data frame, array of rows, or object with its own bundle; anything else as text. */
export function show(value: unknown): void {
  send(bundleOrText(value));
}

/** One output that each `show` overwrites, also from other cells. */
export interface UpdatableOutput {
  show(value: unknown): void;
  /** In the cell at hand as well, from now on. */
  showHere(value: unknown): void;
}

export function updatableOutput(): UpdatableOutput {
  const id = randomBytes(8).toString("hex");
  let shown = false;
  return {
    show(value) {
      send(bundleOrText(value), id, shown);
      shown = true;
    },
    showHere(value) {
      send(bundleOrText(value), id);
      shown = true;
    },
  };
}

function bundleOrText(value: unknown): MimeBundle {
  return bundleOf(value) ?? { "text/plain": typeof value === "string" ? value : inspect(value) };
}

/** Send one bundle; with `id`, as the output of that name, replacing it when `update`. */
export function send(data: MimeBundle, id?: string, update = false): void {
  const write = bundleWriter() ?? singleWriter() ?? printWriter;
  if (libraryWanted && isFigureBundle(data)) {
    libraryWanted = false;
    write({ data: { "text/html": plotlyLibraryHtml(), "text/plain": "" }, metadata: {}, transient: {} }, false);
  }
  write({ data, metadata: {}, transient: id === undefined ? {} : { display_id: id } }, update);
}

/** tslab's internal writer, or null where it is not as known. */
function bundleWriter(): WriteDisplay | null {
  for (const exports of tslabModules("jupyter")) {
    const write = exports["lastWriteDisplayData"];
    if (typeof write === "function" && write.length === 2) return write as WriteDisplay;
  }
  return null;
}

/** Whether a bundle holds a figure that plotly.js would make interactive. */
export function isFigureBundle(data: MimeBundle): boolean {
  return String(data["text/html"] ?? "").includes("data-iolaus-figure=");
}

const richestFirst = ["text/html", "image/svg+xml", "image/png", "text/markdown", "text/plain"];

/** tslab's public display API, where a kernel is running. An update is a new output here. */
function singleWriter(): WriteDisplay | null {
  if (!tslabModules("jupyter").some((exports) => exports["lastWriteDisplayData"])) return null;
  for (const exports of tslabModules("public")) {
    const display = exports["display"] as { raw?: (type: string, value: unknown) => void } | undefined;
    if (typeof display?.raw !== "function") continue;
    return ({ data }) => {
      const type = richestFirst.find((name) => name in data);
      if (type !== undefined) display.raw?.(type, data[type]);
    };
  }
  return null;
}

function printWriter({ data }: DisplayContent): void {
  process.stdout.write(`${data["text/plain"] ?? ""}\n`);
}

/** Exports of every loaded copy of tslab's `dist/<name>.js`: a kernel started elsewhere has its own. */
function tslabModules(name: string): Record<string, unknown>[] {
  const cache = createRequire(import.meta.url).cache;
  const ending = new RegExp(`[\\\\/]tslab[\\\\/]dist[\\\\/]${name}\\.js$`);
  return Object.entries(cache)
    .filter(([path]) => ending.test(path))
    .map(([, module]) => module?.exports as Record<string, unknown>);
}
