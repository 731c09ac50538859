/** @file Notebooks made in a test: nbformat 4.5 from lists of cells. */
import { writeFileSync } from "node:fs";

export interface TinyCell {
  readonly markdown?: string;
  readonly code?: string;
  readonly tags?: readonly string[];
}

/** Write the notebook and return its path. */
export function writeNotebook(path: string, cells: readonly TinyCell[]): string {
  const written = cells.map(({ markdown, code, tags }, i) => ({
    cell_type: markdown === undefined ? "code" : "markdown",
    id: `tiny-${i}`,
    metadata: tags === undefined ? {} : { tags },
    source: (markdown ?? code ?? "").split(/(?<=\n)/),
    ...(markdown === undefined && { execution_count: null, outputs: [] }),
  }));
  writeFileSync(path, JSON.stringify({ cells: written, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
  return path;
}
