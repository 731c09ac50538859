/**
 * @file MRC image stacks. A stack is opened, not loaded: an image costs one bounded read, wherever it lies.
 *
 * Any MRC file is read as a stack here; what its header says of space groups is not asked (cryoSPARC's stacks
 * end in .mrc, RELION's say "volume"). Images are `[y][x]`, indices count from 0.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { check, IolausError } from "../core/errors.js";
import { AtomicFile } from "./atomic.js";
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
import { decodeInto, HOST_IS_LITTLE, numberBytes } from "./mrc-values.js";

/** Of a file cut short, the images that are whole. */
function inFile(header: MrcHeader, fileBytes: number): MrcHeader {
  const { nx, ny, mode, dataOffset } = header;
  const whole = Math.max(0, Math.floor((fileBytes - dataOffset) / (nx * ny * MODE_BYTES.get(mode)!)));
  return { ...header, nz: Math.min(header.nz, whole) };
}

/** An open stack of images. */
export class MrcStack {
  readonly path: string;
  readonly count: number;
  /** Pixels per row, and rows. */
  readonly nx: number;
  readonly ny: number;
  /** From the header; null when that says nothing, or different things for x and y. */
  readonly pixelSizeAngstrom: number | null;
  /** What permissive reading lived with. */
  readonly warnings: readonly string[];
  readonly #header: MrcHeader;
  readonly #imageBytes: number;
  #fd: number | null;
  /** Of one image; kept, because to allocate it takes as long as to read it. */
  #scratch: Uint8Array | undefined;

  constructor(path: string, options: ReadMrcOptions = {}) {
    const warnings: string[] = [];
    const warn = options.permissive === true ? (text: string) => void warnings.push(text) : undefined;
    const fd = reading(path, () => openSync(path, "r"));
    try {
      const bytes = new Uint8Array(HEADER_BYTES);
      const got = reading(path, () => readSync(fd, bytes, 0, HEADER_BYTES, 0));
      if (bytes[0] === 0x1f && bytes[1] === 0x8b)
        throw new IolausError(
          "unsupported",
          `${path}: expected a plain stack, got a gzipped one, of which no image can be read alone; gunzip it first`,
        );
      this.#header = inFile(parseMrcHeader(bytes.subarray(0, got), fstatSync(fd).size, path, warn), fstatSync(fd).size);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    const { nx, ny, nz, mode, voxelSizeAngstrom } = this.#header;
    this.path = path;
    this.warnings = warnings;
    this.count = nz;
    this.nx = nx;
    this.ny = ny;
    this.pixelSizeAngstrom = isotropicSize(voxelSizeAngstrom, 2);
    this.#imageBytes = nx * ny * MODE_BYTES.get(mode)!;
    this.#fd = fd;
  }

  /** Image `index` (from 0): Float32[ny nx], `[y][x]`. Written into `out` when given. */
  readImage(index: number, out: Float32Array = new Float32Array(this.nx * this.ny)): Float32Array {
    check(Number.isInteger(index) && index >= 0 && index < this.count, "index", `0..${this.count - 1}`, index);
    check(out.length === this.nx * this.ny, "out", `${this.nx}×${this.ny} numbers`, out.length);
    const fd = this.#fd;
    if (fd === null) throw new IolausError("bad-argument", `${this.path}: expected an open stack, got a closed one`);
    const isAsInFile = this.#header.mode === 2 && this.#header.littleEndian === HOST_IS_LITTLE;
    if (!isAsInFile) this.#scratch ??= new Uint8Array(this.#imageBytes);
    const bytes = this.#scratch ?? new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    const position = this.#header.dataOffset + index * this.#imageBytes;
    const got = reading(this.path, () => readSync(fd, bytes, 0, bytes.byteLength, position));
    if (got !== bytes.byteLength)
      throw new IolausError(
        "bad-file",
        `${this.path}: expected ${bytes.byteLength} bytes of image ${index + 1} (counting from 1), got ${got}; ` +
          "the file has shrunk since it was opened",
      );
    if (!isAsInFile) decodeInto(out, bytes, this.#header);
    return out;
  }

  /** Give the file handle back. Harmless when done twice. */
  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

/** Open a stack of images, whatever the header says it is. */
export function openMrcStack(path: string, options: ReadMrcOptions = {}): MrcStack {
  return new MrcStack(path, options);
}

/** A stack being written. The file has its name only after `close`. */
export interface StackWriter {
  readonly path: string;
  /** Images written so far. */
  readonly count: number;
  /** Float32[box box]. */
  append(image: Float32Array): void;
  close(): void;
  /** Forget what was written. */
  discard(): void;
}

/** Write a stack image by image. */
export function createStackWriter(
  path: string,
  options: {
    readonly box: number;
    readonly pixelSizeAngstrom: number;
    /** @default "float32" */
    readonly numbers?: MrcNumbers;
  },
): StackWriter {
  const { box, pixelSizeAngstrom, numbers = "float32" } = options;
  check(Number.isInteger(box) && box > 0, "box", "a positive integer", box);
  check(pixelSizeAngstrom > 0, "pixelSizeAngstrom", "a positive length in Å", pixelSizeAngstrom);
  const file = new AtomicFile(path);
  const imageBytes = (numbers === "float16" ? 2 : 4) * box * box;
  let count = 0;
  return {
    path,
    get count() {
      return count;
    },
    append(image) {
      check(image.length === box * box, "image", `${box}×${box} = ${box * box} pixels`, image.length);
      file.writeAt(numberBytes(image, numbers, `image ${count} (from 0)`), HEADER_BYTES + count * imageBytes);
      count++;
    },
    close() {
      if (count === 0) file.discard();
      check(count > 0, path, "at least one image", 0, "append images before closing, or discard");
      file.writeAt(formatMrcHeader({ nx: box, ny: box, nz: count, pixelSizeAngstrom, content: "stack", numbers }), 0);
      file.commit();
    },
    discard: () => file.discard(),
  };
}
