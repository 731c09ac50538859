/**
 * @file Named arrays with a JSON object, in one file written whole or not at all.
 *
 * The file is a safetensors file (https://github.com/huggingface/safetensors): a uint64 length, a JSON directory
 * (name → dtype, shape, data_offsets), then the arrays, little-endian, so that other programs read it too. Our JSON
 * object stands as text under `__metadata__.iolaus`.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";
import { check, IolausError } from "../core/errors.js";
import { AtomicFile } from "./atomic.js";
import { reading } from "./file-access.js";

export type CheckpointArray = Float32Array | Float64Array | Int32Array;

export interface Checkpoint {
  /** Plain JSON. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, CheckpointArray>>;
}

interface Entry {
  readonly dtype: "F32" | "F64" | "I32";
  readonly shape: readonly number[];
  /** First byte and the one after the last, from the end of the directory. */
  readonly data_offsets: readonly [number, number];
}

const BYTES = { F32: 4, F64: 8, I32: 4 } as const;
/** A directory longer than this is no checkpoint of ours. */
const LONGEST_DIRECTORY = 1e8;
const PIECE = 1 << 26;

/** Write `checkpoint` as the file `path`. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  checkByteOrder(path);
  // Doubles first, so that every array begins at a multiple of its element.
  const names = Object.keys(checkpoint.arrays);
  const ordered = names.map((name) => ({ name, array: checkpoint.arrays[name]! }));
  ordered.sort((a, b) => b.array.BYTES_PER_ELEMENT - a.array.BYTES_PER_ELEMENT);
  let end = 0;
  const entries = ordered.map(({ name, array }): [string, Entry] => {
    const start = end;
    end += array.byteLength;
    return [name, { dtype: dtypeOf(array), shape: [array.length], data_offsets: [start, end] }];
  });
  const directory = directoryBytes({ __metadata__: { iolaus: JSON.stringify(checkpoint.meta) } }, entries);
  const file = new AtomicFile(path);
  try {
    file.writeAt(directory, 0);
    ordered.forEach(({ array }, i) => {
      file.writeAt(bytesOf(array), directory.byteLength + entries[i]![1].data_offsets[0]);
    });
    file.commit();
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** Read what `writeCheckpoint` wrote. */
export function readCheckpoint(path: string): Checkpoint {
  checkByteOrder(path);
  const fd = reading(path, () => openSync(path, "r"));
  try {
    const size = fstatSync(fd).size;
    const { entries, metadata, start } = readDirectory(fd, path, size);
    const arrays = entries.map(([name, { dtype, data_offsets }]): [string, CheckpointArray] => {
      const [from, to] = data_offsets;
      if (start + to > size) refuse(path, `${start + to} bytes at least`, `${size}; it was cut short`);
      const bytes = new Uint8Array(to - from);
      for (let done = 0; done < bytes.length; )
        done += reading(path, () =>
          readSync(fd, bytes, done, Math.min(PIECE, bytes.length - done), start + from + done),
        );
      return [name, typed(dtype, bytes)];
    });
    return { meta: metadata, arrays: Object.fromEntries(arrays) };
  } finally {
    closeSync(fd);
  }
}

function directoryBytes(head: object, entries: readonly (readonly [string, Entry])[]): Uint8Array {
  check(!entries.some(([name]) => name === "__metadata__"), "arrays", "any name but __metadata__", "__metadata__");
  const json = new TextEncoder().encode(JSON.stringify({ ...head, ...Object.fromEntries(entries) }));
  const bytes = new Uint8Array(8 * Math.ceil((8 + json.length) / 8)).fill(32); // blanks at the end, as the format allows
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(json, 8);
  return bytes;
}

function readDirectory(
  fd: number,
  path: string,
  size: number,
): { entries: [string, Entry][]; metadata: Record<string, unknown>; start: number } {
  const head = new Uint8Array(8);
  reading(path, () => readSync(fd, head, 0, 8, 0));
  const length = Number(new DataView(head.buffer).getBigUint64(0, true));
  if (length < 2 || length > LONGEST_DIRECTORY || 8 + length > size)
    refuse(path, "a checkpoint (safetensors)", `another kind of file of ${size} bytes`);
  const json = new Uint8Array(length);
  reading(path, () => readSync(fd, json, 0, length, 8));
  try {
    const { __metadata__, ...others } = JSON.parse(new TextDecoder().decode(json));
    const entries = Object.entries(others as Record<string, Entry>);
    if (!entries.every(([, entry]) => isSound(entry))) return refuse(path, "arrays in its directory", "something else");
    return { entries, metadata: JSON.parse(__metadata__.iolaus), start: 8 + length };
  } catch {
    return refuse(path, "a checkpoint of Iolaus", "a file without its directory");
  }
}

/** Offsets in order, of a whole number of elements; that they lie in the file is seen when they are read. */
function isSound({ dtype, data_offsets: offsets }: Entry): boolean {
  const [from = NaN, to = NaN] = Array.isArray(offsets) ? offsets : [];
  const width = BYTES[dtype];
  return (
    width !== undefined && from >= 0 && to >= from && Number.isInteger((to - from) / width) && Number.isSafeInteger(to)
  );
}

function refuse(path: string, expected: string, got: string): never {
  throw new IolausError("bad-file", `${path}: expected ${expected}, got ${got}; start again without it`);
}

function dtypeOf(array: CheckpointArray): Entry["dtype"] {
  if (array instanceof Float64Array) return "F64";
  return array instanceof Float32Array ? "F32" : "I32";
}

function bytesOf(array: CheckpointArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The file's byte order is little-endian: a machine of the other kind (IBM Z) is refused rather than misread. */
function checkByteOrder(path: string): void {
  if (endianness() === "LE") return;
  throw new IolausError("unsupported", `${path}: expected a little-endian machine, got a big-endian one`);
}

function typed(dtype: Entry["dtype"], bytes: Uint8Array): CheckpointArray {
  const count = bytes.byteLength / BYTES[dtype];
  if (dtype === "F64") return new Float64Array(bytes.buffer as ArrayBuffer, 0, count);
  if (dtype === "F32") return new Float32Array(bytes.buffer as ArrayBuffer, 0, count);
  return new Int32Array(bytes.buffer as ArrayBuffer, 0, count);
}
