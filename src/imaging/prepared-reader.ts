/** @file Random access to a working set: one bounded read per image. */
import { closeSync, openSync, readSync } from "node:fs";
import { check, IolausError } from "../core/errors.js";
import { contrastRow } from "./contrast-row.js";
import { type HalfPlane, halfPlane, pointsWithin } from "./half-plane.js";
import { contrastOf } from "./image-contrast.js";
import type { PreparedParticles } from "./prepare.js";

export interface PreparedReader {
  readonly set: PreparedParticles;
  readonly plane: HalfPlane;
  /** Points within `radius` Fourier pixels. */
  points(radius: number): number;
  /** The first `out.length / 2` coefficients of image `index`, whitened (re, im). */
  readRow(index: number, out: Float32Array): void;
  /** The CTF of image `index` at the first `out.length` points, not whitened. */
  readContrast(index: number, out: Float32Array): void;
  close(): void;
}

/** Open the file of a working set, in any thread. Close it when done. */
export function openPrepared(set: PreparedParticles): PreparedReader {
  const plane = halfPlane(set.box);
  const rowBytes = 8 * plane.count;
  const handle = openSync(set.file, "r");
  return {
    set,
    plane,
    points: (radius) => pointsWithin(plane, radius),
    readRow(index, out) {
      check(index >= 0 && index < set.count, "index", `0 to ${set.count - 1}`, index);
      const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
      const got = readSync(handle, bytes, 0, bytes.length, index * rowBytes);
      if (got === bytes.length) return;
      throw new IolausError(
        "bad-file",
        `${set.file}: expected ${set.count} rows of ${rowBytes} bytes, row ${index} is cut short; prepare again`,
      );
    },
    readContrast: (index, out) => {
      contrastRow(plane, set.pixelSizeAngstrom, contrastOf(set.contrast, index), out);
    },
    close: () => closeSync(handle),
  };
}
