/**
 * @file LZ4 blocks, compressed → plain (github.com/lz4/lz4, doc/lz4_Block_format.md).
 *
 * A block is a row of sequences: token, literals, distance, match. The size is counted before memory is taken, so a
 * block that promises more than it holds costs nothing.
 */
import { IolausError } from "../core/errors.js";

/** The `size` bytes that `block` stands for. Throws `bad-file` when it stands for more, fewer, or none. */
export function decodeLz4Block(block: Uint8Array, size: number, where: string): Uint8Array {
  if (walk(block, null) !== size)
    throw new IolausError(
      "bad-file",
      `${where}: expected an LZ4 block of ${size} bytes, got another; is the file whole?`,
    );
  const out = new Uint8Array(size);
  walk(block, out);
  return out;
}

/** Follow the sequences, into `out` when given; how many bytes they make, −1 when they are none. */
function walk(block: Uint8Array, out: Uint8Array | null): number {
  let [at, to] = [0, 0];
  const length = (nibble: number): number => {
    let total = nibble;
    if (nibble === 15)
      for (let more = 255; more === 255; total += more) {
        if (at >= block.length) return NaN;
        more = block[at++]!;
      }
    return total;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = length(token >> 4);
    if (!(at + literals <= block.length)) return -1;
    out?.set(block.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    if (at === block.length) return to; // the last sequence has no match
    const distance = block[at]! | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const match = length(token & 15) + 4;
    if (at > block.length || distance === 0 || distance > to || Number.isNaN(match)) return -1;
    if (out !== null) for (let i = 0; i < match; i++) out[to + i] = out[to + i - distance]!;
    to += match;
  }
  return -1;
}
