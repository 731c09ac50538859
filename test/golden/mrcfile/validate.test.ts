import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { writeVolume } from "../../../src/io/mrc.js";
import { createStackWriter } from "../../../src/io/mrc-stack.js";
import { validateMrc } from "../../../src/io/mrc-validate.js";
import { pythonWithMrcfile, run } from "../../support/other-programs.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const BOX = 4;

/** Sound files of every kind we write. */
const SOUND = ["float32.mrc", "float16.mrc", "float32.mrcs", "float16.mrcs"];

beforeAll(() => {
  const random = seededRandom(1);
  const values = Float32Array.from({ length: BOX ** 3 }, () => 10 * random.normal());
  const volume = { kind: "volume", box: BOX, pixelSizeAngstrom: 1.5, values } as const;
  for (const numbers of ["float32", "float16"] as const) {
    writeVolume(folder(`${numbers}.mrc`), volume, { numbers });
    const writer = createStackWriter(folder(`${numbers}.mrcs`), { box: BOX, pixelSizeAngstrom: 1.5, numbers });
    for (let i = 0; i < 3; i++) writer.append(values.subarray(16 * i, 16 * i + 16));
    writer.close();
  }
});

/** One field of a sound header changed to something else; some changes are harmless. */
const CHANGES: readonly (readonly [name: string, change: (bytes: Buffer) => void])[] = [
  ["tag", (b) => b.fill(0, 211, 212)],
  ["no tag", (b) => b.fill(0, 208, 212)],
  ["stamp DA", (b) => b.fill(0x41, 213, 214)],
  ["stamp of zeros", (b) => b.fill(0, 212, 216)],
  ["mx", (b) => b.writeInt32LE(-4, 28)],
  ["ispg", (b) => b.writeInt32LE(-1, 88)],
  ["cell", (b) => b.writeFloatLE(-6, 44)],
  ["axes twice", (b) => b.writeInt32LE(1, 68)],
  ["axes turned", (b) => [2, 1, 3].forEach((axis, k) => void b.writeInt32LE(axis, 64 + 4 * k))],
  ["volume stack", (b) => [401, 3].forEach((value, k) => void b.writeInt32LE(value, [88, 36][k]))],
  ["volume stack that fits", (b) => [401, 1].forEach((value, k) => void b.writeInt32LE(value, [88, 36][k]))],
  ["labels", (b) => b.writeInt32LE(2, 220)],
  ["a gap in labels", (b) => b.write("third", b.writeInt32LE(2, 220) + 160)],
  ["version", (b) => b.writeInt32LE(0, 108)],
  ["version 20140", (b) => b.writeInt32LE(20140, 108)],
  ["rms", (b) => b.writeFloatLE(99, 216)],
  ["dmin", (b) => writeStatistics(b, -99, 99, -100)],
  ["dmean", (b) => writeStatistics(b, -99, 99, 50)],
  ["statistics unknown", (b) => b.writeFloatLE(-1, writeStatistics(b, 0, -1, -2))],
  ["version and stamp", (b) => b.fill(0, 212, b.writeInt32LE(0, 108) + 104)],
  ["mode 3", (b) => b.writeInt32LE(3, 12)],
];

/** dmin, dmax, dmean; where rms stands. */
function writeStatistics(bytes: Buffer, ...values: number[]): number {
  values.forEach((value, k) => void bytes.writeFloatLE(value, 76 + 4 * k));
  return 216;
}

/** Files of another length than the header promises, or with an extended header. */
const LENGTHS: readonly (readonly [name: string, change: (bytes: Buffer) => Buffer])[] = [
  ["bytes more", (b) => Buffer.concat([b, Buffer.alloc(5)])],
  ["bytes fewer", (b) => b.subarray(0, b.length - 5)],
  ["an extended header without a type", (b) => extended(b, "\0\0\0\0")],
  ["an extended header", (b) => extended(b, "CCP4")],
];

function extended(bytes: Buffer, type: string): Buffer {
  bytes.writeInt32LE(80, 92);
  bytes.write(type, 104, "latin1");
  return Buffer.concat([bytes.subarray(0, 1024), Buffer.alloc(80), bytes.subarray(1024)]);
}

/** The file with each change on its own. */
function changed(file: string): Buffer[] {
  const inPlace = CHANGES.map(([, change]) => {
    const bytes = readFileSync(file);
    change(bytes);
    return bytes;
  });
  return [...inPlace, ...LENGTHS.map(([, change]) => change(readFileSync(file)))];
}

describe.skipIf(pythonWithMrcfile === null)("our validator and mrcfile's", () => {
  test("agree on what we write, and on every change of a header", () => {
    const files = SOUND.flatMap((name) => {
      const made = changed(folder(name)).map((bytes, c) => {
        writeFileSync(folder(`${c}-${name}`), bytes);
        return folder(`${c}-${name}`);
      });
      return [folder(name), ...made];
    });
    const script = `
import sys, json, warnings, mrcfile
warnings.simplefilter("ignore")
print(json.dumps([bool(mrcfile.validate(path, print_file=sys.stderr)) for path in sys.argv[1:]]))`;
    const theirs = JSON.parse(run(pythonWithMrcfile!, ["-c", script, ...files])) as boolean[];
    const ours = files.map((file) => validateMrc(file));
    const differ = files.filter((_, i) => (ours[i]!.length === 0) !== theirs[i]);
    expect(differ.map((file) => [file, ours[files.indexOf(file)]])).toEqual([]);
    expect(theirs.filter((isSound) => isSound).length).toBeGreaterThanOrEqual(SOUND.length * 4);
    expect(theirs.filter((isSound) => !isSound).length).toBeGreaterThan(60);
  });

  test("mrcfile reads the halves we write as the nearest to what they were", () => {
    const script = `
import sys, json, mrcfile, numpy as np
full, half = [mrcfile.open(p).data for p in sys.argv[1:]]
print(json.dumps([str(half.dtype), bool((full.astype(np.float16) == half).all())]))`;
    const said = JSON.parse(run(pythonWithMrcfile!, ["-c", script, folder("float32.mrc"), folder("float16.mrc")]));
    expect(said).toEqual(["float16", true]);
  });
});

test("a deviation is a sentence that names the field", () => {
  const bytes = readFileSync(folder("float32.mrc"));
  bytes.writeInt32LE(1, 68);
  bytes.writeInt32LE(0, 108);
  writeFileSync(folder("bad.mrc"), bytes);
  expect(validateMrc(folder("bad.mrc"))).toEqual([
    "mapc, mapr, maps: expected 1, 2, 3 in some order, got 1, 1, 3",
    "nversion: expected 20140 or 20141, got 0",
    "expected MAPC, MAPR, MAPS to be 1, 2, 3 in some order, got 1, 1, 3",
  ]);
});
