import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readCheckpoint, writeCheckpoint } from "../../../src/io/checkpoint.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const at = temporaryFolder();

const checkpoint = {
  meta: { step: 7, random: [1, -2, 3], nested: { text: 'ä "quoted"' } },
  arrays: {
    weights: Float32Array.of(1.5, -0, Number.NaN),
    empty: new Int32Array(0),
    doubles: Float64Array.of(Math.PI, -Infinity),
    "odd name, 3": Int32Array.of(-1, 2 ** 31 - 1, 0),
  },
};

test("what is read is what was written: types, bits, names and JSON", () => {
  writeCheckpoint(at("a.safetensors"), checkpoint);
  const read = readCheckpoint(at("a.safetensors"));
  expect(read.meta).toEqual(checkpoint.meta);
  expect(Object.keys(read.arrays).sort()).toEqual(Object.keys(checkpoint.arrays).sort());
  for (const [name, array] of Object.entries(checkpoint.arrays)) {
    expect(read.arrays[name]!.constructor).toBe(array.constructor);
    expect(Buffer.from(read.arrays[name]!.buffer)).toEqual(Buffer.from(array.buffer));
  }
});

test("the file is laid out as the safetensors format says", () => {
  writeCheckpoint(at("b.safetensors"), checkpoint);
  const bytes = readFileSync(at("b.safetensors"));
  const length = Number(bytes.readBigUInt64LE(0));
  const directory = JSON.parse(bytes.subarray(8, 8 + length).toString());
  expect(typeof directory.__metadata__.iolaus).toBe("string");
  const { dtype, shape, data_offsets: offsets } = directory["odd name, 3"];
  expect([dtype, shape]).toEqual(["I32", [3]]);
  expect(bytes.readInt32LE(8 + length + offsets[0])).toBe(-1);
  expect(bytes.readInt32LE(8 + length + offsets[0] + 4)).toBe(2 ** 31 - 1);
  const { data_offsets: doubles } = directory.doubles;
  expect((8 + length + doubles[0]) % 8).toBe(0);
  expect(bytes.readDoubleLE(8 + length + doubles[0])).toBe(Math.PI);
  // No gaps and no overlaps, as readers of the format demand.
  const { __metadata__: _, ...entries } = directory;
  const spans = Object.values(entries as Record<string, { data_offsets: [number, number] }>).map((e) => e.data_offsets);
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let end = 0;
  for (const [from, to] of spans) {
    expect(from).toBe(end);
    end = to;
  }
  expect(8 + length + end).toBe(bytes.length);
});

test("a view into a larger array is written alone", () => {
  const whole = Float32Array.of(9, 1, 2, 9);
  writeCheckpoint(at("view.safetensors"), { meta: {}, arrays: { part: whole.subarray(1, 3) } });
  expect([...readCheckpoint(at("view.safetensors")).arrays["part"]!]).toEqual([1, 2]);
});

test("a file cut short, another kind of file and a missing one are refused by name", () => {
  writeCheckpoint(at("c.safetensors"), checkpoint);
  const bytes = readFileSync(at("c.safetensors"));
  writeFileSync(at("short.safetensors"), bytes.subarray(0, bytes.length - 1));
  expect(() => readCheckpoint(at("short.safetensors"))).toThrow(/short\.safetensors: expected \d+ bytes at least, got/);
  writeFileSync(at("text"), "data_particles\n".repeat(9));
  expect(() => readCheckpoint(at("text"))).toThrow(/text: expected a checkpoint \(safetensors\), got another kind/);
  writeFileSync(at("nothing"), "");
  expect(() => readCheckpoint(at("nothing"))).toThrow(/nothing: expected a checkpoint/);
  expect(() => readCheckpoint(at("none"))).toThrow(/none: expected a readable file/);
});

test("a checkpoint that cannot be written leaves the old one", () => {
  writeCheckpoint(at("kept"), checkpoint);
  const before = readFileSync(at("kept"));
  const bad = { meta: {}, arrays: { __metadata__: new Float32Array(1) } };
  expect(() => writeCheckpoint(at("kept"), bad)).toThrow("__metadata__");
  expect(readFileSync(at("kept"))).toEqual(before);
  expect(() => writeCheckpoint(at("no/such/folder"), checkpoint)).toThrow(
    /no\/such\/folder: expected to write the file/,
  );
  expect(existsSync(at("no"))).toBe(false);
});
