/** @file Selections as JSON: keys, the particles they were made of, and the history. */
import { readFileSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import { writeFileAtomic } from "../io/atomic.js";
import { reading } from "../io/file-access.js";
import { type HasKeys, particleSet } from "./particle-set.js";
import { type Selection, type SelectionStep, selectWhere } from "./selection.js";

interface SelectionFile {
  readonly kind: "iolaus-selection";
  readonly version: 1;
  readonly set: { readonly count: number; readonly fingerprint: string };
  readonly step: SelectionStep;
  readonly keys: readonly string[];
}

/** Write a selection; the file is whole or not there. */
export function writeSelection(path: string, { set, step, keys }: Selection): void {
  const { fingerprint } = set;
  const file: SelectionFile = {
    kind: "iolaus-selection",
    version: 1,
    set: { count: set.keys.length, fingerprint },
    step,
    keys,
  };
  writeFileAtomic(path, `${JSON.stringify(file, null, 1)}\n`);
}

export interface ReadSelectionOptions {
  /** Take a selection of other particles too, as far as they are here. @default false */
  readonly partial?: boolean;
}

/** Read a selection back, of `particles`: the same ones that it was made of, in any order. */
export function readSelection(path: string, particles: HasKeys, options: ReadSelectionOptions = {}): Selection {
  const file = parse(path);
  const set = particleSet(particles);
  const same = file.set.fingerprint === set.fingerprint;
  if (!same && options.partial !== true)
    throw new IolausError(
      "bad-file",
      `${path}: expected a selection of these ${set.keys.length} particles, got one of ${file.set.count} ` +
        `${file.set.count === set.keys.length ? "others" : "particles"}${firstStranger(file, set.indexOf)}; ` +
        "open the list it was made of, or take what is here by partial: true",
    );
  const chosen = new Set(file.keys);
  const [what, from] = same ? [file.step.what, file.step.from] : [`of ${path}, as far as here`, [file.step]];
  const selection = selectWhere(set, what, (i) => chosen.has(set.keys[i]!), from);
  if (same && selection.keys.length !== chosen.size)
    throw new IolausError("bad-file", `${path}: expected keys of its own particle set, got others; was it edited?`);
  return selection;
}

function firstStranger({ keys }: SelectionFile, indexOf: ReadonlyMap<string, number>): string {
  const key = keys.find((k) => !indexOf.has(k));
  return key === undefined ? "" : `, ${key} among them`;
}

function parse(path: string): SelectionFile {
  const text = reading(path, () => readFileSync(path, "utf8"));
  try {
    const file = JSON.parse(text) as Partial<SelectionFile> | null;
    if (file?.kind === "iolaus-selection" && file.version === 1 && file.set && file.step && Array.isArray(file.keys))
      return file as SelectionFile;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new IolausError("bad-file", `${path}: expected a selection written by iolaus, got something else`);
}
