/**
 * @file MRC maps: modes 0 (int8), 1 (int16), 2 (float32), 6 (uint16) and 12 (float16), gzipped or not.
 *
 * Maps come out as `[z][y][x]` whatever the order of axes in the file. Mode 0 is signed, as the format says;
 * some programs read it as unsigned.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { check, IolausError } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { writePiecesAtomic } from "./atomic.js";
import { reading } from "./file-access.js";
import {
  formatMrcHeader,
  HEADER_BYTES,
  isotropicSize,
  MODE_BYTES,
  type MrcHeader,
  type MrcNumbers,
  parseMrcHeader,
  type ReadMrcOptions,
} from "./mrc-header.js";
import { decodeInto, numberBytes } from "./mrc-values.js";

/** A map as the file has it, of any shape. */
export interface MrcMap {
  /** Fastest axis last: [z, y, x]. */
  readonly shape: readonly [nz: number, ny: number, nx: number];
  /** Float32[nz ny nx], whatever the mode on disk. */
  readonly values: Float32Array;
  /** Along x, y, z; null when the header leaves it at zero. */
  readonly voxelSizeAngstrom: readonly [x: number, y: number, z: number] | null;
  readonly header: MrcHeader;
  /** What permissive reading lived with. */
  readonly warnings: readonly string[];
}

/** Numbers are read and converted this many bytes at a time: memory is that of the map, whatever the file's size. */
const PIECE = 1 << 26;

/** Read a map, gzipped or not. Permissive, missing numbers at the end are 0. */
export function readMrcMap(path: string, options: ReadMrcOptions = {}): MrcMap {
  const fd = reading(path, () => openSync(path, "r"));
  try {
    const head = new Uint8Array(HEADER_BYTES);
    const got = reading(path, () => readSync(fd, head, 0, HEADER_BYTES, 0));
    if (head[0] === 0x1f && head[1] === 0x8b) return decodeMrc(gunzipMap(path), path, options);
    const read = (piece: Uint8Array, position: number): void => {
      for (let done = 0; done < piece.length; ) {
        const count = reading(path, () => readSync(fd, piece, done, piece.length - done, position + done));
        if (count === 0) return; // cut short: the rest stays 0
        done += count;
      }
    };
    return decode(head.subarray(0, got), fstatSync(fd).size, path, read, options);
  } finally {
    closeSync(fd);
  }
}

/** The bytes of a gzipped map; no more than its header promises are unpacked. */
function gunzipMap(path: string): Uint8Array {
  const packed = reading(path, () => readFileSync(path));
  const head = reading(path, () => gunzipSync(packed.subarray(0, 1 << 16), { finishFlush: constants.Z_SYNC_FLUSH }));
  const promised = parseMrcHeader(head, Infinity, path, () => {});
  const most = promised.dataOffset + promised.nx * promised.ny * promised.nz * MODE_BYTES.get(promised.mode)!;
  return reading(path, () => gunzipSync(packed, { maxOutputLength: Math.max(most, head.length) + PIECE }));
}

/** Decode a whole file held in memory. `source` appears in error messages only. */
export function decodeMrc(bytes: Uint8Array, source = "<memory>", options: ReadMrcOptions = {}): MrcMap {
  const read = (piece: Uint8Array, position: number): void =>
    piece.set(bytes.subarray(position, position + piece.length));
  return decode(bytes, bytes.byteLength, source, read, options);
}

function decode(
  head: Uint8Array,
  fileBytes: number,
  source: string,
  read: (piece: Uint8Array, position: number) => void,
  options: ReadMrcOptions,
): MrcMap {
  const warnings: string[] = [];
  const warn = options.permissive === true ? (text: string) => void warnings.push(text) : undefined;
  const header = parseMrcHeader(head, fileBytes, source, warn);
  const { nx, ny, nz, dataOffset, mode } = header;
  const width = MODE_BYTES.get(mode)!;
  const count = nx * ny * nz;
  // What a header promises and the file cannot hold is no reason to take memory.
  if (!(count * width <= 2 * Math.max(0, fileBytes - dataOffset)))
    throw new IolausError("bad-file", `${source}: expected half of ${count * width} bytes at least, got ${fileBytes}`);
  const inFile = new Float32Array(count);
  for (let from = 0; from < count; from += PIECE / width) {
    const part = inFile.subarray(from, from + PIECE / width);
    const piece = new Uint8Array(part.length * width);
    read(piece, dataOffset + from * width);
    decodeInto(part, piece, header);
  }
  return { ...inAxisOrder(inFile, header), voxelSizeAngstrom: header.voxelSizeAngstrom, header, warnings };
}

/** Read a cubic map of even box. `pixelSizeAngstrom` wins over the header, and must be given where that has none. */
export function readVolume(path: string, options: { readonly pixelSizeAngstrom?: number } = {}): Volume {
  const { shape, values, voxelSizeAngstrom } = readMrcMap(path);
  const [nz, ny, nx] = shape;
  const cubic = nx === ny && ny === nz && nx % 2 === 0;
  if (!cubic)
    throw new IolausError(
      "bad-file",
      `${path}: expected a cubic map with an even side, got ${nx}×${ny}×${nz}; pad or crop it to an even cube`,
    );
  const pixelSizeAngstrom = options.pixelSizeAngstrom ?? isotropicSize(voxelSizeAngstrom, 3);
  if (pixelSizeAngstrom === null)
    throw new IolausError(
      "bad-file",
      `${path}: expected one pixel size for x, y and z in the header, got ${voxelSizeAngstrom?.join(", ") ?? "none"}; ` +
        "pass pixelSizeAngstrom",
    );
  check(pixelSizeAngstrom > 0, "pixelSizeAngstrom", "a positive length in Å", pixelSizeAngstrom);
  return { kind: "volume", box: nx, pixelSizeAngstrom, values };
}

/** Write `volume` as a map. */
export function writeVolume(
  path: string,
  volume: Volume,
  options: {
    /** @default "float32" */
    readonly numbers?: MrcNumbers;
  } = {},
): void {
  const { numbers = "float32" } = options;
  const { box, pixelSizeAngstrom, values } = volume;
  check(values.length === box ** 3, "volume.values", `${box}³ = ${box ** 3} numbers`, values.length);
  const body = numberBytes(values, numbers, "volume.values");
  const written = numbers === "float32" ? values : new Float32Array(values.length);
  if (written !== values) decodeInto(written, body.slice(), { mode: 12, littleEndian: true });
  const header = formatMrcHeader({
    nx: box,
    ny: box,
    nz: box,
    pixelSizeAngstrom,
    content: "volume",
    numbers,
    statistics: statistics(written), // of the numbers as they are in the file
  });
  writePiecesAtomic(path, [header, body]);
}

/** Columns, rows and sections of the file → x, y, z. */
function inAxisOrder(inFile: Float32Array, header: MrcHeader): Pick<MrcMap, "shape" | "values"> {
  const { nx: columns, ny: rows, nz: sections, axes } = header;
  if (axes.join() === "1,2,3") return { shape: [sections, rows, columns], values: inFile };
  const size = [0, 0, 0];
  [columns, rows, sections].forEach((n, k) => {
    size[axes[k]! - 1] = n;
  });
  const [nx = 0, ny = 0, nz = 0] = size;
  const strides = [1, nx, nx * ny];
  const [dc, dr, ds] = [strides[axes[0] - 1]!, strides[axes[1] - 1]!, strides[axes[2] - 1]!];
  const values = new Float32Array(inFile.length);
  for (let s = 0, i = 0; s < sections; s++)
    for (let r = 0; r < rows; r++)
      for (let c = 0, to = s * ds + r * dr; c < columns; c++, i++, to += dc) values[to] = inFile[i]!;
  return { shape: [nz, ny, nx], values };
}

export function statistics(values: Float32Array): { min: number; max: number; mean: number; rms: number } {
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const v of values) {
    min = Math.min(min, v);
    max = Math.max(max, v);
    sum += v;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (const v of values) squares += (v - mean) ** 2;
  return { min, max, mean, rms: Math.sqrt(squares / values.length) };
}
