/** @file A folder for results, made when it is not there. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { IolausError } from "../core/errors.js";

/** Make the folder and those above it. Returns the first that had to be made, if any. */
export function makeFolder(path: string): string | undefined {
  // One by one: Node's own recursive form never returns under /proc.
  const missing: string[] = [];
  for (let folder = resolve(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  try {
    for (const folder of missing) mkdirSync(folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${path}: expected a folder that can be made, got ${reason}; choose another folder as out (--out)`;
    throw new IolausError("bad-argument", message, { cause });
  }
  return missing[0];
}
