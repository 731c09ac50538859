/**
 * @file Tables of cryoSPARC (`.cs`), in either container: `.npy` structured arrays, and the streaming one (cs-stream.ts).
 *
 * `uid` identifies a row; it is beyond 2⁵³, so it is a bigint or, as a key, its digits. A field is read when asked for.
 */
import { readFileSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import { writePiecesAtomic } from "./atomic.js";
import { isCsStream, parseCsStream } from "./cs-stream.js";
import { reading } from "./file-access.js";
import { formatNpyHeader, npyColumn, parseNpy } from "./npy.js";
import { columnBigints, columnNumbers, columnTexts, type NpyColumn, type NpyType, rowWidth } from "./npy-type.js";

/** A field that holds texts, as the streaming container stores them. */
export interface CsTexts {
  readonly texts: readonly string[];
}

export interface CsTable {
  readonly kind: "cs-table";
  /** Where it was read from. Used in messages. */
  readonly path: string;
  readonly count: number;
  /** By name, in the order of the file. */
  readonly fields: ReadonlyMap<string, NpyColumn | CsTexts>;
}

/** Read a `.cs` file. */
export function readCs(path: string): CsTable {
  return parseCs(
    reading(path, () => readFileSync(path)),
    path,
  );
}

/** Read the bytes of a `.cs` file; fields share their memory. `path` appears in messages only. */
export function parseCs(bytes: Uint8Array, path = "<memory>"): CsTable {
  if (isCsStream(bytes)) return { kind: "cs-table", path, ...parseCsStream(bytes, path) };
  if (bytes[0] === 0x80)
    throw new IolausError("unsupported", `${path}: expected a .cs table, got a pickle; export it again with cryoSPARC`);
  const array = parseNpy(bytes, path);
  if (array.fields.length === 0 || array.shape.length !== 1)
    throw new IolausError("bad-file", `${path}: expected a table (one axis of records), got an array of numbers`);
  const fields = new Map(array.fields.map((field) => [field.name, npyColumn(array, field)]));
  return { kind: "cs-table", path, count: array.shape[0]!, fields };
}

/** The field as numbers: [count width], row-major. */
export function csNumbers(table: CsTable, name: string): Float32Array | Float64Array {
  const field = fieldOf(table, name);
  if ("texts" in field) throw new IolausError("bad-file", `${table.path}: expected numbers as ${name}, got text`);
  return columnNumbers(field, `${table.path} field ${name}`);
}

/** The field as texts. */
export function csTexts(table: CsTable, name: string): readonly string[] {
  const field = fieldOf(table, name);
  return "texts" in field ? field.texts : columnTexts(field, `${table.path} field ${name}`);
}

/** BigUint64[count]: what identifies the rows. Every row has its own. */
export function csUids(table: CsTable): BigUint64Array {
  const field = fieldOf(table, "uid");
  if ("texts" in field || field.shape.length > 0)
    throw new IolausError("bad-file", `${table.path}: expected one number per row as uid, got something else`);
  return columnBigints(field, `${table.path} field uid`);
}

function fieldOf(table: CsTable, name: string): NpyColumn | CsTexts {
  const field = table.fields.get(name);
  if (field !== undefined) return field;
  const names = [...table.fields.keys()].join(", ");
  throw new IolausError("bad-file", `${table.path}: expected the field ${name}, got only ${names}`);
}

/** New values of a field, one row of `shape` per row that is written. Little-endian float32 or uint32. */
export interface CsColumn {
  readonly name: string;
  readonly values: Float32Array | Uint32Array;
  /** @default one number per row */
  readonly shape?: readonly number[];
}

const ROWS_PER_PIECE = 10_000;

/**
 * Write the rows at `rows` (from 0), in that order, as `.npy`, the container every cryoSPARC reads. Bytes of fields that
 * are not in `added` are those of the table; added fields replace those of the same name, or come last.
 */
export function writeCs(
  path: string,
  table: CsTable,
  options: { readonly rows?: ArrayLike<number>; readonly added?: readonly CsColumn[] } = {},
): void {
  const { rows = Int32Array.from({ length: table.count }, (_, i) => i), added = [] } = options;
  const kept = [...table.fields].filter(([name]) => !added.some((column) => column.name === name));
  const fields = [...kept.map(([name, field]) => keptField(table, name, field)), ...added.map(newField)];
  writePiecesAtomic(path, records(fields, rows));
}

/** A field on its way out. */
interface Outgoing {
  readonly name: string;
  readonly type: NpyType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /** Where row `row` of the table, `i`th of those written, begins. */
  at(row: number, i: number): number;
}

function keptField(table: CsTable, name: string, field: NpyColumn | CsTexts): Outgoing {
  const { type, shape, bytes, offset, stride } = "texts" in field ? fixedWidth(table, name, field.texts) : field;
  return { name, type, shape, bytes, at: (row) => offset + row * stride };
}

function newField({ name, values, shape = [] }: CsColumn): Outgoing {
  const type: NpyType = { kind: values instanceof Float32Array ? "f" : "u", bytes: 4, littleEndian: true };
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    if (type.kind === "f") view.setFloat32(4 * i, value, true);
    else view.setUint32(4 * i, value, true);
  });
  const stride = 4 * rowWidth(shape);
  return { name, type, shape, bytes, at: (_, i) => i * stride };
}

const LONGEST_TEXT = 4096;

function fixedWidth(table: CsTable, name: string, texts: readonly string[]): NpyColumn {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const width = Math.max(1, ...new Set(encoded.map(({ length }) => length)));
  if (width > LONGEST_TEXT)
    throw new IolausError(
      "bad-file",
      `${table.path}: expected texts of up to ${LONGEST_TEXT} bytes as ${name}, got ${width}`,
    );
  const bytes = new Uint8Array(width * texts.length);
  encoded.forEach((text, i) => {
    bytes.set(text, i * width);
  });
  const type: NpyType = { kind: "S", bytes: width, littleEndian: true };
  return { type, shape: [], count: texts.length, bytes, offset: 0, stride: width };
}

function* records(fields: readonly Outgoing[], rows: ArrayLike<number>): Generator<Uint8Array> {
  yield formatNpyHeader(fields, rows.length);
  const widths = fields.map(({ type, shape }) => type.bytes * rowWidth(shape));
  const recordBytes = widths.reduce((sum, width) => sum + width, 0);
  for (let from = 0; from < rows.length; from += ROWS_PER_PIECE) {
    const count = Math.min(ROWS_PER_PIECE, rows.length - from);
    const piece = new Uint8Array(count * recordBytes);
    for (let i = from, to = 0; i < from + count; i++)
      for (let f = 0; f < fields.length; to += widths[f++]!) {
        const at = fields[f]!.at(rows[i]!, i);
        piece.set(fields[f]!.bytes.subarray(at, at + widths[f]!), to);
      }
    yield piece;
  }
}
