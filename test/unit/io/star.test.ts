import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findBlock, itemValue, parseStar, readStar, type StarFile } from "../../../src/io/star.js";
import { hasColumn, numberColumns, tableOf, textColumns, withColumns, withRows } from "../../../src/io/star-table.js";
import { tokensOf } from "../../../src/io/star-tokens.js";
import { formatStar, writeStar } from "../../../src/io/star-write.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();

/** Everything a file says, without its layout. */
const said = (star: StarFile): unknown => ({
  blocks: star.blocks.map(({ table, ...block }) => ({
    ...block,
    labels: table?.labels,
    rows: table?.rows.map(tokensOf),
  })),
  trailing: star.trailing,
});

const RELION31 = `
# version 30001

data_optics

loop_ 
_rlnOpticsGroup #1 
_rlnOpticsGroupName #2 
           1 opticsGroup1 
 

# version 30001

data_particles

loop_ 
_rlnImageName #1 
_rlnOpticsGroup #2 
000001@a.mrcs            1 
000002@a.mrcs            1 
`;

describe("parseStar", () => {
  test("reads RELION 3.1's blocks with their version tags", () => {
    const star = parseStar(RELION31);
    expect(star.blocks.map(({ name }) => name)).toEqual(["optics", "particles"]);
    expect(star.blocks.map(({ comments }) => comments)).toEqual([["# version 30001"], ["# version 30001"]]);
    expect(textColumns(star.blocks[1]!.table!, ["rlnOpticsGroup", "rlnImageName"])).toEqual([
      ["1", "1"],
      ["000001@a.mrcs", "000002@a.mrcs"],
    ]);
    expect(hasColumn(findBlock(star, "optics")?.table, "rlnOpticsGroupName")).toBe(true);
    expect(hasColumn(findBlock(star, "model")?.table, "rlnOpticsGroupName")).toBe(false);
  });

  test.each([
    ["no blank lines", "data_\nloop_\n_a\n_b\n1 2\n3 4"],
    [
      "blank lines and spaces everywhere",
      "\n\n  data_\n\n\n loop_  \n\n _a  #1 \n\n_b\t#2 [unit]\n\n\t1\t2  \n\n 3 4\n\n",
    ],
    ["Windows line ends", "data_\r\nloop_\r\n_a #1\r\n_b #2\r\n1 2\r\n3 4\r\n"],
    ["a comment behind a row", "data_\nloop_\n_a\n_b\n1 2 # good\n3 4 # bad\n"],
    ["quotes", "data_\nloop_\n_a\n_b\n\"1\" '2'\n3 4\n"],
  ])("reads the same table with %s", (_name, text) => {
    const { table } = parseStar(text).blocks[0]!;
    expect(table!.labels).toEqual(["a", "b"]);
    expect(table!.rows.join()).not.toContain("\r");
    expect(textColumns(table!, ["a", "b"])).toEqual([
      ["1", "3"],
      ["2", "4"],
    ]);
  });

  test("tokens: quotes may hold blanks, the other quote and #; a lone quote or # is a character", () => {
    const star = parseStar(`data_x\nloop_\n_a\n_b\n_c\n"two words" '' 5'\n"it's #1" 'say "x"' a#b\n'tis "" a'b\n`);
    expect(textColumns(star.blocks[0]!.table!, ["a", "b", "c"])).toEqual([
      ["two words", "it's #1", "'tis"],
      ["", 'say "x"', ""],
      ["5'", "a#b", "a'b"],
    ]);
  });

  test("reads blocks of single values, empty blocks and empty tables, in any order", () => {
    const star = parseStar(
      "data_general\n_rlnCurrentIteration 25\n_rlnTitle 'a b'\ndata_none\ndata_empty\nloop_\n_a\ndata_z\nloop_\n_b\n1\n",
    );
    expect(star.blocks.map(({ name, table }) => [name, table?.rows.length])).toEqual([
      ["general", undefined],
      ["none", undefined],
      ["empty", 0],
      ["z", 1],
    ]);
    expect(itemValue(star.blocks[0]!, "rlnCurrentIteration")).toBe("25");
    expect(itemValue(star.blocks[0]!, "rlnTitle")).toBe("a b");
    expect(itemValue(star.blocks[0]!, "rlnOther")).toBeUndefined();
  });

  test("comments stay with the block they stand before or in, those behind the last row with the next", () => {
    const star = parseStar("# one\ndata_a\n# two\nloop_\n_x\n1\n# three\ndata_b\n_y 1\n# four\n");
    expect(star.blocks.map(({ comments }) => comments)).toEqual([["# one", "# two"], ["# three"]]);
    expect(star.trailing).toEqual(["# four"]);
  });

  test("a row may begin with data_ when it has more than one column", () => {
    const star = parseStar("data_\nloop_\n_a\n_b\ndata_1/x.mrc 2\n");
    expect(star.blocks[0]!.table!.rows).toEqual(["data_1/x.mrc 2"]);
  });

  test.each([
    [
      "a short row",
      "data_p\nloop_\n_a\n_b\n1 2\n\n3\n",
      "f.star line 7: expected 2 values, one per column of data_p, got 1; complete",
    ],
    ["a long row", "data_\nloop_\n_a\n1 2\n", "f.star line 4: expected 1 values"],
    ["a label twice in a loop", "data_\nloop_\n_a\n_b\n_a\n", "f.star line 5: expected each label once, got _a again"],
    ["a label twice outside", "data_\n_a 1\n_a 2\n", "f.star line 3: expected each label once"],
    [
      "two loops in one block",
      "data_q\nloop_\n_a\n1\nloop_\n",
      "f.star line 5: expected one loop in data_q, got a second loop_",
    ],
    [
      "a value without label",
      "data_\n1 2 3\n",
      'f.star line 2: expected a label that begins with _, got "1 2 3"; did a loop_',
    ],
    ["a label without value", "data_\n_a\n", 'f.star line 2: expected a label and its value, got "_a"'],
    [
      "something else",
      "<html>\n",
      'f.star line 1: expected a line data_<name> first, got "<html>"; is this a STAR file?',
    ],
    ["nothing", "\n# comment\n", "f.star line 2: expected a block data_<name>, got none; is this a STAR file?"],
  ])("refuses %s with the line number", (_name, text, message) => {
    expect(() => parseStar(text, "f.star")).toThrow(message);
  });
});

const word = fc
  .string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(..."abcXYZ019.,-+@/_#'\"[]éΩ") })
  .filter((text) => !/^[#'"_]|^data_|^loop_$/.test(text));
const token = fc.oneof(
  word,
  word.map((text) => `"${text.replaceAll('"', "")} x"`),
  word.map((text) => `'${text.replaceAll("'", "")} #2'`),
  fc.constantFrom('""', "''", "-1.5e-05", "000012@a/b.mrcs"),
);
const gap = fc.constantFrom(" ", "  ", "\t", "        ");
const anyBlock = fc
  .record({
    labels: fc.uniqueArray(word, { minLength: 1, maxLength: 5 }),
    comment: fc.option(word),
    name: word,
    loop: fc.boolean(),
  })
  .chain(({ labels, comment, name, loop }) =>
    fc
      .array(fc.array(fc.tuple(token, gap), { minLength: labels.length, maxLength: labels.length }), {
        minLength: 1,
        maxLength: 6,
      })
      .map((rows) => {
        const lines = loop
          ? ["loop_", ...labels.map((label) => `_${label}`), ...rows.map((row) => row.flat().join(""))]
          : labels.map((label, i) => `_${label} ${rows[0]![i]![0]}`);
        return [comment === null ? "" : `# ${comment}`, `data_${name}`, ...lines].join("\n");
      }),
  );

test("reading and writing keeps every token, block, comment and their order", () => {
  fc.assert(
    fc.property(
      fc.array(anyBlock, { minLength: 1, maxLength: 4 }),
      fc.constantFrom("\n", "\r\n"),
      (blocks, newline) => {
        const star = parseStar(`${blocks.join("\n\n").replaceAll("\n", newline)}${newline}# end${newline}`);
        expect(star.blocks).toHaveLength(blocks.length);
        expect(star.trailing).toEqual(["# end"]);
        const again = parseStar(formatStar(star));
        expect(said(again)).toEqual(said(star));
        star.blocks.forEach(({ table, items }, i) => {
          // Against the text itself: the tokens are there, in order.
          const tokens = [...items.map((item) => item.token), ...(table?.rows.flatMap(tokensOf) ?? [])];
          let from = 0;
          for (const each of tokens) {
            from = blocks[i]!.indexOf(each, from);
            expect(from).toBeGreaterThanOrEqual(0);
            from += each.length;
          }
        });
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test("a file larger than one read comes back whole, also when a letter of two bytes lies on the seam", () => {
  const seam = 1 << 24;
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i}@Ωμέγα-${"é".repeat(i % 7)}.mrcs ${i % 9} 0.123456`);
  const lines = rows.map((row) => `${row} # ${"é".repeat(150)}`);
  const text = `data_particles\nloop_\n_a #1\n_b #2\n_c #3\n${lines.join("\n")}`;
  const isInside = (bytes: Buffer): boolean => (bytes[seam]! & 0xc0) === 0x80;
  const bytes = [text, ` ${text}`].map((each) => Buffer.from(each)).find(isInside);
  expect(bytes?.length).toBeGreaterThan(seam);
  writeFileSync(folder("large.star"), bytes!);
  const star = readStar(folder("large.star"));
  expect(star.blocks[0]!.table!.rows).toEqual(lines);
  writeStar(folder("large2.star"), star);
  expect(readFileSync(folder("large2.star")).length).toBeGreaterThan(seam);
  expect(readStar(folder("large2.star")).blocks[0]!.table!.rows.at(-1)).toBe(lines.at(-1));
});

test("a missing file is named", () => {
  expect(() => readStar(folder("no.star"))).toThrow(/no\.star: expected a readable file, got ENOENT/);
});

describe("tables", () => {
  const table = parseStar('data_\nloop_\n_n\n_x\n_name\n1   2.5 "a b"\n2 -3e2   c\n3 0 d # note\n').blocks[0]!.table!;

  test("give numbers, and refuse what is none, naming row and column", () => {
    expect(numberColumns(table, ["x", "n"], "f").map((column) => [...column])).toEqual([
      [2.5, -300, 0],
      [1, 2, 3],
    ]);
    expect(() => numberColumns(table, ["name"], "f.star data_p")).toThrow(
      'f.star data_p: expected a finite number as name of row 1 (counting from 1), got "a b"; correct the row',
    );
    for (const bad of ["nan", "inf", '""'])
      expect(() => numberColumns({ labels: ["x"], rows: [bad] }, ["x"], "f")).toThrow("expected a finite number");
    expect(() => textColumns(table, ["y"])).toThrow("labels: expected columns of the table (n, x, name), got y");
  });

  test("take new values in a column and new columns on the right; every other token stays", () => {
    const filled = withColumns(table, {
      x: [7, 8, 1 / 3],
      rlnClassNumber: Int32Array.of(1, 2, 3),
      note: ["", "p q", 'say "x"'],
    });
    expect(filled.labels).toEqual(["n", "x", "name", "rlnClassNumber", "note"]);
    expect(filled.rows.map(tokensOf)).toEqual([
      ["1", "7", '"a b"', "1", '""'],
      ["2", "8", "c", "2", '"p q"'],
      ["3", "0.333333333", "d", "3", "'say \"x\"'"],
    ]);
    expect(withColumns(table, {})).toBe(table);
  });

  test("refuse columns of another length, values that are no numbers, and broken lines", () => {
    expect(() => withColumns(table, { x: [1, 2] })).toThrow("x: expected 3 values, one per row, got 2");
    expect(() => withColumns(table, { x: [1, Number.NaN, 2] })).toThrow(
      "x: expected a finite number or one line of text in row 1, got NaN",
    );
    expect(() => withColumns(table, { x: ["a", "b\nc", "d"] })).toThrow("one line of text in row 1");
    expect(() => withColumns(table, { _x: [1, 2, 3] })).toThrow(
      "label: expected a word without leading underscore, got _x",
    );
  });

  test("give rows in the order asked for, and refuse rows that do not exist", () => {
    expect(withRows(table, [2, 0]).rows.map((row) => tokensOf(row)[0])).toEqual(["3", "1"]);
    expect(() => withRows(table, Int32Array.of(0, 3))).toThrow("rows: expected indices from 0 to 2, got 3");
  });

  test("can be made of columns", () => {
    expect(tableOf({ a: [1, 2.5], b: ["x", "y z"] })).toEqual({ labels: ["a", "b"], rows: ["1 x", '2.5 "y z"'] });
    expect(() => tableOf({ a: [1, 2], b: [1] })).toThrow("b: expected 2 values, one per row, got 1");
  });
});
