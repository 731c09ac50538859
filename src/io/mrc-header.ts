/**
 * @file The 1024-byte header of MRC2014 files, bytes ⇄ fields (ccpem.ac.uk/mrc_format/mrc2014.php).
 *
 * Strict where a wrong guess would silently corrupt numbers (mode, size, byte order); lenient where programs in
 * use disagree with the text of the format: the machine stamp is not asked (RELION ignores it, cryoDRGN writes
 * zeros), since the sizes show the byte order; and the tag "MAP" may be missing if the size of the file fits the
 * rest of the header to the byte.
 */
import { IolausError } from "../core/errors.js";

export const HEADER_BYTES = 1024;

export interface MrcHeader {
  /** Columns, rows and sections as they lie in the file, fastest first. */
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  readonly mode: number;
  readonly littleEndian: boolean;
  /** Which of X, Y, Z (1, 2, 3) columns, rows and sections run along. */
  readonly axes: readonly [columns: number, rows: number, sections: number];
  /** Index of the first column, row and section. */
  readonly start: readonly [number, number, number];
  /** Along X, Y, Z, Å: cell ÷ intervals; null where the header leaves either at zero. */
  readonly voxelSizeAngstrom: readonly [x: number, y: number, z: number] | null;
  /** Where the numbers begin, bytes. */
  readonly dataOffset: number;
}

/** Bytes per number of each mode that can be read. */
export const MODE_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 2],
  [2, 4],
  [6, 2],
  [12, 2],
]);

const UNREADABLE: ReadonlyMap<number, string> = new Map([
  [3, "complex 16-bit"],
  [4, "complex 32-bit"],
  [16, "RGB"],
  [101, "packed 4-bit"],
]);

/** Bytes from the start of the header. */
const AT = { n: 0, mode: 12, start: 16, intervals: 28, cell: 40, axes: 64, nsymbt: 92, tag: 208 } as const;

export interface ReadMrcOptions {
  /** Read on where the header deviates or the end of the file is missing, and say so in `warnings`. @default false */
  readonly permissive?: boolean;
}

/** Takes the deviations that permissive reading lives with: a missing tag, unknown axes, missing sections at the end. */
export type Warn = (deviation: string) => void;

/**
 * Read the header of the file `source` of `fileBytes` bytes, and check that the file holds what it promises. Every
 * deviation that could corrupt numbers is refused; with `warn`, those of them that still leave a reading are told there.
 */
export function parseMrcHeader(bytes: Uint8Array, fileBytes: number, source: string, warn?: Warn): MrcHeader {
  const refuse = (expected: string, got: string, advice: string): never => {
    throw new IolausError("bad-file", `${source}: expected ${expected}, got ${got}; ${advice}`);
  };
  const object = (expected: string, got: string, advice: string): void => {
    if (warn === undefined) refuse(expected, got, advice);
    else warn(`${source}: expected ${expected}, got ${got}`);
  };
  if (bytes.byteLength < HEADER_BYTES)
    refuse(`an MRC header of ${HEADER_BYTES} bytes`, `${bytes.byteLength} bytes`, "is this an MRC file?");
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  // A side below 65,536 is above it in the other order, so at most one order makes sense.
  const littleEndian = [true, false].find((little) => isPlausible(view, little));
  if (littleEndian === undefined)
    throw new IolausError("bad-file", `${source}: expected an MRC header, got other bytes; is this an MRC file?`);
  const i32 = (at: number): number => view.getInt32(at, littleEndian);
  const triple = <T>(read: (axis: number) => T): [T, T, T] => [read(0), read(1), read(2)];

  const mode = i32(AT.mode);
  const bytesPerNumber = MODE_BYTES.get(mode) ?? refuseMode(mode, source);
  const [nx, ny, nz] = triple((k) => i32(AT.n + 4 * k));
  const dataOffset = HEADER_BYTES + i32(AT.nsymbt);
  const sectionBytes = nx * ny * bytesPerNumber;
  const need = dataOffset + nz * sectionBytes;
  const tag = String.fromCharCode(...bytes.subarray(AT.tag, AT.tag + 3));
  if (tag !== "MAP" && fileBytes !== need)
    object(`the tag "MAP" at byte ${AT.tag}`, JSON.stringify(tag), "is this an MRC file?");
  if (fileBytes < need) {
    const missing = Math.floor(Math.max(0, fileBytes - dataOffset) / sectionBytes) + 1;
    const first = `${fileBytes}; image ${missing} of ${nz} (counting from 1) is the first that is missing`;
    object(`${nz} images of ${nx}×${ny} in mode ${mode} (${need} bytes)`, first, "copy or write the file again");
  }

  const axes = triple((k) => i32(AT.axes + 4 * k));
  const isOrder = [...axes].sort().join() === "1,2,3";
  if (!isOrder && axes.some((axis) => axis !== 0))
    object("MAPC, MAPR, MAPS to be 1, 2, 3 in some order", axes.join(", "), "repair the header");
  const voxel = triple((k) => view.getFloat32(AT.cell + 4 * k, littleEndian) / i32(AT.intervals + 4 * k));
  return {
    nx,
    ny,
    nz,
    mode,
    littleEndian,
    axes: isOrder ? axes : [1, 2, 3],
    start: triple((k) => i32(AT.start + 4 * k)),
    voxelSizeAngstrom: voxel.every((a) => a > 0 && a < Infinity) ? voxel : null,
    dataOffset,
  };
}

function isPlausible(view: DataView, little: boolean): boolean {
  const at = (offset: number): number => view.getInt32(offset, little);
  const mode = at(AT.mode);
  const sizes = [at(AT.n), at(AT.n + 4)].every((n) => n > 0 && n < 65536) && at(AT.n + 8) > 0;
  return sizes && mode >= 0 && mode < 65536 && at(AT.nsymbt) >= 0;
}

function refuseMode(mode: number, source: string): never {
  const name = UNREADABLE.has(mode) ? ` (${UNREADABLE.get(mode)})` : "";
  const readable = [...MODE_BYTES.keys()].join(", ");
  const message = `${source}: expected MRC mode ${readable}, got mode ${mode}${name}; convert the file to mode 2 (float32)`;
  throw new IolausError("unsupported", message);
}

/** The one size of the first `axes` axes; null when they differ by more than float32 rounding can explain. */
export function isotropicSize(voxel: readonly number[] | null, axes: 2 | 3): number | null {
  const [first, ...others] = voxel?.slice(0, axes) ?? [];
  if (first === undefined || others.some((a) => Math.abs(a - first) > 1e-4 * first)) return null;
  return Math.round(first * 1e6) / 1e6; // 6 digits: what a float32 cell ÷ a count is good for
}

/** How numbers are written: mode 2, or half the bytes and 11 bits of precision, mode 12. */
export type MrcNumbers = "float32" | "float16";

/** What a written header says of its data. */
export interface NewMrcHeader {
  readonly nx: number;
  readonly ny: number;
  readonly nz: number;
  readonly pixelSizeAngstrom: number;
  readonly content: "volume" | "stack";
  /** @default "float32" */
  readonly numbers?: MrcNumbers;
  /** Left marked as unknown when absent. */
  readonly statistics?: { readonly min: number; readonly max: number; readonly mean: number; readonly rms: number };
}

/** The header of a little-endian file. */
export function formatMrcHeader(header: NewMrcHeader): Uint8Array {
  const { nx, ny, nz, pixelSizeAngstrom, content } = header;
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const i32 = (at: number, ...values: number[]): void =>
    values.forEach((value, k) => {
      view.setInt32(at + 4 * k, value, true);
    });
  const f32 = (at: number, ...values: number[]): void =>
    values.forEach((value, k) => {
      view.setFloat32(at + 4 * k, value, true);
    });
  const mz = content === "stack" ? 1 : nz;
  // The format marks unknown statistics by max < min, mean < both, rms < 0.
  const { min, max, mean, rms } = header.statistics ?? { min: 0, max: -1, mean: -2, rms: -1 };
  i32(AT.n, nx, ny, nz, header.numbers === "float16" ? 12 : 2);
  i32(AT.intervals, nx, ny, mz);
  f32(AT.cell, nx * pixelSizeAngstrom, ny * pixelSizeAngstrom, mz * pixelSizeAngstrom, 90, 90, 90);
  i32(AT.axes, 1, 2, 3);
  f32(76, min, max, mean);
  i32(88, content === "stack" ? 0 : 1);
  i32(108, 20141); // version of the format
  bytes.set(new TextEncoder().encode("MAP DD"), AT.tag);
  f32(216, rms);
  i32(220, 1); // labels in use
  bytes.set(new TextEncoder().encode("Written by Iolaus".padEnd(80)), 224);
  return bytes;
}
