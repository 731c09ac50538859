/** @file The runner's side of the child process that runs cells: one cell at a time, its outputs gathered. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { CellError } from "./cell-error.js";
import { OutputCollector } from "./cell-outputs.js";
import type { Output } from "./notebook-file.js";
import type { CellReport } from "./notebook-process.js";
import { builtFile } from "./package-root.js";
import { preludeSwitch } from "./prelude.js";

export interface CellResult {
  /** Grows when later cells update an output of this one. */
  readonly outputs: readonly Output[];
  readonly error?: CellError;
}

export interface CellProcessOptions {
  /** Hears what is printed. */
  readonly onText?: (text: string) => void;
  /** @default true */
  readonly prelude?: boolean;
}

/** Owns a child process. `close` it. */
export class CellProcess {
  readonly #child: ChildProcess;
  readonly #collector = new OutputCollector();
  #done: (error: CellError | undefined) => void = () => {};

  /** A process in `folder`, ready for cells. */
  static async start(folder: string, options: CellProcessOptions = {}): Promise<CellProcess> {
    const { onText = () => {}, prelude = true } = options;
    const child = fork(builtFile("notebook-process.js"), [], {
      cwd: folder,
      env: { ...process.env, ...(!prelude && { [preludeSwitch]: "off" }) },
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const started = new CellProcess(child, onText);
    await Promise.race([once(child, "message"), once(child, "exit")]);
    return started;
  }

  private constructor(child: ChildProcess, onText: (text: string) => void) {
    this.#child = child;
    const hear = (name: "stdout" | "stderr", text: string): void => {
      this.#collector.stream(name, text);
      onText(text);
    };
    // Cells print over the channel; the pipes carry what their own child processes print.
    child.stdout?.setEncoding("utf8").on("data", (text: string) => hear("stdout", text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => hear("stderr", text));
    child.on("message", (report: CellReport) => {
      if (report.type === "stream") hear(report.name, report.text);
      else if (report.type === "display") this.#collector.display(report.content, report.update);
      else if (report.type === "done") this.#done(report.error);
    });
    child.on("exit", (code, signal) => this.#done(died(code, signal)));
  }

  /** Run one cell to its end. */
  async run(code: string, timeoutSeconds?: number): Promise<CellResult> {
    const outputs = this.#collector.startCell();
    if (!this.#child.connected) return { outputs, error: died(this.#child.exitCode, this.#child.signalCode) };
    const limit =
      timeoutSeconds === undefined ? undefined : setTimeout(() => this.#timeOut(timeoutSeconds), timeoutSeconds * 1000);
    const error = await new Promise<CellError | undefined>((resolve) => {
      this.#done = resolve;
      this.#child.send({ code });
    });
    clearTimeout(limit);
    await sleep(drainMs);
    return error === undefined ? { outputs } : { outputs, error: withLastWords(error, outputs) };
  }

  /** End the process now; a cell that runs fails. */
  stop(): void {
    this.#child.kill("SIGTERM");
    setTimeout(() => this.#child.kill("SIGKILL"), killAfterMs).unref();
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    setTimeout(() => this.stop(), killAfterMs).unref();
    await closed;
  }

  #timeOut(seconds: number): void {
    const evalue = `the cell took longer than ${seconds} s`;
    this.#done({ ename: "Timeout", evalue, traceback: [`Timeout: ${evalue}`] });
    this.stop();
  }
}

/** A process that ended says why on its error stream, if anywhere. */
function withLastWords(error: CellError, outputs: readonly Output[]): CellError {
  if (error.ename !== "KernelDied") return error;
  const said = outputs.map((output) =>
    output.output_type === "stream" && output.name === "stderr" ? output.text : "",
  );
  return { ...error, traceback: [...error.traceback, ...said.join("").trim().split("\n").slice(-lastWords)] };
}

const lastWords = 12;

/** What worker threads and child processes printed just before a cell's end arrives a moment after it. */
const drainMs = 10;
const killAfterMs = 2000;

function died(code: number | null, signal: string | null): CellError {
  const evalue = `the kernel's process ended in this cell (${signal ?? `exit code ${code}`})`;
  return { ename: "KernelDied", evalue, traceback: [`KernelDied: ${evalue}`] };
}
