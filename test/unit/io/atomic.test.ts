import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AtomicFile, writeFileAtomic, writePiecesAtomic } from "../../../src/io/atomic.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();

test("a file is written under its name and nothing else stays", () => {
  writeFileAtomic(folder("a.txt"), "one");
  writeFileAtomic(folder("a.txt"), "two");
  writePiecesAtomic(folder("b.txt"), ["p", "q", "ü"]);
  expect(readFileSync(folder("a.txt"), "utf8")).toBe("two");
  expect(readFileSync(folder("b.txt"), "utf8")).toBe("pqü");
  expect(readdirSync(folder()).sort()).toEqual(["a.txt", "b.txt"]);
});

test("a failure half-way leaves the old file and no other", () => {
  writeFileSync(folder("a.txt"), "old");
  const pieces = function* (): Generator<string> {
    yield "new";
    throw new Error("out of pieces");
  };
  expect(() => writePiecesAtomic(folder("a.txt"), pieces())).toThrow("out of pieces");
  expect(readFileSync(folder("a.txt"), "utf8")).toBe("old");
  expect(readdirSync(folder()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a name taken by a folder is refused and nothing stays behind", () => {
  mkdirSync(folder("taken"));
  expect(() => writeFileAtomic(folder("taken"), "x")).toThrow("expected to write the file");
  expect(readdirSync(folder()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a missing folder is named, with what to do", () => {
  expect(() => writeFileAtomic(folder("none", "a.txt"), "x")).toThrow(
    /none\/a\.txt: expected to write the file, got ENOENT.*; choose a folder that exists/,
  );
});

test("a file being written is unseen until it is committed, and gone when discarded", () => {
  const file = new AtomicFile(folder("c.bin"));
  file.writeAt(Uint8Array.of(3, 4), 2);
  file.writeAt(Uint8Array.of(1, 2), 0);
  expect(readdirSync(folder())).not.toContain("c.bin");
  file.commit();
  expect([...readFileSync(folder("c.bin"))]).toEqual([1, 2, 3, 4]);
  file.discard(); // harmless
  expect(readdirSync(folder())).toContain("c.bin");
  const other = new AtomicFile(folder("d.bin"));
  other.discard();
  expect(readdirSync(folder()).filter((name) => name.startsWith("d.bin"))).toEqual([]);
});
