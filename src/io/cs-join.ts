/**
 * @file Tables of cryoSPARC joined on `uid`: the file of a job and its passthroughs, in whatever order their rows are.
 *
 * Particles are the rows of the first table. Each must stand in every other table, which may hold more; the first
 * table that has a field speaks for it.
 */
import { IolausError } from "../core/errors.js";
import { type CsTable, csNumbers, csTexts, csUids } from "./cs-table.js";

/** One table and, per particle, its row. */
export interface CsPart {
  readonly table: CsTable;
  readonly rows: Int32Array;
}

export interface CsParticles {
  readonly kind: "cs-particles";
  readonly count: number;
  readonly uids: BigUint64Array;
  /** The first table, then the passthroughs. */
  readonly parts: readonly CsPart[];
}

/** Join `main` with its passthroughs. Throws `bad-file` naming the uids that are missing or there twice. */
export function joinCs(main: CsTable, passthroughs: readonly CsTable[] = []): CsParticles {
  const uids = csUids(main);
  if (uids.length === 0) throw new IolausError("bad-file", `${main.path}: expected at least one particle, got none`);
  rowsByUid(main, uids);
  const others = passthroughs.map((table): CsPart => {
    const rowOf = rowsByUid(table, csUids(table));
    const missing: bigint[] = [];
    const rows = Int32Array.from(uids, (uid) => {
      const row = rowOf.get(uid);
      if (row === undefined) missing.push(uid);
      return row ?? -1;
    });
    if (missing.length === 0) return { table, rows };
    const some = missing.slice(0, 3).join(", ");
    throw new IolausError(
      "bad-file",
      `${table.path}: expected every uid of ${main.path}, got none of ${missing.length} (${some}${missing.length > 3 ? ", …" : ""}); ` +
        "pass the passthrough file of the same job and the same set of particles",
    );
  });
  const all = Int32Array.from(uids, (_, i) => i);
  return { kind: "cs-particles", count: uids.length, uids, parts: [{ table: main, rows: all }, ...others] };
}

function rowsByUid(table: CsTable, uids: BigUint64Array): Map<bigint, number> {
  const rows = new Map<bigint, number>();
  uids.forEach((uid, row) => {
    const earlier = rows.get(uid);
    if (earlier !== undefined)
      throw new IolausError(
        "bad-file",
        `${table.path}: expected every uid once, got ${uid} in rows ${earlier} and ${row} (from 0)`,
      );
    rows.set(uid, row);
  });
  return rows;
}

/** The table that speaks for the field; undefined when none has it. */
export function partWith({ parts }: CsParticles, name: string): CsPart | undefined {
  return parts.find(({ table }) => table.fields.has(name));
}

/** [count width]: the field of every particle; null when no table has it. */
export function joinedNumbers(particles: CsParticles, name: string): Float32Array | Float64Array | null {
  const part = partWith(particles, name);
  if (part === undefined) return null;
  const values = csNumbers(part.table, name);
  if (part === particles.parts[0]) return values;
  const width = values.length / part.table.count;
  const out =
    values instanceof Float32Array
      ? new Float32Array(particles.count * width)
      : new Float64Array(particles.count * width);
  part.rows.forEach((row, i) => {
    for (let k = 0; k < width; k++) out[i * width + k] = values[row * width + k]!;
  });
  return out;
}

/** The field of every particle; null when no table has it. */
export function joinedTexts(particles: CsParticles, name: string): readonly string[] | null {
  const part = partWith(particles, name);
  if (part === undefined) return null;
  const texts = csTexts(part.table, name);
  return Array.from(part.rows, (row) => texts[row]!);
}
