/** @file The numbers of MRC files, bytes ⇄ float32, in the file's mode and byte order. */
import { endianness } from "node:os";
import { check } from "../core/errors.js";
import { encodeFloat16, float16Table } from "./float16.js";
import { MODE_BYTES, type MrcHeader, type MrcNumbers } from "./mrc-header.js";

/** Whether this machine writes numbers as files mostly do. */
export const HOST_IS_LITTLE: boolean = endianness() === "LE";

/** The numbers of `bytes` into `out`. Swaps `bytes` in place when the file's byte order is not the machine's. */
export function decodeInto(
  out: Float32Array,
  bytes: Uint8Array,
  header: Pick<MrcHeader, "mode" | "littleEndian">,
): void {
  const { mode, littleEndian } = header;
  const width = MODE_BYTES.get(mode)!;
  if (littleEndian !== HOST_IS_LITTLE) swapInPlace(bytes, width);
  const { buffer, byteOffset } = bytes;
  if (mode === 0) out.set(new Int8Array(buffer, byteOffset, out.length));
  else if (mode === 1) out.set(new Int16Array(buffer, byteOffset, out.length));
  else if (mode === 2) out.set(new Float32Array(buffer, byteOffset, out.length));
  else if (mode === 6) out.set(new Uint16Array(buffer, byteOffset, out.length));
  else {
    const table = float16Table();
    const halves = new Uint16Array(buffer, byteOffset, out.length);
    for (let i = 0; i < out.length; i++) out[i] = table[halves[i]!]!;
  }
}

function swapInPlace(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
}

/** `values` as float32 of a little-endian file; shares their memory where the machine allows. */
export function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (HOST_IS_LITTLE) return bytes;
  const swapped = Uint8Array.from(bytes);
  swapInPlace(swapped, 4);
  return swapped;
}

/** `values` as the numbers of a little-endian file. Throws `bad-argument` for those that float16 cannot hold. */
export function numberBytes(values: Float32Array, numbers: MrcNumbers, where: string): Uint8Array {
  if (numbers === "float32") return littleEndianBytes(values);
  const bytes = new Uint8Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const half = encodeFloat16(values[i]!);
    if ((half & 0x7fff) === 0x7c00)
      check(false, where, "numbers of up to 65,504 for float16", values[i], "write float32");
    bytes[2 * i] = half & 255;
    bytes[2 * i + 1] = half >> 8;
  }
  return bytes;
}
