/**
 * @file Has a run computed in a process of its own, so that the caller stays responsive and a crash is not the caller's.
 *
 * Stop: the process is asked, and killed when a batch takes too long; the checkpoint on disk is then the one to resume.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { IolausError } from "../core/errors.js";
import { builtFile } from "../core/thread.js";
import { removeLeftovers, runFolder } from "./run-folder.js";
import type { RunEnd, RunHooks } from "./run-loop.js";
import { readManifest, writeManifest } from "./run-manifest.js";
import type { FromChild, ToChild } from "./run-messages.js";
import type { RunRequest } from "./run-options.js";

/** Time between a request to stop and the use of force. */
const PATIENCE_MS = 1600;
/** What is kept of the process's complaints, characters. */
const LAST_WORDS = 2000;

/** How to start the process that computes. */
export interface ChildEntry {
  readonly file: URL;
  readonly execArgv?: readonly string[];
}

const builtEntry: ChildEntry = { file: builtFile(import.meta.url, "child.js") };

/** `runLoop` in another process. */
export async function superviseRun(
  particles: string,
  request: RunRequest,
  hooks: RunHooks = {},
  entry: ChildEntry = builtEntry,
): Promise<RunEnd> {
  const child = fork(fileURLToPath(entry.file), [], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    detached: process.platform !== "win32", // what kills the caller's group leaves it time for a checkpoint
    execArgv: [...(entry.execArgv ?? [])],
  });
  let words = "";
  child.stderr?.on("data", (piece: Buffer) => {
    words = (words + piece.toString()).slice(-LAST_WORDS);
  });
  const stopping = stopOnRequest(child, hooks.signal);
  try {
    const outcome = await conversation(child, { kind: "start", particles, request }, hooks);
    if (outcome.kind === "ended") return outcome.end;
    if (outcome.kind === "failed") throw failure(outcome);
    const how = outcome.signal === null ? `exit code ${outcome.code}` : outcome.signal;
    if (stopping.used()) {
      settle(request.out, "stopped", "the caller asked");
      return "stopped";
    }
    settle(request.out, "failed", `the process ended with ${how}`);
    throw crash(request.out, how, words);
  } finally {
    stopping.release();
    await gone(child);
  }
}

/** No process is left behind, whatever went wrong here. */
async function gone(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

type Outcome =
  | Extract<FromChild, { kind: "ended" | "failed" }>
  | { readonly kind: "exited"; readonly code: number | null; readonly signal: string | null };

function conversation(child: ChildProcess, start: ToChild, hooks: RunHooks): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let last: Outcome | undefined;
    child.on("message", (message: FromChild) => {
      try {
        if (message.kind === "progress") hooks.onProgress?.(message.progress);
        else if (message.kind === "step") hooks.onStep?.(message.row);
        else last = message;
      } catch (error) {
        reject(error); // the caller's own
      }
    });
    child.on("error", reject);
    // "close" comes after every message and every line was read; "exit" may come before.
    child.on("close", (code, signal) => resolve(last ?? { kind: "exited", code, signal }));
    child.send(start);
  });
}

function stopOnRequest(child: ChildProcess, signal: AbortSignal | undefined): { used(): boolean; release(): void } {
  let force: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (child.connected) child.send({ kind: "stop" } satisfies ToChild);
    force = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  };
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  return {
    used: () => signal?.aborted ?? false,
    release() {
      clearTimeout(force);
      signal?.removeEventListener("abort", stop);
    },
  };
}

/** What a killed process could not write itself. */
function settle(out: string, status: "stopped" | "failed", reason: string): void {
  const path = runFolder(out).file("manifest");
  if (!existsSync(path)) return;
  removeLeftovers(out);
  const { process: _, ...manifest } = readManifest(path);
  if (manifest.status === "running") writeManifest(path, { ...manifest, status, reason });
}

function failure({ code, message, stack }: Extract<FromChild, { kind: "failed" }>): IolausError {
  const cause = new Error(message);
  cause.stack = stack;
  return new IolausError(code, message, { cause });
}

function crash(out: string, how: string, words: string): IolausError {
  const lastLine = words.trim().split("\n").at(-1) ?? "";
  const why = how === "SIGKILL" ? "; was memory short?" : lastLine === "" ? "" : ` (${lastLine})`;
  const message = `${out}: expected the run to reach its end, got a process that ended with ${how}${why}`;
  return new IolausError("failed", `${message}; go on by resume (--resume)`);
}
