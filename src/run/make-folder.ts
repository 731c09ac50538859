/** @file A folder for results, made when it is not there. */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { IolausError } from "../core/errors.js";

/** Make the folder and those above it. Returns the first that had to be made, if any. */
export function makeFolder(path: string): string | undefined {
  try {
    return mkdirSync(resolve(path), { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${path}: expected a folder that can be made, got ${reason}; choose another folder as out (--out)`;
    throw new IolausError("bad-argument", message, { cause });
  }
}
