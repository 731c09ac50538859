/** @file Damage to bytes, as disks, networks and malice do it. */
import type { Random } from "../../src/core/random.js";

const BYTES = [0, 1, 0x20, 0x27, 0x28, 0x2e, 0x30, 0x7f, 0x80, 0xfe, 0xff];
const WORDS = [0, 1, -1, 2, 3, 255, 256, 65_535, 65_536, 0x7fffffff, -0x80000000, 1 << 24, 1 << 28];
const TEXTS = [
  "loop_",
  "data_",
  "\n",
  "#",
  "_rlnImageName",
  "@",
  "1e999",
  "NaN",
  "'",
  '"',
  "()",
  "(1,)",
  "'<f8'",
  "<u8",
  "|O",
  "[]",
  "1e9",
];

/** A damaged copy: one to six changes, half of them of a few bytes, now and then a piece of another input. */
export function mutate(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let out: Buffer = Buffer.from(bytes);
  for (let n = 1 + random.integer(1 + random.integer(6)); n > 0; n--) out = change(out, others, random);
  return Uint8Array.from(out);
}

function change(bytes: Buffer, others: readonly Uint8Array[], random: Random): Buffer {
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)]!;
  const at = random.integer(bytes.length + 1);
  const length = random.integer(random.integer(2) === 0 ? 8 : 64);
  const insert = (piece: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  switch (random.integer(2) === 0 ? random.integer(3) : random.integer(9)) {
    case 0: // a bit
      if (at < bytes.length) bytes[at]! ^= 1 << random.integer(8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = pick(BYTES);
      return bytes;
    case 2: // a number where numbers stand
      if (at + 4 <= bytes.length) bytes.writeInt32LE(pick(WORDS), random.integer(2) === 0 ? at & ~3 : at);
      return bytes;
    case 3:
      return bytes.subarray(0, at);
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 5:
      return insert(bytes.subarray(at, at + length));
    case 6:
      return insert(Buffer.from(pick(TEXTS)));
    case 7:
      return insert(Buffer.from(Array.from({ length }, () => random.integer(256))));
    default: {
      const other = pick(others);
      const from = random.integer(other.length);
      return insert(other.subarray(from, from + length));
    }
  }
}
