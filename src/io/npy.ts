/**
 * @file .npy files, bytes ⇄ arrays (NEP 1; versions 1, 2 and 3 of the header), structured arrays included.
 *
 * The numbers are not converted until asked for: `npyNumbers`, or a field's column of a structured array. Python
 * objects are refused, so nothing is ever executed.
 */
import { readFileSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import { reading } from "./file-access.js";
import { littleEndianBytes } from "./mrc-values.js";
import { columnNumbers, formatNpyType, type NpyColumn, type NpyType, parseNpyType, rowWidth } from "./npy-type.js";
import { type PythonLiteral, parsePythonLiteral } from "./python-literal.js";

export const NPY_MAGIC = "\x93NUMPY";

/** One field of a structured array. */
export interface NpyField {
  readonly name: string;
  readonly type: NpyType;
  /** Shape of the field in one record; empty for one element. */
  readonly shape: readonly number[];
  /** From the start of the record, bytes. */
  readonly offset: number;
}

/** An array as it lies in a file. */
export interface NpyArray {
  readonly kind: "npy-array";
  /** Of the elements; null in a structured array. */
  readonly type: NpyType | null;
  /** Of a structured array; else empty. */
  readonly fields: readonly NpyField[];
  readonly shape: readonly number[];
  readonly fortranOrder: boolean;
  /** Bytes of one element or record. */
  readonly itemBytes: number;
  readonly data: Uint8Array;
}

/** Read a .npy file. */
export function readNpy(path: string): NpyArray {
  return parseNpy(
    reading(path, () => readFileSync(path)),
    path,
  );
}

/** Read the bytes of a .npy file; `data` shares their memory. `source` appears in messages only. */
export function parseNpy(bytes: Uint8Array, source = "<memory>"): NpyArray {
  const refuse = (expected: string, got: string): never => {
    throw new IolausError("bad-file", `${source}: expected ${expected}, got ${got}; is the file whole?`);
  };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.toString("latin1", 0, 6) !== NPY_MAGIC) refuse("a .npy file", "one that begins otherwise");
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) refuse("version 1, 2 or 3 of .npy", `${version}`);
  const head = version === 1 ? 10 : 12;
  if (bytes.byteLength < head) refuse(`a header of ${head} bytes`, `${bytes.byteLength}`);
  const start = head + (version === 1 ? buffer.readUInt16LE(8) : buffer.readUInt32LE(8));
  if (bytes.byteLength < start) refuse(`a header of ${start} bytes`, `${bytes.byteLength}`);
  const text = buffer.toString(version === 3 ? "utf8" : "latin1", head, start);
  const header = parsePythonLiteral(text.trim(), source);
  if (!(header instanceof Map)) return refuse("a dictionary as header", JSON.stringify(header));
  const [descr, fortranOrder, shape] = ["descr", "fortran_order", "shape"].map((key) => header.get(key));
  if (!isShape(shape) || typeof fortranOrder !== "boolean" || descr == null)
    return refuse("descr, fortran_order and shape in the header", text.trim().slice(0, 200));
  const layout = layoutOf(descr, source);
  const need = rowWidth(shape) * layout.itemBytes;
  if (layout.itemBytes === 0) refuse("elements of at least one byte", "elements of none");
  if (!(start + need <= bytes.byteLength)) refuse(`${start + need} bytes`, `${bytes.byteLength}`);
  return { kind: "npy-array", ...layout, shape, fortranOrder, data: bytes.subarray(start, start + need) };
}

function isShape(value: PythonLiteral | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function layoutOf(descr: PythonLiteral, source: string): Pick<NpyArray, "type" | "fields" | "itemBytes"> {
  if (typeof descr === "string") {
    const type = parseNpyType(descr, source);
    return { type, fields: [], itemBytes: type.bytes };
  }
  const fields: NpyField[] = [];
  let offset = 0;
  for (const entry of Array.isArray(descr) ? descr : [null]) {
    const [name, text, shape = []] = Array.isArray(entry) ? entry : [];
    if (typeof name !== "string" || typeof text !== "string" || !isShape(shape) || entry.length > 3)
      throw new IolausError("unsupported", `${source}: expected plain fields, got ${JSON.stringify(entry)} among them`);
    const padding = name === "" ? /^\|V(\d{1,9})$/.exec(text)?.[1] : undefined;
    if (padding !== undefined) {
      offset += Number(padding);
      continue;
    }
    const type = parseNpyType(text, `${source} field ${name}`);
    if (type.bytes === 0 && rowWidth(shape) > 1)
      throw new IolausError("bad-file", `${source}: expected elements of at least one byte as ${name}, got ${text}`);
    fields.push({ name, type, shape, offset });
    offset += type.bytes * rowWidth(shape);
  }
  const doubled = fields.find(({ name }, i) => fields.findIndex((field) => field.name === name) !== i);
  if (doubled !== undefined)
    throw new IolausError("bad-file", `${source}: expected each field once, got ${doubled.name} twice`);
  return { type: null, fields, itemBytes: offset };
}

/** [shape], row-major, of an array of numbers: float32 where that holds them, else float64. */
export function npyNumbers(array: NpyArray, source = "<memory>"): Float32Array | Float64Array {
  const { type, shape, data, itemBytes, fortranOrder } = array;
  if (type === null)
    throw new IolausError("bad-file", `${source}: expected an array of numbers, got a table; read its fields`);
  const count = rowWidth(shape);
  const values = columnNumbers({ type, shape: [], count, bytes: data, offset: 0, stride: itemBytes }, source);
  return fortranOrder && shape.length > 1 ? rowMajor(values, shape) : values;
}

function rowMajor<T extends Float32Array | Float64Array>(values: T, shape: readonly number[]): T {
  const out = values.slice() as T;
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < out.length; i++) {
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis]! + index[axis]!;
    out[i] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]!; axis--) index[axis] = 0;
  }
  return out;
}

/** A field of a structured array of one axis, where it lies. */
export function npyColumn(array: NpyArray, field: NpyField): NpyColumn {
  const { type, shape, offset } = field;
  return { type, shape, count: array.shape[0] ?? 0, bytes: array.data, offset, stride: array.itemBytes };
}

/** The header of a file of records with `fields` in a row, without gaps (version 1, or 2 when it is long). */
export function formatNpyHeader(fields: readonly Omit<NpyField, "offset">[], count: number): Uint8Array {
  const descr = fields.map(({ name, type, shape }) => {
    const tuple = shape.length === 0 ? "" : `, (${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
    return `('${name.replace(/(['\\])/g, "\\$1")}', '${formatNpyType(type)}'${tuple})`;
  });
  return headerBytes(`[${descr.join(", ")}]`, `(${count},)`);
}

/** A whole .npy file of float32 numbers. */
export function formatNpyFloats(values: Float32Array, shape: readonly number[]): Uint8Array {
  const head = headerBytes("'<f4'", `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`);
  const bytes = new Uint8Array(head.length + values.byteLength);
  bytes.set(head);
  bytes.set(littleEndianBytes(values), head.length);
  return bytes;
}

function headerBytes(descr: string, shape: string): Uint8Array {
  const text = `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
  const long = text.length > 65_000;
  const head = long ? 12 : 10;
  const total = 64 * Math.ceil((head + text.length + 1) / 64);
  const bytes = Buffer.alloc(total, " ");
  bytes.write(NPY_MAGIC, "latin1");
  bytes.set([long ? 2 : 1, 0], 6);
  if (long) bytes.writeUInt32LE(total - head, 8);
  else bytes.writeUInt16LE(total - head, 8);
  bytes.write(text, head, "latin1");
  bytes[total - 1] = 10;
  return bytes;
}
