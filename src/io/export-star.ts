/**
 * @file A selection of particles as a STAR file that the program they came from reads back.
 *
 * The input's table is filtered, never written anew: every other block, column and token stays as it was, rows keep
 * the order asked for. Optics groups that no particle is left of stay, as RELION's own selections keep them, unless
 * they are to be dropped; the others keep their numbers. Paths of images are not touched: RELION runs in the folder of
 * the project, at which they begin, wherever the list lies.
 */
import { check } from "../core/errors.js";
import type { StarFile, StarTable } from "./star.js";
import { particleTables } from "./star-optics.js";
import { hasColumn, type StarColumns, textColumns, withColumns, withRows } from "./star-table.js";

export interface ExportStarOptions {
  /** Indices of particles in the input, from 0. @default all, in the order of the input */
  readonly rows?: ArrayLike<number>;
  /** Columns to fill or add, label → one value per row of the export. */
  readonly added?: StarColumns;
  /** Optics groups without particles. @default "keep" */
  readonly unusedOptics?: "keep" | "drop";
}

/** The input's STAR file, filtered and filled. Write it with `writeStar`. */
export function exportStar(source: { readonly star: StarFile }, options: ExportStarOptions = {}): StarFile {
  const { rows, added = {}, unusedOptics = "keep" } = options;
  const { star } = source;
  const { block: name, particles, optics } = particleTables(star);
  const chosen = rows === undefined ? particles : withRows(particles, rows);
  check(chosen.rows.length > 0, "rows", "at least one particle", 0);
  const table = withColumns(chosen, added);
  return {
    ...star,
    blocks: star.blocks.map((block) => {
      if (block.table === particles) return { ...block, name, table };
      const isDropped = block.table === optics && optics !== null && unusedOptics === "drop";
      return isDropped ? { ...block, table: usedGroups(optics, table) } : block;
    }),
  };
}

function usedGroups(optics: StarTable, particles: StarTable): StarTable {
  const label = "rlnOpticsGroup";
  if (!hasColumn(optics, label) || !hasColumn(particles, label)) return optics;
  const used = new Set(textColumns(particles, [label])[0]!.map(Number));
  const groups = textColumns(optics, [label])[0]!.map(Number);
  return withRows(
    optics,
    groups.flatMap((group, row) => (used.has(group) ? [row] : [])),
  );
}
