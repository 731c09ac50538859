/**
 * @file cryoSPARC's streaming container, bytes → columns (cryosparc-tools, dataset/__init__.py, `_load_stream`).
 *
 *     "\x95CSDAT"  u32 n  JSON[n] {length, dtype, compression, compressed_fields}
 *     per field of dtype: u32 m, bytes[m] (an LZ4 block where the field is compressed);  then a heap of texts
 *
 * Texts (`O`) are uint64 offsets into the heap, each ended by NUL. A table of no rows has no fields' bytes.
 */
import { IolausError } from "../core/errors.js";
import type { CsTexts } from "./cs-table.js";
import { decodeLz4Block } from "./lz4-block.js";
import { type NpyColumn, parseNpyType, rowWidth } from "./npy-type.js";

const MAGIC = "\x95CSDAT";

export function isCsStream(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, MAGIC.length)) === MAGIC;
}

interface Header {
  readonly length: number;
  readonly dtype: readonly (readonly [name: string, type: string, shape?: readonly number[]])[];
  readonly compressed_fields: readonly string[];
}

export function parseCsStream(
  bytes: Uint8Array,
  path: string,
): { readonly count: number; readonly fields: ReadonlyMap<string, NpyColumn | CsTexts> } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = MAGIC.length;
  const take = (): Uint8Array => {
    const end = at + 4 <= bytes.length ? at + 4 + buffer.readUInt32LE(at) : Infinity;
    if (end > bytes.length)
      throw new IolausError(
        "bad-file",
        `${path}: expected ${end} bytes, got ${bytes.length}; copy or write the file again`,
      );
    const piece = bytes.subarray(at + 4, end);
    at = end;
    return piece;
  };
  const { length: count, dtype, compressed_fields: compressed } = headerOf(take(), path);
  const pieces = dtype.map(([name, type, shape = []]) => {
    const where = `${path} field ${name}`;
    const isText = /^[|<>=]?O/.test(type);
    const element = isText ? parseNpyType("<u8", where) : parseNpyType(type, where);
    const stride = element.bytes * rowWidth(shape);
    const piece = count === 0 ? new Uint8Array(0) : take();
    const isPacked = count > 0 && compressed.includes(name);
    const plain = isPacked ? decodeLz4Block(piece, count * stride, where) : piece;
    if (plain.length !== count * stride)
      throw new IolausError("bad-file", `${where}: expected ${count * stride} bytes, got ${plain.length}`);
    return { name, isText, column: { type: element, shape, count, bytes: plain, offset: 0, stride } };
  });
  const heap = buffer.subarray(at);
  const fields = new Map<string, NpyColumn | CsTexts>();
  for (const { name, isText, column } of pieces)
    fields.set(name, isText ? { texts: textsOf(heap, column, `${path} field ${name}`) } : column);
  return { count, fields };
}

function headerOf(json: Uint8Array, path: string): Header {
  const header = parsed(json);
  const isSound =
    Number.isSafeInteger(header?.length) &&
    header!.length >= 0 &&
    Array.isArray(header?.dtype) &&
    header.dtype.every(
      (field) =>
        Array.isArray(field) &&
        typeof field[0] === "string" &&
        typeof field[1] === "string" &&
        (field[2] === undefined ||
          (Array.isArray(field[2]) && field[2].every((n) => Number.isSafeInteger(n) && n > 0))),
    );
  if (!isSound || header === undefined)
    throw new IolausError("bad-file", `${path}: expected length and dtype in the header, got something else`);
  const { compressed_fields: compressed = [] } = header;
  return { ...header, compressed_fields: Array.isArray(compressed) ? compressed : [] };
}

function parsed(json: Uint8Array): (Partial<Header> & Pick<Header, "length" | "dtype">) | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(json)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Texts do not overlap: together they are no longer than the heap. */
function textsOf(heap: Buffer, column: NpyColumn, where: string): string[] {
  const view = new DataView(column.bytes.buffer, column.bytes.byteOffset, column.bytes.byteLength);
  const seen = new Map<number, string>();
  let used = 0;
  return Array.from({ length: column.count }, (_, i) => {
    const start = Number(view.getBigUint64(8 * i, true));
    const known = seen.get(start);
    if (known !== undefined) return known;
    const end = start < heap.length ? heap.indexOf(0, start) : -1;
    used += end + 1 - start;
    if (end < 0 || used > heap.length)
      throw new IolausError("bad-file", `${where}: expected text at ${start} of ${heap.length} bytes, got none`);
    const text = heap.toString("utf8", start, end);
    seen.set(start, text);
    return text;
  });
}
