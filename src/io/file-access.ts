/** @file Refusals of the file system, as sentences that name the file. */
import { IolausError } from "../core/errors.js";

/** What `act` returns; its failure becomes `bad-file`. */
export function reading<T>(path: string, act: () => T): T {
  return refusing(`${path}: expected a readable file`, "check the path", act);
}

/** What `act` returns; its failure becomes `bad-file`. */
export function writing<T>(path: string, act: () => T): T {
  return refusing(
    `${path}: expected to write the file`,
    "choose a folder that exists, may be written to and has space",
    act,
  );
}

function refusing<T>(expected: string, advice: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof IolausError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new IolausError("bad-file", `${expected}, got ${reason}; ${advice}`, { cause });
  }
}
