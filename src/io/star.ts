/**
 * @file STAR files as RELION writes them (3.0, 3.1, 4, 5), text → blocks, without loss.
 *
 * A table keeps its rows as the lines they were; tokens are cut out when a column is asked for, so that an export
 * repeats every token of the input and a million rows fit in memory. Comments (version tags among them) stay with
 * the block they stand before or in. Read leniently where RELION's readers and writers differ (blank lines, CRLF,
 * `#n` after labels, order of blocks, either quote); a row with too few or too many values is refused.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import { reading } from "./file-access.js";
import { countTokens, firstToken, tokensOf, unquoted } from "./star-tokens.js";

export interface StarTable {
  /** Without the leading underscore: "rlnImageName". */
  readonly labels: readonly string[];
  /** One line per row, as it stands in the file. */
  readonly rows: readonly string[];
}

export interface StarItem {
  /** Without the leading underscore. */
  readonly label: string;
  /** Quoted as in the file. */
  readonly token: string;
}

export interface StarBlock {
  /** What follows `data_`; may be empty. */
  readonly name: string;
  /** Lines that begin with `#`. */
  readonly comments: readonly string[];
  /** Labels with one value each, outside of a loop. */
  readonly items: readonly StarItem[];
  readonly table: StarTable | null;
}

export interface StarFile {
  /** Where it was read from. Used in messages. */
  readonly path: string;
  readonly blocks: readonly StarBlock[];
  /** Comments after the last block. */
  readonly trailing: readonly string[];
}

/** Read a STAR file. */
export function readStar(path: string): StarFile {
  const parser = starParser(path);
  const fd = reading(path, () => openSync(path, "r"));
  try {
    const decoder = new TextDecoder();
    // In pieces, so that no string is longer than the engine allows.
    const chunk = new Uint8Array(Math.min(1 << 24, fstatSync(fd).size + 1));
    for (let rest = ""; ; ) {
      const got = reading(path, () => readSync(fd, chunk, 0, chunk.byteLength, null));
      const text = rest + decoder.decode(chunk.subarray(0, got), { stream: got > 0 });
      const end = got > 0 ? text.lastIndexOf("\n") + 1 : text.length;
      parser.read(text.slice(0, end));
      rest = text.slice(end);
      if (got === 0) return parser.finish();
    }
  } finally {
    closeSync(fd);
  }
}

/** Read the text of a STAR file. `path` appears in messages only. */
export function parseStar(text: string, path = "<memory>"): StarFile {
  const parser = starParser(path);
  parser.read(text);
  return parser.finish();
}

interface OpenTable {
  readonly labels: string[];
  readonly rows: string[];
}

interface OpenBlock {
  readonly name: string;
  readonly comments: string[];
  readonly items: StarItem[];
  table: OpenTable | null;
}

interface StarParser {
  /** Take in whole lines. */
  read(text: string): void;
  finish(): StarFile;
}

function starParser(path: string): StarParser {
  const blocks: OpenBlock[] = [];
  let comments: string[] = []; // of the block still to come
  let lineNumber = 0;

  const refuse = (expected: string, got: string, advice: string): never => {
    throw new IolausError("bad-file", `${path} line ${lineNumber}: expected ${expected}, got ${got}; ${advice}`);
  };

  const readLine = (line: string): void => {
    const count = countTokens(line);
    const first = firstToken(line);
    const block = blocks.at(-1);
    if (count === 0) readComment(line.trim(), block);
    else if (count === 1 && first.startsWith("data_")) {
      blocks.push({ name: first.slice("data_".length), comments, items: [], table: null });
      comments = [];
    } else if (block === undefined) refuse("a line data_<name> first", quoted(line), "is this a STAR file?");
    else if (count === 1 && first === "loop_") {
      if (block.table !== null) refuse(`one loop in data_${block.name}`, "a second loop_", "give it its own block");
      block.table = { labels: [], rows: [] };
    } else if (block.table !== null && (block.table.rows.length > 0 || !first.startsWith("_")))
      readRow(line, count, block.name, block.table);
    else readLabel(line, block);
  };

  const readComment = (comment: string, block: OpenBlock | undefined): void => {
    if (comment === "") return;
    // Between data_ and the first label it is this block's, later the next one's.
    const isFresh = block !== undefined && block.items.length + (block.table?.labels.length ?? 0) === 0;
    (isFresh ? block.comments : comments).push(comment);
  };

  const readLabel = (line: string, block: OpenBlock): void => {
    const [first = "", token = "", ...more] = tokensOf(line);
    if (!first.startsWith("_")) refuse("a label that begins with _", quoted(line), "did a loop_ get lost?");
    const label = first.slice(1);
    const labels = block.table?.labels ?? block.items.map((item) => item.label);
    if (labels.includes(label)) refuse("each label once", `_${label} again`, "remove one of the two");
    const isSound = block.table === null ? token !== "" && more.length === 0 : token === "";
    if (!isSound) refuse(block.table === null ? "a label and its value" : "a label", quoted(line), "correct the line");
    if (block.table === null) block.items.push({ label, token });
    else block.table.labels.push(label);
  };

  const readRow = (line: string, count: number, name: string, table: OpenTable): void => {
    const want = table.labels.length;
    if (count !== want)
      refuse(`${want} values, one per column of data_${name}`, `${count}`, "complete or remove the row");
    table.rows.push(line);
  };

  return {
    read(text) {
      for (let from = 0; from < text.length; ) {
        const newline = text.indexOf("\n", from);
        const next = newline < 0 ? text.length : newline;
        const end = next > from && text.charCodeAt(next - 1) === 13 ? next - 1 : next;
        lineNumber++;
        readLine(text.slice(from, end));
        from = next + 1;
      }
    },
    finish() {
      if (blocks.length === 0) refuse("a block data_<name>", "none", "is this a STAR file?");
      return { path, blocks, trailing: comments };
    },
  };
}

function quoted(line: string): string {
  return JSON.stringify(line.trim().slice(0, 60));
}

/** The block called `name`, if there is one. */
export function findBlock(star: StarFile, name: string): StarBlock | undefined {
  return star.blocks.find((block) => block.name === name);
}

/** The value of a label outside of loops, unquoted. */
export function itemValue(block: StarBlock, label: string): string | undefined {
  const item = block.items.find((candidate) => candidate.label === label);
  return item === undefined ? undefined : unquoted(item.token);
}
