/**
 * @file The process that computes: takes one request, reports, and ends.
 *
 * A key press at a terminal reaches every process of the group; here it is left to the one that asked, which says
 * "stop" or goes away. In both cases the run ends after the batch at hand, with a checkpoint.
 */
import { IolausError } from "../core/errors.js";
import { type Reconstructor, runLoop } from "./run-loop.js";
import type { FromChild, ToChild } from "./run-messages.js";

export function serveRun(reconstructor: Reconstructor): void {
  const stop = new AbortController();
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => stop.abort());
  process.on("disconnect", () => stop.abort());
  process.on("message", (message: ToChild) => {
    if (message.kind === "stop") stop.abort();
    else void answer(message, reconstructor, stop.signal);
  });
}

async function answer(
  { particles, request }: Extract<ToChild, { kind: "start" }>,
  reconstructor: Reconstructor,
  signal: AbortSignal,
): Promise<void> {
  try {
    const end = await runLoop(particles, request, reconstructor, {
      signal,
      onProgress: (progress) => say({ kind: "progress", progress }),
      onStep: (row) => say({ kind: "step", row }),
    });
    leave({ kind: "ended", end });
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    const code = error instanceof IolausError ? error.code : "internal";
    leave({ kind: "failed", code, message, stack });
  }
}

function say(message: FromChild, then?: () => void): void {
  if (process.connected) process.send?.(message, undefined, undefined, then);
  else then?.();
}

/** The last word, then the end, whatever threads are left. */
function leave(message: FromChild): void {
  say(message, () => process.exit(message.kind === "failed" ? 1 : 0));
}
