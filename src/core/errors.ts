/** @file One error class, one way to refuse: `<where>: expected <what>, got <value>; <what to do>`. */

/** Why a call was refused. Callers branch on `code`; people read `message`. */
export type ErrorCode = "bad-argument" | "bad-file" | "unsupported" | "diverged" | "failed" | "cancelled" | "internal";

export class IolausError extends Error {
  override readonly name = "IolausError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Throw `bad-argument` unless `ok`. `what` names the argument as the caller wrote it; `advice` says what to do. */
export function check(ok: boolean, what: string, expected: string, got: unknown, advice?: string): asserts ok {
  if (ok) return;
  const tail = advice === undefined ? "" : `; ${advice}`;
  throw new IolausError("bad-argument", `${what}: expected ${expected}, got ${String(got)}${tail}`);
}

/** Throw `cancelled` when the caller has asked to stop. */
export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new IolausError("cancelled", "stopped at the caller's request");
}
