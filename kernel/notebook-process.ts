/**
 * @file The headless runner's kernel: a child process that runs cells as the Jupyter kernel does and reports what they
 * put out. It speaks over Node's own channel, so neither Jupyter nor ZeroMQ is needed.
 */
import type { CellError } from "./cell-error.js";
import type { DisplayContent } from "./rich-display.js";
import { expectNoReader } from "./selectable.js";
import { openSession } from "./tslab-session.js";

/** What the runner says. */
export interface RunCell {
  readonly code: string;
}

/** What the process answers: any number of outputs, then `done`. */
export type CellReport =
  | { readonly type: "ready" }
  | { readonly type: "stream"; readonly name: "stdout" | "stderr"; readonly text: string }
  | { readonly type: "display"; readonly content: DisplayContent; readonly update: boolean }
  | { readonly type: "done"; readonly status: string; readonly error?: CellError };

const report = (message: CellReport): void => void process.send?.(message);
expectNoReader();
const { handler, ready, takeError } = openSession(process.cwd());

process.on("uncaughtException", (error) => console.error("UncaughtException:", error));
process.on("unhandledRejection", (reason) => console.error("UnhandledPromiseRejection:", reason));
process.on("disconnect", () => process.exit());
process.on("message", async ({ code }: RunCell) => {
  const { status } = await handler.handleExecute(
    { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true },
    (name, text) => report({ type: "stream", name: name === "stderr" ? "stderr" : "stdout", text }),
    (content, update) => report({ type: "display", content, update: update === true }),
  );
  const error = takeError();
  report({ type: "done", status, ...(error !== undefined && { error }) });
});
await ready;
report({ type: "ready" });
