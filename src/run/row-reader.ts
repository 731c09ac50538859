/** @file Reads what has been added to progress.jsonl since the last time, so that a long run is not read again and again. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { ProgressRow } from "./progress-log.js";

/** Each call returns the whole lines added since the one before; none while there is no file. */
export function createRowReader(path: string): () => ProgressRow[] {
  let done = 0;
  return () => {
    let fd: number;
    try {
      fd = openSync(path, "r");
    } catch {
      return [];
    }
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - done));
      const got = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, done));
      const whole = got.subarray(0, got.lastIndexOf(10) + 1);
      done += whole.length;
      const lines = whole.toString("utf8").split("\n");
      return lines.flatMap((line) => (line === "" ? [] : [JSON.parse(line) as ProgressRow]));
    } finally {
      closeSync(fd);
    }
  };
}
