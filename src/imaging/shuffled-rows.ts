/**
 * @file An epoch of a working set in random order, at the speed of reading it from front to back.
 *
 * The file is cut into chunks of neighbouring rows. A random hand of chunks is read, each in one go, and the rows of
 * the whole hand are dealt in random order. Rows far apart meet in one hand because the chunks are drawn from all over.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { check, IolausError } from "../core/errors.js";
import { type Random, shuffledIndices } from "../core/random.js";
import type { PreparedParticles } from "./prepare.js";

export interface ShuffledRowsOptions {
  /** Rows read in one go. @default 16 */
  readonly chunk?: number;
  /** Chunks that are mixed; more than a processor keeps at hand are slower. @default 16 */
  readonly hand?: number;
}

/** One image of the epoch. The row is good until the next step. */
export interface ShuffledRow {
  readonly index: number;
  /** Float32[points 2], whitened (re, im). */
  readonly row: Float32Array;
}

/** Every image once, in an order drawn from `random`. Memory: one hand of chunks. */
export function* shuffledRows(
  set: PreparedParticles,
  random: Random,
  options: ShuffledRowsOptions = {},
): Generator<ShuffledRow, void> {
  const { chunk = 16, hand = 16 } = options;
  for (const [name, value] of Object.entries({ chunk, hand }))
    check(Number.isInteger(value) && value >= 1, name, "a positive integer", value);
  const { count, points, file } = set;
  const chunks = shuffledIndices(Math.ceil(count / chunk), random);
  const rows = new Float32Array(Math.min(hand, chunks.length) * chunk * 2 * points);
  // Made once: a view costs as much as reading a row.
  const views = Array.from({ length: rows.length / (2 * points) }, (_, k) =>
    rows.subarray(2 * points * k, 2 * points * (k + 1)),
  );
  const handle = openSync(file, "r");
  try {
    for (let at = 0; at < chunks.length; at += hand) {
      const images: number[] = [];
      for (const c of chunks.subarray(at, at + hand)) {
        const [from, to] = [c * chunk, Math.min(count, (c + 1) * chunk)];
        readWhole(handle, rows.subarray(2 * points * images.length, 2 * points * (images.length + to - from)), {
          file,
          position: 8 * points * from,
        });
        for (let i = from; i < to; i++) images.push(i);
      }
      for (const k of shuffledIndices(images.length, random)) yield { index: images[k]!, row: views[k]! };
    }
  } finally {
    closeSync(handle);
  }
}

function readWhole(
  handle: number,
  out: Float32Array,
  from: { readonly file: string; readonly position: number },
): void {
  const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const got = readSync(handle, bytes, done, bytes.length - done, from.position + done);
    if (got === 0)
      throw new IolausError(
        "bad-file",
        `${from.file}: expected ${bytes.length - done} more bytes, got its end; prepare again`,
      );
    done += got;
  }
}
