/** @file Every reader of src/io as a function of bytes, and what must hold of it whatever the bytes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IolausError } from "../../src/core/errors.js";
import { seededRandom } from "../../src/core/random.js";
import { readCheckpoint, writeCheckpoint } from "../../src/io/checkpoint.js";
import { readCryodrgnCtfs, readCryodrgnPoses } from "../../src/io/cryodrgn.js";
import { joinCs, joinedTexts } from "../../src/io/cs-join.js";
import { csAlignments } from "../../src/io/cs-poses.js";
import { parseCs } from "../../src/io/cs-table.js";
import { float16Table } from "../../src/io/float16.js";
import { parseStackList } from "../../src/io/list-stacks.js";
import { listStar } from "../../src/io/list-star.js";
import { decodeMrc, readMrcMap } from "../../src/io/mrc.js";
import { MrcStack } from "../../src/io/mrc-stack.js";
import { npyNumbers, parseNpy } from "../../src/io/npy.js";
import { type PickleValue, parsePickle } from "../../src/io/pickle.js";
import { parseStar } from "../../src/io/star.js";
import { readPoses } from "../../src/io/star-poses.js";
import { formatStar } from "../../src/io/star-write.js";
import { allocatedBytes } from "./allocations.js";
import { mutate } from "./mutate.js";
import { samples } from "./samples.js";

/** Beyond the file's size: headers, tables of constants, buffers of fixed size. */
const CONSTANT_BYTES = 1 << 14;
const MOST_PER_BYTE = 4;
const MOST_CPU_SECONDS = 2;

interface Reader {
  readonly samples: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => void;
}

function readers(folder: string): Readonly<Record<string, Reader>> {
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const checkpoint = join(folder, "sample.safetensors");
  writeCheckpoint(checkpoint, { meta: { a: 1 }, arrays: { x: Float32Array.of(1, 2), y: Float64Array.of(3) } });
  const checkpointBytes = Uint8Array.from(readFileSync(checkpoint));
  return {
    star: {
      samples: samples.star,
      read(bytes) {
        const star = parseStar(new TextDecoder().decode(bytes), "star");
        parseStar(formatStar(star), "star again"); // what was read can be written and read
        readPoses({ star, pixelSizeAngstrom: 1.5 });
      },
    },
    "star list": {
      samples: samples.star,
      read: (bytes) => void listStar(file("f.star", bytes), { ctf: true, pixelSize: true }).ctfs().defocus(0),
    },
    mrc: {
      samples: samples.mrc,
      read(bytes) {
        decodeMrc(bytes, "mrc", { permissive: true });
        decodeMrc(bytes, "mrc");
      },
    },
    "mrc stack": {
      samples: samples.mrc,
      read(bytes) {
        const stack = new MrcStack(file("f.mrcs", bytes));
        try {
          stack.readImage(stack.count - 1);
        } finally {
          stack.close();
        }
      },
    },
    "gzipped mrc": { samples: samples.mrcGz, read: (bytes) => void readMrcMap(file("f.map.gz", bytes)) },
    npy: { samples: samples.npy, read: (bytes) => void npyNumbers(parseNpy(bytes, "npy")) },
    cs: {
      samples: samples.cs,
      read(bytes) {
        const particles = joinCs(parseCs(bytes, "cs"));
        joinedTexts(particles, "blob/path");
        csAlignments(particles, 1.5);
      },
    },
    pickle: { samples: samples.pickle, read: (bytes) => parsePickle(bytes, "pickle").forEach(numbersIn) },
    "cryoDRGN poses": {
      samples: samples.pickle,
      read: (bytes) => void readCryodrgnPoses(file("pose.pkl", bytes), { box: 4, pixelSizeAngstrom: 1 }),
    },
    "cryoDRGN CTF": { samples: samples.pickle, read: (bytes) => void readCryodrgnCtfs(file("ctf.pkl", bytes)) },
    "list of stacks": {
      samples: samples.txt,
      read: (bytes) => void parseStackList(new TextDecoder().decode(bytes), "txt"),
    },
    checkpoint: { samples: [checkpointBytes], read: (bytes) => void readCheckpoint(file("f.safetensors", bytes)) },
  };
}

function numbersIn(value: PickleValue): void {
  if (Array.isArray(value)) for (const item of value) if (item !== value) numbersIn(item);
  if (typeof value === "object" && value !== null && "kind" in value && value.kind === "npy-array")
    npyNumbers(value, "pickle");
}

export interface FuzzReport {
  /** Inputs tried, and how many of them were read, by reader. */
  readonly tried: Readonly<Record<string, { readonly inputs: number; readonly accepted: number }>>;
  /** What must not be, with what reproduces it. */
  readonly failures: readonly string[];
  /** The most memory asked for, as a multiple of the input's size above the constant. */
  readonly mostPerByte: number;
  readonly mostCpuSeconds: number;
}

/** Read `count` damaged inputs, spread over all readers. The same seed makes the same inputs. */
export function fuzz(count: number, seed: number): FuzzReport {
  // In memory where there is such a file system: each input is a file for some readers.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "iolaus-fuzz-"));
  float16Table(); // a constant, made once
  const random = seededRandom(seed);
  const failures: string[] = [];
  const tried: Record<string, { inputs: number; accepted: number }> = {};
  let [mostPerByte, mostCpuSeconds] = [0, 0];
  try {
    const all = Object.entries(readers(folder));
    const others = all.flatMap(([, reader]) => reader.samples);
    for (let i = 0; i < count && failures.length < 20; i++) {
      const [name, reader] = all[i % all.length]!;
      const bytes = mutate(reader.samples[random.integer(reader.samples.length)]!, others, random);
      const seen = tried[name] ?? { inputs: 0, accepted: 0 };
      tried[name] = seen;
      seen.inputs++;
      const problem = tryOne(reader, bytes);
      if (problem.accepted) seen.accepted++;
      mostPerByte = Math.max(mostPerByte, problem.perByte);
      mostCpuSeconds = Math.max(mostCpuSeconds, problem.cpuSeconds);
      if (problem.failure !== undefined)
        failures.push(
          `${name}, input ${i} of seed ${seed}: ${problem.failure}\n  ${Buffer.from(bytes.subarray(0, 4096)).toString("base64")}`,
        );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { tried, failures, mostPerByte, mostCpuSeconds };
}

function tryOne(
  reader: Reader,
  bytes: Uint8Array,
): { readonly accepted: boolean; readonly perByte: number; readonly cpuSeconds: number; readonly failure?: string } {
  let [accepted, failure] = [true, undefined as string | undefined];
  const before = process.cpuUsage();
  const allocated = allocatedBytes(
    () => reader.read(bytes),
    (error) => {
      accepted = false;
      if (!(error instanceof IolausError))
        failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      else if (error.code === "internal") failure = error.message;
    },
  );
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  const perByte = Math.max(0, allocated - CONSTANT_BYTES) / Math.max(1, bytes.length);
  if (perByte > MOST_PER_BYTE) failure ??= `asked for ${allocated} bytes to read ${bytes.length}`;
  if (cpuSeconds > MOST_CPU_SECONDS) failure ??= `took ${cpuSeconds} s`;
  return { accepted, perByte, cpuSeconds, ...(failure !== undefined && { failure }) };
}
