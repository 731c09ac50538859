/**
 * @file The number types of NumPy: `<f4`, `|S61`, `>i8`. One column of them in memory → arrays.
 *
 * A column is strided, so that a field of a structured array (rows of a `.cs` file) is read where it lies.
 */
import { IolausError } from "../core/errors.js";
import { float16Table } from "./float16.js";

export type NpyKind = "b" | "i" | "u" | "f" | "S" | "U";

export interface NpyType {
  /** Truth value, signed, unsigned, float, bytes, text. */
  readonly kind: NpyKind;
  /** Bytes of one element. */
  readonly bytes: number;
  readonly littleEndian: boolean;
}

/** `count` rows of elements of one type. */
export interface NpyColumn {
  readonly type: NpyType;
  /** Shape of a row; empty for one element. */
  readonly shape: readonly number[];
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Of the first row, and from row to row, in bytes. */
  readonly offset: number;
  readonly stride: number;
}

const WIDTHS: Readonly<Record<NpyKind, readonly number[] | null>> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8],
  S: null,
  U: null,
};

/** Read a type as NumPy writes it. Throws `unsupported` for objects, complex numbers, dates and the like. */
export function parseNpyType(text: string, where: string): NpyType {
  const [, order = "", kind = "", digits = ""] = /^([<>|=]?)([a-zA-Z?])(\d{0,9})$/.exec(text) ?? [];
  const width = Number(kind === "?" ? "1" : digits || "0");
  const known = kind === "?" ? "b" : kind === "a" ? "S" : kind;
  const widths = WIDTHS[known as NpyKind];
  if (widths === undefined || (widths !== null && !widths.includes(width)))
    throw new IolausError(
      "unsupported",
      `${where}: expected numbers or text as b1, i1..i8, u1..u8, f2..f8, S or U, got ${JSON.stringify(text)}; ` +
        "convert the array in Python",
    );
  return { kind: known as NpyKind, bytes: known === "U" ? 4 * width : width, littleEndian: order !== ">" };
}

/** The type as NumPy writes it. */
export function formatNpyType({ kind, bytes, littleEndian }: NpyType): string {
  const order = bytes === 1 || kind === "S" ? "|" : littleEndian ? "<" : ">";
  return `${order}${kind}${kind === "U" ? bytes / 4 : bytes}`;
}

/** How many elements a row has. */
export function rowWidth(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/**
 * [count width], row-major: float32 where that holds the type, else float64. Whole numbers beyond 2⁵³ are refused:
 * read those with `columnBigints`.
 */
export function columnNumbers(column: NpyColumn, where: string): Float32Array | Float64Array {
  const { kind, bytes: size } = column.type;
  if (kind === "S" || kind === "U") return refuseKind(where, "numbers", column.type);
  const length = column.count * rowWidth(column.shape);
  const out = size < 4 || (size === 4 && kind === "f") ? new Float32Array(length) : new Float64Array(length);
  if (size === 8 && kind !== "f") {
    forEachElement(column, (view, at, i) => {
      const value = Number(integer(view, at, column.type));
      if (!Number.isSafeInteger(value))
        throw new IolausError("unsupported", `${where}: expected whole numbers up to 2⁵³, got one of ${value}`);
      out[i] = value;
    });
    return out;
  }
  const read = reader(column.type);
  forEachElement(column, (view, at, i) => {
    out[i] = read(view, at);
  });
  return out;
}

/** BigUint64[count width] of an unsigned 64-bit column: `uid` of cryoSPARC is beyond 2⁵³. */
export function columnBigints(column: NpyColumn, where: string): BigUint64Array {
  const { kind, bytes: size } = column.type;
  if (kind !== "u" || size !== 8) return refuseKind(where, "unsigned 64-bit numbers (u8)", column.type);
  const out = new BigUint64Array(column.count * rowWidth(column.shape));
  forEachElement(column, (view, at, i) => {
    out[i] = integer(view, at, column.type);
  });
  return out;
}

/** Text, without the NULs that pad it. Equal texts share memory. */
export function columnTexts(column: NpyColumn, where: string): string[] {
  const { kind, bytes: size, littleEndian } = column.type;
  if (kind !== "S" && kind !== "U") return refuseKind(where, "text", column.type);
  const out = new Array<string>(column.count * rowWidth(column.shape));
  const seen = new Map<string, string>();
  const buffer = Buffer.from(column.bytes.buffer, column.bytes.byteOffset, column.bytes.byteLength);
  forEachElement(column, (view, at, i) => {
    const raw =
      kind === "S"
        ? buffer.toString("latin1", at, endOfText(buffer, at, size))
        : codePoints(view, at, size, littleEndian, where);
    let text = seen.get(raw);
    if (text === undefined) {
      text = kind === "S" ? Buffer.from(raw, "latin1").toString("utf8") : raw;
      seen.set(raw, text);
    }
    out[i] = text;
  });
  return out;
}

function forEachElement(column: NpyColumn, act: (view: DataView, at: number, i: number) => void): void {
  const { bytes, type, shape, count, offset, stride } = column;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = rowWidth(shape);
  for (let row = 0, i = 0; row < count; row++)
    for (let k = 0, at = offset + row * stride; k < width; k++, at += type.bytes) act(view, at, i++);
}

function integer(view: DataView, at: number, { kind, littleEndian }: NpyType): bigint {
  return kind === "i" ? view.getBigInt64(at, littleEndian) : view.getBigUint64(at, littleEndian);
}

function reader({ kind, bytes, littleEndian: le }: NpyType): (view: DataView, at: number) => number {
  switch (`${kind}${bytes}`) {
    case "f8":
      return (view, at) => view.getFloat64(at, le);
    case "f4":
      return (view, at) => view.getFloat32(at, le);
    case "f2": {
      const table = float16Table();
      return (view, at) => table[view.getUint16(at, le)]!;
    }
    case "i4":
      return (view, at) => view.getInt32(at, le);
    case "i2":
      return (view, at) => view.getInt16(at, le);
    case "i1":
      return (view, at) => view.getInt8(at);
    case "u4":
      return (view, at) => view.getUint32(at, le);
    case "u2":
      return (view, at) => view.getUint16(at, le);
    default:
      return (view, at) => view.getUint8(at);
  }
}

function endOfText(bytes: Uint8Array, at: number, size: number): number {
  let end = at + size;
  while (end > at && bytes[end - 1] === 0) end--;
  return end;
}

function codePoints(view: DataView, at: number, size: number, littleEndian: boolean, where: string): string {
  let text = "";
  for (let k = 0; k < size; k += 4) {
    const code = view.getUint32(at + k, littleEndian);
    if (code > 0x10ffff) throw new IolausError("bad-file", `${where}: expected text, got the code point ${code}`);
    text += String.fromCodePoint(code);
  }
  return text.replace(/\0+$/, "");
}

function refuseKind(where: string, expected: string, type: NpyType): never {
  throw new IolausError("bad-file", `${where}: expected ${expected}, got ${formatNpyType(type)}`);
}
