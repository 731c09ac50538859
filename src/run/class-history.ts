/**
 * @file Which class every particle was in after each of the last passes of a run: what tells classes that stay from classes
 * that come and go.
 */
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { readCheckpoint, writeCheckpoint } from "../io/checkpoint.js";

export interface PassClasses {
  /** The step that ended the pass. */
  readonly step: number;
  /** Passes done, each image seen once in each. */
  readonly pass: number;
  /** Int32[count], in the order of the run's table, from 0. */
  readonly classes: Int32Array;
}

/** Passes kept. */
const KEPT = 5;

export interface ClassHistory {
  passes(): readonly PassClasses[];
  /** Note the classes after `pass`, unless they are noted; `classes` is asked for only then. */
  note(step: number, pass: number, classes: () => Int32Array): void;
}

/** The history in the file `path` up to `step`; what came later is dropped, for it will come again. */
export function openClassHistory(path: string, step: number): ClassHistory {
  let passes = readClassHistory(path).filter((one) => one.step <= step);
  return {
    passes: () => passes,
    note(at, pass, classes) {
      if (pass <= (passes.at(-1)?.pass ?? 0)) return;
      passes = [...passes, { step: at, pass, classes: classes().slice() }].slice(-KEPT);
      mkdirSync(dirname(path), { recursive: true });
      writeCheckpoint(path, {
        meta: { passes: passes.map((one) => [one.step, one.pass]) },
        arrays: Object.fromEntries(passes.map((one) => [`pass_${one.pass}`, one.classes])),
      });
    },
  };
}

/** What `note` wrote, the oldest pass first; empty where there is no file. */
export function readClassHistory(path: string): PassClasses[] {
  if (!existsSync(path)) return [];
  const { meta, arrays } = readCheckpoint(path);
  const passes = meta["passes"] as readonly (readonly [number, number])[];
  return passes.map(([step, pass]) => ({ step, pass, classes: arrays[`pass_${pass}`] as Int32Array }));
}
