/** @file The one thing that tests want of a pickle: the numbers of its first NumPy array of float32. */
import { readFileSync } from "node:fs";

const BINBYTES = 0x42; // "B": uint32 length, then that many bytes
const HEAD = 5;

/** Float32[count] of the first byte string of 4 · count bytes in a pickle of protocol 3. */
export function pickledFloats(path: string, count: number): Float32Array {
  const bytes = readFileSync(path);
  for (let at = bytes.indexOf(BINBYTES); at >= 0 && at + HEAD < bytes.length; at = bytes.indexOf(BINBYTES, at + 1)) {
    if (bytes.readUInt32LE(at + 1) !== 4 * count) continue;
    return Float32Array.from({ length: count }, (_, i) => bytes.readFloatLE(at + HEAD + 4 * i));
  }
  throw new Error(`${path}: no array of ${count} float32`);
}
