/** @file STAR files, blocks → text, laid out as RELION does. */
import { writePiecesAtomic } from "./atomic.js";
import type { StarFile } from "./star.js";

const ROWS_PER_PIECE = 10_000;

/** The text of a STAR file. */
export function formatStar(star: Omit<StarFile, "path">): string {
  return [...starPieces(star)].join("");
}

/** Write a STAR file, whole or not at all. */
export function writeStar(path: string, star: Omit<StarFile, "path">): void {
  writePiecesAtomic(path, starPieces(star));
}

function* starPieces(star: Omit<StarFile, "path">): Generator<string> {
  for (const { name, comments, items, table } of star.blocks) {
    yield `\n${lines(comments)}\ndata_${name}\n\n`;
    yield lines(items.map(({ label, token }) => `_${label} ${token}`));
    if (table === null) continue;
    yield `loop_\n${lines(table.labels.map((label, i) => `_${label} #${i + 1}`))}`;
    for (let from = 0; from < table.rows.length; from += ROWS_PER_PIECE)
      yield lines(table.rows.slice(from, from + ROWS_PER_PIECE));
    yield "\n";
  }
  yield lines(star.trailing);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
