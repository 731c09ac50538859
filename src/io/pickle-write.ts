/**
 * @file NumPy arrays → a pickle of protocol 4, which every NumPy reads (names of `numpy.core`: old versions know no other).
 */
import { littleEndianBytes } from "./mrc-values.js";

/** An array to be written. */
export interface PickledNumbers {
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** A pickle of one array. */
export function pickleArray(array: PickledNumbers): Uint8Array {
  return Buffer.concat([PROTOCOL_4, ...arrayPieces(array), STOP]);
}

/** A pickle of a tuple of two arrays. */
export function picklePair(first: PickledNumbers, second: PickledNumbers): Uint8Array {
  return Buffer.concat([PROTOCOL_4, ...arrayPieces(first), ...arrayPieces(second), Buffer.of(0x86), STOP]);
}

const PROTOCOL_4 = Buffer.of(0x80, 4);
const STOP = Buffer.from(".");
const MARK = Buffer.from("(");
const TUPLE = Buffer.from("t");
const REDUCE = Buffer.from("R");
const BUILD = Buffer.from("b");
const NONE = Buffer.from("N");

function arrayPieces({ values, shape }: PickledNumbers): Uint8Array[] {
  const bytes = values instanceof Float32Array ? littleEndianBytes(values) : int32Bytes(values);
  const type = values instanceof Float32Array ? "f4" : "i4";
  const empty = [global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray"), whole(0), TUPLE_1];
  return [
    ...[...empty, Buffer.from("C\x01b", "latin1"), TUPLE_3, REDUCE, MARK, whole(1), MARK, ...shape.map(whole), TUPLE],
    ...[global("numpy", "dtype"), text(type), Buffer.of(0x89, 0x88), TUPLE_3, REDUCE],
    ...[MARK, whole(3), text("<"), NONE, NONE, NONE, whole(-1), whole(-1), whole(0), TUPLE, BUILD],
    ...[Buffer.of(0x89), bytesHead(bytes.length), bytes, TUPLE, BUILD],
  ];
}

const TUPLE_1 = Buffer.of(0x85);
const TUPLE_3 = Buffer.of(0x87);

function global(module: string, name: string): Buffer {
  return Buffer.concat([text(module), text(name), Buffer.of(0x93)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(0x8c, bytes.length), bytes]);
}

function whole(value: number): Buffer {
  const bytes = Buffer.alloc(5, "J");
  bytes.writeInt32LE(value, 1);
  return bytes;
}

/** BINBYTES8, good for any length. */
function bytesHead(length: number): Buffer {
  const bytes = Buffer.alloc(9, 0x8e);
  bytes.writeBigUInt64LE(BigInt(length), 1);
  return bytes;
}

function int32Bytes(values: Int32Array): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeInt32LE(value, 4 * i);
  });
  return bytes;
}
