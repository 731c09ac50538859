/**
 * @file Files written whole or not at all: a temporary name in the same folder, then a rename.
 *
 * A reader sees the old file or the new one, never a part. The temporary file is gone after a failure.
 */
import { closeSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import { writing } from "./file-access.js";

let written = 0;

/** Write `data` as the file `path`, replacing what was there. */
export function writeFileAtomic(path: string, data: string | Uint8Array): void {
  writeWhole(path, (fd) => writeFileSync(fd, data));
}

/** Write `path` piece by piece: texts longer than one string can be, tables larger than memory. */
export function writePiecesAtomic(path: string, pieces: Iterable<string | Uint8Array>): void {
  writeWhole(path, (fd) => {
    for (const piece of pieces) writeFileSync(fd, piece);
  });
}

function writeWhole(path: string, write: (fd: number) => void): void {
  const file = new AtomicFile(path);
  try {
    file.use(write);
    file.commit();
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** A file being written, unseen under its name until `commit`. */
export class AtomicFile {
  readonly #temporary: string;
  #fd: number | null;

  constructor(readonly path: string) {
    this.#temporary = `${path}.${process.pid}-${written++}.tmp`;
    this.#fd = writing(path, () => openSync(this.#temporary, "wx"));
  }

  /** Write `bytes` at byte `position`. */
  writeAt(bytes: Uint8Array, position: number): void {
    this.use((fd) => {
      let done = 0;
      while (done < bytes.byteLength) done += writeSync(fd, bytes, done, bytes.byteLength - done, position + done);
    });
  }

  /** Give the file its name. */
  commit(): void {
    this.use((fd) => closeSync(fd));
    this.#fd = null;
    try {
      writing(this.path, () => renameSync(this.#temporary, this.path));
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Forget what was written. Harmless after `commit`. */
  discard(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    rmSync(this.#temporary, { force: true });
  }

  /** Call `write` with the file's descriptor. */
  use(write: (fd: number) => void): void {
    const fd = this.#fd;
    if (fd === null) throw new IolausError("internal", `${this.path}: written after it was finished`);
    writing(this.path, () => write(fd));
  }
}
