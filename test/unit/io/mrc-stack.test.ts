import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createStackWriter, openMrcStack } from "../../../src/io/mrc-stack.js";
import { StackPool } from "../../../src/io/stack-pool.js";
import { mrcBytes } from "../../support/mrc-bytes.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const ramp = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe("reading a stack", () => {
  test.each([
    [0, true],
    [1, false],
    [2, true],
    [2, false],
    [6, true],
    [12, false],
  ] as const)("mode %i, little-endian %s: any image, in any order", (mode, little) => {
    const values = mode === 12 ? ramp(0x3c00, 60) : ramp(1, 60);
    const path = folder(`s${mode}${little}.mrcs`);
    writeFileSync(path, mrcBytes({ n: [4, 3, 5], values, mode, little, extendedBytes: 160 }));
    const stack = openMrcStack(path);
    expect(stack).toMatchObject({ path, count: 5, nx: 4, ny: 3, pixelSizeAngstrom: 1.5 });
    for (const index of [4, 0, 2]) {
      const want = mode === 12 ? ramp(0, 12).map((i) => 1 + (12 * index + i) / 1024) : ramp(1 + 12 * index, 12);
      expect([...stack.readImage(index)]).toEqual(want);
    }
    stack.close();
  });

  test("writes into the array it is given", () => {
    writeFileSync(folder("o.mrcs"), mrcBytes({ n: [2, 2, 2], values: ramp(0, 8) }));
    const stack = openMrcStack(folder("o.mrcs"));
    const all = new Float32Array(8);
    expect(stack.readImage(1, all.subarray(4)).buffer).toBe(all.buffer);
    expect([...all]).toEqual([0, 0, 0, 0, 4, 5, 6, 7]);
    expect(() => stack.readImage(1, all)).toThrow("out: expected 2×2 numbers, got 8");
    expect(() => stack.readImage(2)).toThrow("index: expected 0..1, got 2");
    stack.close();
    stack.close();
    expect(() => stack.readImage(0)).toThrow("expected an open stack, got a closed one");
  });

  test("reaches images beyond 4 GiB", () => {
    const [box, count] = [1024, 1100]; // 4.3 GiB, on disk only what is written
    const path = folder("big.mrcs");
    const fd = openSync(path, "w");
    writeSync(fd, mrcBytes({ n: [box, box, count], values: [] }));
    ftruncateSync(fd, 1024 + 4 * box * box * count);
    writeSync(fd, new Uint8Array(Float32Array.of(42).buffer), 0, 4, 1024 + 4 * box * box * (count - 1) + 4);
    closeSync(fd);
    const stack = openMrcStack(path);
    expect([...stack.readImage(count - 1).subarray(0, 3)]).toEqual([0, 42, 0]);
    stack.close();
  });

  test("a stack that shrinks while it is open is noticed", () => {
    writeFileSync(folder("shrink.mrcs"), mrcBytes({ n: [4, 4, 4], values: ramp(0, 64) }));
    const stack = openMrcStack(folder("shrink.mrcs"));
    truncateSync(folder("shrink.mrcs"), 1024 + 100);
    expect(() => stack.readImage(1)).toThrow("expected 64 bytes of image 2 (counting from 1), got 36");
    stack.close();
  });

  test("refuses a gzipped stack, a cut one and a missing one", () => {
    const bytes = mrcBytes({ n: [4, 4, 4], values: ramp(0, 64) });
    writeFileSync(folder("z.mrcs"), gzipSync(bytes));
    expect(() => openMrcStack(folder("z.mrcs"))).toThrow(
      "expected a plain stack, got a gzipped one, of which no image can be read alone; gunzip it first",
    );
    writeFileSync(folder("cut.mrcs"), bytes.subarray(0, 1024 + 64 * 2 + 10));
    expect(() => openMrcStack(folder("cut.mrcs"))).toThrow(
      "image 3 of 4 (counting from 1) is the first that is missing",
    );
    expect(() => openMrcStack(folder("none.mrcs"))).toThrow("none.mrcs: expected a readable file, got ENOENT");
  });
});

describe("writing a stack", () => {
  test("streams images into a file that reads back", () => {
    const writer = createStackWriter(folder("w.mrcs"), { box: 4, pixelSizeAngstrom: 2.5 });
    for (let i = 0; i < 3; i++) writer.append(Float32Array.from(ramp(100 * i, 16)));
    expect(writer.count).toBe(3);
    expect(readdirSync(folder())).not.toContain("w.mrcs");
    writer.close();
    const stack = openMrcStack(folder("w.mrcs"));
    expect(stack).toMatchObject({ count: 3, nx: 4, ny: 4, pixelSizeAngstrom: 2.5 });
    expect([...stack.readImage(2)]).toEqual(ramp(200, 16));
    stack.close();
  });

  test("says stack, one section per image, statistics unknown", () => {
    const bytes = readFileSync(folder("w.mrcs"));
    expect([bytes.readInt32LE(88), bytes.readInt32LE(36), bytes.readFloatLE(48)]).toEqual([0, 1, 2.5]);
    const [min, max, mean, rms] = [76, 80, 84, 216].map((at) => bytes.readFloatLE(at));
    expect(max).toBeLessThan(min!);
    expect(mean).toBeLessThan(max!);
    expect(rms).toBeLessThan(0);
  });

  test("leaves nothing when discarded, and refuses to write no images", () => {
    const writer = createStackWriter(folder("x.mrcs"), { box: 4, pixelSizeAngstrom: 2.5 });
    writer.append(new Float32Array(16));
    writer.discard();
    const empty = createStackWriter(folder("y.mrcs"), { box: 4, pixelSizeAngstrom: 2.5 });
    expect(() => empty.close()).toThrow("y.mrcs: expected at least one image, got 0");
    expect(readdirSync(folder()).filter((name) => /^[xy]\.mrcs/.test(name))).toEqual([]);
    expect(() => createStackWriter(folder("z.mrcs"), { box: 4, pixelSizeAngstrom: 0 })).toThrow(
      "pixelSizeAngstrom: expected",
    );
    const wrong = createStackWriter(folder("z2.mrcs"), { box: 4, pixelSizeAngstrom: 1 });
    expect(() => wrong.append(new Float32Array(15))).toThrow("image: expected 4×4 = 16 pixels, got 15");
    wrong.discard();
  });
});

test("a pool keeps at most 64 stacks open, and any can be read again", () => {
  const pool = new StackPool();
  const paths = ramp(0, 70).map((i) => {
    writeFileSync(folder(`p${i}.mrcs`), mrcBytes({ n: [2, 2, 1], values: ramp(i, 4) }));
    return folder(`p${i}.mrcs`);
  });
  const favourite = pool.get(paths[0]!);
  for (const path of paths) {
    pool.get(path);
    expect(pool.get(paths[0]!)).toBe(favourite); // the one used longest ago goes, never the one in use
  }
  expect(pool.size).toBe(64);
  paths.forEach((path, i) => {
    expect(pool.get(path).readImage(0)[0]).toBe(i);
  });
  expect(pool.size).toBe(64);
  pool.close();
  expect(pool.size).toBe(0);
});
