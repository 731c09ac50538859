/**
 * @file A selection of particles as a STAR file that the program they came from reads back.
 *
 * The input's table is filtered, never written anew: every other block, column and token stays as it was, rows keep
 * the order asked for, unused optics groups stay. Paths of images are not touched: RELION runs in the folder of the
 * project, at which they begin, wherever the list lies.
 */
import { check } from "../core/errors.js";
import type { StarFile } from "./star.js";
import { particleTables } from "./star-optics.js";
import { type StarColumns, withColumns, withRows } from "./star-table.js";

export interface ExportStarOptions {
  /** Indices of particles in the input, from 0. @default all, in the order of the input */
  readonly rows?: ArrayLike<number>;
  /** Columns to fill or add, label → one value per row of the export. */
  readonly added?: StarColumns;
}

/** The input's STAR file, filtered and filled. Write it with `writeStar`. */
export function exportStar(source: { readonly star: StarFile }, options: ExportStarOptions = {}): StarFile {
  const { rows, added = {} } = options;
  const { star } = source;
  const { block: name, particles } = particleTables(star);
  const chosen = rows === undefined ? particles : withRows(particles, rows);
  check(chosen.rows.length > 0, "rows", "at least one particle", 0);
  const table = withColumns(chosen, added);
  return {
    ...star,
    blocks: star.blocks.map((block) => (block.table === particles ? { ...block, name, table } : block)),
  };
}
