/**
 * @file Every writer of src/io, each with two versions of a file of about a megabyte.
 *
 * Run as a program, it writes them again and again, in turn, until it is killed: `every-writer.ts FOLDER [once]`.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../../src/io/atomic.js";
import { writeCheckpoint } from "../../src/io/checkpoint.js";
import { parseCs, writeCs } from "../../src/io/cs-table.js";
import { writeVolume } from "../../src/io/mrc.js";
import { createStackWriter } from "../../src/io/mrc-stack.js";
import { formatNpyHeader } from "../../src/io/npy.js";
import { pickleArray } from "../../src/io/pickle-write.js";
import { parseStar } from "../../src/io/star.js";
import { writeStar } from "../../src/io/star-write.js";

const NUMBERS = 1 << 18;

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
      for (let i = 0; i < 64; i++) writer.append(numbers(version).subarray(4096 * i, 4096 * (i + 1)));
      writer.close();
    } catch (error) {
      writer.discard();
      throw error;
    }
  },
  "array.pkl": (path, version) => writeFileAtomic(path, pickleArray({ values: numbers(version), shape: [NUMBERS] })),
  "run.safetensors": (path, version) => writeCheckpoint(path, { meta: { version }, arrays: { x: numbers(version) } }),
};

function numbers(version: number): Float32Array {
  return new Float32Array(NUMBERS).fill(version + 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder = "", once] = process.argv;
  process.on("SIGXFSZ", () => {}); // the system then says EFBIG, as it says ENOSPC of a full disk
  for (let round = 1; ; round++) {
    for (const [name, write] of Object.entries(writers)) {
      try {
        write(join(folder, name), round % 2);
      } catch (error) {
        if (once === undefined) throw error;
        console.log(`${name}: ${(error as Error).message}`);
      }
    }
    if (once !== undefined) break;
    if (round === 1) console.log("ready");
  }
}
