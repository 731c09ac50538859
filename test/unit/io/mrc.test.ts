import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Volume } from "../../../src/core/types.js";
import { float16Table } from "../../../src/io/float16.js";
import { decodeMrc, readMrcMap, readVolume, writeVolume } from "../../../src/io/mrc.js";
import { openMrcStack } from "../../../src/io/mrc-stack.js";
import { type MrcBytes, mrcBytes } from "../../support/mrc-bytes.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const cube = (box: number): number[] => Array.from({ length: box ** 3 }, (_, i) => i);

const RANGES = { 0: [-128, 127], 1: [-32768, 32767], 6: [0, 65535], 12: [0, 65535] } as const;
const anyFile: fc.Arbitrary<MrcBytes> = fc
  .record({
    n: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    mode: fc.constantFrom(0, 1, 2, 6, 12),
    little: fc.boolean(),
    extendedBytes: fc.constantFrom(0, 80, 1024),
    axes: fc.constantFrom([1, 2, 3], [3, 1, 2], [2, 1, 3], [2, 3, 1], [3, 2, 1], [1, 3, 2]),
  })
  .chain((facts) => {
    const mode = facts.mode as 0 | 1 | 2 | 6 | 12;
    const number = mode === 2 ? fc.float({ noNaN: true }) : fc.integer({ min: RANGES[mode][0], max: RANGES[mode][1] });
    const count = facts.n[0] * facts.n[1] * facts.n[2];
    const axes = facts.axes as [number, number, number];
    return fc
      .array(number, { minLength: count, maxLength: count })
      .map((values): MrcBytes => ({ ...facts, mode, axes, values }));
  });

describe("decodeMrc", () => {
  test("gives every number its place [z][y][x]: all modes, both byte orders, any order of axes", () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        const { shape, values } = decodeMrc(mrcBytes(file));
        const { n, axes = [1, 2, 3], mode } = file;
        const [nz, ny, nx] = shape;
        for (let s = 0, i = 0; s < n[2]; s++)
          for (let r = 0; r < n[1]; r++)
            for (let c = 0; c < n[0]; c++, i++) {
              const at = [0, 0, 0];
              [c, r, s].forEach((index, k) => {
                at[axes[k]! - 1] = index;
              });
              const stored = file.values[i]!;
              const want = mode === 12 ? float16Table()[stored] : stored;
              expect(values[(at[2]! * ny + at[1]!) * nx + at[0]!]).toEqual(want);
            }
        expect(nx * ny * nz).toBe(values.length);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("takes the voxel size from cell ÷ intervals, along x, y, z; zero means unknown", () => {
    const bytes = mrcBytes({ n: [2, 4, 6], values: new Float32Array(48), pixelSizeAngstrom: 1.5, axes: [3, 1, 2] });
    const view = new DataView(bytes.buffer);
    view.setInt32(28, 8, true); // twice as many intervals along x as there are samples
    expect(decodeMrc(bytes).voxelSizeAngstrom).toEqual([0.75, 1.5, 1.5]);
    view.setFloat32(40, 0, true);
    expect(decodeMrc(bytes).voxelSizeAngstrom).toBeNull();
  });

  test("accepts the NUL that MotionCor2 writes after MAP, and a stamp of zeros", () => {
    const bytes = mrcBytes({ n: [2, 1, 1], values: [0.25, -8], tag: "MAP\0" });
    bytes.fill(0, 212, 216);
    expect([...decodeMrc(bytes).values]).toEqual([0.25, -8]);
  });

  test("finds the byte order when the stamp lies", () => {
    const bytes = mrcBytes({ n: [2, 1, 1], values: [0.25, -8], little: false });
    bytes.set([0x44, 0x44], 212);
    expect([...decodeMrc(bytes).values]).toEqual([0.25, -8]);
  });

  test("accepts a file without the tag only when its size fits to the byte", () => {
    const bytes = mrcBytes({ n: [2, 1, 1], values: [0.25, -8], tag: "" });
    expect([...decodeMrc(bytes).values]).toEqual([0.25, -8]);
    expect(() => decodeMrc(Uint8Array.from([...bytes, 0]), "a.mrc")).toThrow(
      'a.mrc: expected the tag "MAP" at byte 208',
    );
  });

  test("ignores bytes after the last section", () => {
    const bytes = mrcBytes({ n: [2, 1, 1], values: [0.25, -8] });
    expect([...decodeMrc(Uint8Array.from([...bytes, 1, 2, 3])).values]).toEqual([0.25, -8]);
  });

  const patched = (at: number, value: number): Uint8Array => {
    const bytes = mrcBytes({ n: [4, 4, 3], values: new Float32Array(48) });
    new DataView(bytes.buffer).setInt32(at, value, true);
    return bytes;
  };
  test.each([
    ["a short header", () => new Uint8Array(1023), "a.mrc: expected an MRC header of 1024 bytes, got 1023 bytes"],
    ["another kind of file", () => new Uint8Array(2000).fill(65), "a.mrc: expected an MRC header, got other bytes"],
    ["a complex map", () => patched(12, 4), "expected MRC mode 0, 1, 2, 6, 12, got mode 4 (complex 32-bit); convert"],
    ["an unknown mode", () => patched(12, 9), "got mode 9; convert the file to mode 2 (float32)"],
    [
      "axes that are no axes",
      () => patched(64, 2),
      "expected MAPC, MAPR, MAPS to be 1, 2, 3 in some order, got 2, 2, 3",
    ],
    [
      "a file cut short",
      () => patched(8, 3).subarray(0, 1024 + 2 * 64 + 63),
      "expected 3 images of 4×4 in mode 2 (1216 bytes), got 1215; image 3 of 3 (counting from 1) is the first that is missing",
    ],
    ["a file cut within the header's extension", () => patched(92, 4096), "image 1 of 3 (counting from 1)"],
  ])("refuses %s", (_name, make, message) => {
    expect(() => decodeMrc(make(), "a.mrc")).toThrow(message);
  });
});

describe("volumes", () => {
  test("come back from the file, with an off-centre voxel where it was", () => {
    const values = new Float32Array(4 ** 3);
    values[(1 * 4 + 2) * 4 + 3] = -7.25; // z 1, y 2, x 3
    writeVolume(folder("v.mrc"), { kind: "volume", box: 4, pixelSizeAngstrom: 3.54, values });
    const volume = readVolume(folder("v.mrc"));
    expect(volume).toEqual({ kind: "volume", box: 4, pixelSizeAngstrom: 3.54, values });
  });

  test("round trip for any content and pixel size", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 4),
        fc.double({ min: 0.3, max: 20, noNaN: true }),
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 64, maxLength: 64 }),
        (box, size, numbers) => {
          const pixelSizeAngstrom = Math.round(size * 1e4) / 1e4;
          const values = Float32Array.from(numbers.slice(0, box ** 3));
          const volume: Volume = { kind: "volume", box, pixelSizeAngstrom, values };
          writeVolume(folder("r.mrc"), volume);
          const again = readVolume(folder("r.mrc"));
          expect(again.values).toEqual(values);
          expect(again.pixelSizeAngstrom / pixelSizeAngstrom).toBeCloseTo(1, 5);
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  test("are written with a sound header: volume, statistics, byte order, version, one label", () => {
    writeVolume(folder("h.mrc"), {
      kind: "volume",
      box: 2,
      pixelSizeAngstrom: 2,
      values: Float32Array.of(1, 1, 1, 1, 5, 5, 5, 5),
    });
    const bytes = readFileSync(folder("h.mrc"));
    expect(bytes.length).toBe(1024 + 32);
    expect([bytes.readInt32LE(12), bytes.readInt32LE(36), bytes.readInt32LE(88), bytes.readInt32LE(108)]).toEqual([
      2, 2, 1, 20141,
    ]);
    expect([bytes.readFloatLE(76), bytes.readFloatLE(80), bytes.readFloatLE(84), bytes.readFloatLE(216)]).toEqual([
      1, 5, 3, 2,
    ]);
    expect(bytes.subarray(208, 216)).toEqual(Buffer.from([...Buffer.from("MAP DD"), 0, 0]));
    expect([bytes.readInt32LE(220), bytes.toString("latin1", 224, 241)]).toEqual([1, "Written by Iolaus"]);
  });

  test("may be gzipped, as the EMDB keeps them", () => {
    writeFileSync(folder("v.map.gz"), gzipSync(mrcBytes({ n: [2, 2, 2], values: cube(2) })));
    expect([...readVolume(folder("v.map.gz")).values]).toEqual(cube(2));
  });

  test("the pixel size given wins, and must be given where the header has none", () => {
    const bytes = mrcBytes({ n: [2, 2, 2], values: cube(2), pixelSizeAngstrom: 0 });
    writeFileSync(folder("zero.mrc"), bytes);
    expect(() => readVolume(folder("zero.mrc"))).toThrow(
      /zero\.mrc: expected one pixel size .*; pass pixelSizeAngstrom/,
    );
    expect(readVolume(folder("zero.mrc"), { pixelSizeAngstrom: 8.5 }).pixelSizeAngstrom).toBe(8.5);
    writeFileSync(folder("one.mrc"), mrcBytes({ n: [2, 2, 2], values: cube(2), pixelSizeAngstrom: 1 }));
    expect(readVolume(folder("one.mrc"), { pixelSizeAngstrom: 13.1 }).pixelSizeAngstrom).toBe(13.1);
    expect(() => readVolume(folder("one.mrc"), { pixelSizeAngstrom: -1 })).toThrow(/^pixelSizeAngstrom: expected/);
  });

  test("must be even cubes with cubic voxels", () => {
    writeFileSync(folder("odd.mrc"), mrcBytes({ n: [3, 3, 3], values: cube(3) }));
    expect(() => readVolume(folder("odd.mrc"))).toThrow(
      "expected a cubic map with an even side, got 3×3×3; pad or crop",
    );
    writeFileSync(folder("flat.mrc"), mrcBytes({ n: [4, 4, 2], values: new Float32Array(32) }));
    expect(() => readVolume(folder("flat.mrc"))).toThrow("got 4×4×2");
    const skewed = mrcBytes({ n: [2, 2, 2], values: cube(2) });
    new DataView(skewed.buffer).setFloat32(48, 3.3, true);
    writeFileSync(folder("skewed.mrc"), skewed);
    expect(() => readVolume(folder("skewed.mrc"))).toThrow("expected one pixel size for x, y and z");
  });

  test("a missing file is named", () => {
    expect(() => readMrcMap(folder("no.mrc"))).toThrow(
      /no\.mrc: expected a readable file, got ENOENT.*; check the path/,
    );
  });
});

describe("permissive reading", () => {
  const cut = (path: string): string => {
    const bytes = mrcBytes({ n: [2, 2, 3], values: Float32Array.from({ length: 12 }, (_, i) => i + 1) });
    writeFileSync(folder(path), bytes.subarray(0, bytes.length - 8));
    return folder(path);
  };

  test("of a file cut short gives what is there, zeros for the rest, and says so", () => {
    const path = cut("cut.mrc");
    expect(() => readMrcMap(path)).toThrow("image 3 of 3 (counting from 1) is the first that is missing");
    const { values, warnings } = readMrcMap(path, { permissive: true });
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("image 3 of 3 (counting from 1) is the first that is missing");
  });

  test("of a stack cut short has the images that are whole", () => {
    const stack = openMrcStack(cut("cut.mrcs"), { permissive: true });
    expect([stack.count, stack.warnings.length]).toEqual([2, 1]);
    expect([...stack.readImage(1)]).toEqual([5, 6, 7, 8]);
    expect(() => stack.readImage(2)).toThrow("index: expected 0..1, got 2");
    stack.close();
  });

  test("takes axes that make no sense for 1, 2, 3, and lives without the tag", () => {
    const bytes = mrcBytes({
      n: [2, 2, 2],
      values: [1, 2, 3, 4, 5, 6, 7, 8],
      axes: [1, 1, 3],
      tag: "XYZ ",
      extendedBytes: 0,
    });
    const path = folder("odd.mrc");
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(3)]));
    expect(() => readMrcMap(path)).toThrow('expected the tag "MAP" at byte 208');
    const { values, warnings } = readMrcMap(path, { permissive: true });
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(warnings.map((text) => text.replace(path, "it"))).toEqual([
      'it: expected the tag "MAP" at byte 208, got "XYZ"',
      "it: expected MAPC, MAPR, MAPS to be 1, 2, 3 in some order, got 1, 1, 3",
    ]);
  });

  test("of a sound file has nothing to say", () => {
    writeFileSync(folder("sound.mrc"), mrcBytes({ n: [2, 2, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] }));
    expect(readMrcMap(folder("sound.mrc"), { permissive: true }).warnings).toEqual([]);
  });
});

test("numbers beyond 65,504 are not written as float16", () => {
  const volume = { kind: "volume", box: 2, pixelSizeAngstrom: 1, values: new Float32Array(8).fill(65_520) } as const;
  expect(() => writeVolume(folder("big.mrc"), volume, { numbers: "float16" })).toThrow(
    "volume.values: expected numbers of up to 65,504 for float16, got 65520; write float32",
  );
  expect(existsSync(folder("big.mrc"))).toBe(false);
});
