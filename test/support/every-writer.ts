/**
 * @file Every writer of src/io, each with two versions of a file of about a megabyte.
 *
 * Run as a program, it writes them all once and says what failed (`every-writer.ts FOLDER once`), or those that write
 * piece by piece again and again, slowly, until it is killed (`every-writer.ts FOLDER slowly`).
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomic, writePiecesAtomic } from "../../src/io/atomic.js";
import { writeCheckpoint } from "../../src/io/checkpoint.js";
import { parseCs, writeCs } from "../../src/io/cs-table.js";
import { writeVolume } from "../../src/io/mrc.js";
import { createStackWriter } from "../../src/io/mrc-stack.js";
import { formatNpyHeader } from "../../src/io/npy.js";
import { pickleArray } from "../../src/io/pickle-write.js";
import { parseStar } from "../../src/io/star.js";
import { writeStar } from "../../src/io/star-write.js";

const NUMBERS = 1 << 18;
const PIECES = 64;
/** So long a writer waits before each piece when it is to be caught in the act. */
let pauseMs = 0;

function pause(): void {
  if (pauseMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}

/** By the name of the file. `version` 0 or 1 decides every number in it. */
export const writers: Readonly<Record<string, (path: string, version: number) => void>> = {
  "list.star": (path, version) => {
    const rows = Array.from(
      { length: 20_000 },
      (_, i) => `${i + 1}@a.mrcs ${version} ${i * 1.5} some text that takes space`,
    );
    writeStar(path, parseStar(`data_\nloop_\n_rlnImageName\n_a\n_b\n_c\n_d\n_e\n_f\n_g\n${rows.join("\n")}\n`));
  },
  "table.cs": (path, version) => {
    const type = { kind: "f", bytes: 4, littleEndian: true } as const;
    const head = formatNpyHeader([{ name: "x", type, shape: [] }], NUMBERS);
    writeCs(path, parseCs(Buffer.concat([head, Buffer.from(numbers(version).buffer)])));
  },
  "map.mrc": (path, version) =>
    writeVolume(path, { kind: "volume", box: 64, pixelSizeAngstrom: 1, values: numbers(version) }),
  "stack.mrcs": (path, version) => {
    const writer = createStackWriter(path, { box: 64, pixelSizeAngstrom: 1 });
    try {
      const all = numbers(version);
      for (let i = 0; i < PIECES; i++) {
        pause();
        writer.append(all.subarray(4096 * i, 4096 * (i + 1)));
      }
      writer.close();
    } catch (error) {
      writer.discard();
      throw error;
    }
  },
  "pieces.txt": (path, version) => {
    const pieces = function* (): Generator<string> {
      for (let i = 0; i < PIECES; i++) {
        pause();
        yield `${version}`.repeat((4 * NUMBERS) / PIECES);
      }
    };
    writePiecesAtomic(path, pieces());
  },
  "array.pkl": (path, version) => writeFileAtomic(path, pickleArray({ values: numbers(version), shape: [NUMBERS] })),
  "run.safetensors": (path, version) => writeCheckpoint(path, { meta: { version }, arrays: { x: numbers(version) } }),
};

function numbers(version: number): Float32Array {
  return new Float32Array(NUMBERS).fill(version + 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder = "", how = "once"] = process.argv;
  if (how === "once") writeOnce(folder);
  else writeSlowly(folder);
}

function writeOnce(folder: string): void {
  process.on("SIGXFSZ", () => {}); // the system then says EFBIG, as it says ENOSPC of a full disk
  for (const [name, write] of Object.entries(writers))
    try {
      write(join(folder, name), 1);
    } catch (error) {
      console.log(`${name}: ${(error as Error).message}`);
    }
}

function writeSlowly(folder: string): void {
  pauseMs = 2;
  console.log("ready");
  for (let round = 1; ; round++)
    for (const name of ["pieces.txt", "stack.mrcs"]) writers[name]!(join(folder, name), round % 2);
}
