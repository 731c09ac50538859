/**
 * @file MRC maps: modes 0 (int8), 1 (int16), 2 (float32), 6 (uint16) and 12 (float16), gzipped or not.
 *
 * Maps come out as `[z][y][x]` whatever the order of axes in the file. Mode 0 is signed, as the format says;
 * some programs read it as unsigned.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { check, IolausError } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { writeFileAtomic } from "./atomic.js";
import { reading } from "./file-access.js";
import {
  formatMrcHeader,
  HEADER_BYTES,
  isotropicSize,
  MODE_BYTES,
  type MrcHeader,
  parseMrcHeader,
} from "./mrc-header.js";
import { decodeInto, littleEndianBytes } from "./mrc-values.js";

/** A map as the file has it, of any shape. */
export interface MrcMap {
  /** Fastest axis last: [z, y, x]. */
  readonly shape: readonly [nz: number, ny: number, nx: number];
  /** Float32[nz ny nx], whatever the mode on disk. */
  readonly values: Float32Array;
  /** Along x, y, z; null when the header leaves it at zero. */
  readonly voxelSizeAngstrom: readonly [x: number, y: number, z: number] | null;
  readonly header: MrcHeader;
}

/** Read a map, gzipped or not. */
export function readMrcMap(path: string): MrcMap {
  const file = reading(path, () => readFileSync(path));
  const bytes = file[0] === 0x1f && file[1] === 0x8b ? reading(path, () => gunzipSync(file)) : file;
  return decodeMrc(bytes, path);
}

/** Decode a whole file held in memory. `source` appears in error messages only. */
export function decodeMrc(bytes: Uint8Array, source = "<memory>"): MrcMap {
  const header = parseMrcHeader(bytes, bytes.byteLength, source);
  const { nx, ny, nz, dataOffset } = header;
  const inFile = new Float32Array(nx * ny * nz);
  // A copy, because decoding swaps bytes in place and wants aligned numbers.
  const end = dataOffset + inFile.length * MODE_BYTES.get(header.mode)!;
  decodeInto(inFile, Uint8Array.from(bytes.subarray(dataOffset, end)), header);
  return { ...inAxisOrder(inFile, header), voxelSizeAngstrom: header.voxelSizeAngstrom, header };
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

/** Write `volume` as a float32 map. */
export function writeVolume(path: string, volume: Volume): void {
  const { box, pixelSizeAngstrom, values } = volume;
  check(values.length === box ** 3, "volume.values", `${box}³ = ${box ** 3} numbers`, values.length);
  const header = formatMrcHeader({
    nx: box,
    ny: box,
    nz: box,
    pixelSizeAngstrom,
    content: "volume",
    statistics: statistics(values),
  });
  const file = new Uint8Array(HEADER_BYTES + values.byteLength);
  file.set(header);
  file.set(littleEndianBytes(values), HEADER_BYTES);
  writeFileAtomic(path, file);
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

function statistics(values: Float32Array): { min: number; max: number; mean: number; rms: number } {
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
