/**
 * @file One tslab session, as tslab's own `startKernel` composes it, with what Iolaus adds: our objects as the last
 * expression of a cell show themselves, errors are structured, and `iolaus` is importable from any folder.
 *
 * The Jupyter kernel (start.ts) and the headless runner (notebook-process.ts) both run cells through this session, so
 * a notebook means the same in both. Loading this file loads the TypeScript compiler: kernel processes only.
 */
import { format } from "node:util";
import { type Converter, createConverter } from "tslab/dist/converter.js";
import { createExecutor, type Executor } from "tslab/dist/executor.js";
import { JupyterHandlerImpl } from "tslab/dist/jupyter.js";
import type { RunInProgress } from "#iolaus/run/run-in-progress.js";
import { type CellError, compileError, thrownError } from "./cell-error.js";
import { mendCell } from "./cell-source.js";
import { beginCell, showRunHere, stopAwaited, watchRuns } from "./live-runs.js";
import { bundleOf } from "./mime-bundle.js";
import { lendPackages } from "./package-loan.js";
import { preludeCell } from "./prelude.js";
import { send } from "./rich-display.js";

export interface TslabSession {
  readonly executor: Executor;
  readonly handler: JupyterHandlerImpl;
  /** Resolves when the first cell would run at once. */
  readonly ready: Promise<unknown>;
  /** End the runs the cell waits for, or, where there are none, the cell. */
  interrupt(): Promise<void>;
  /** The error of the cell that has just failed; asking forgets it. */
  takeError(): CellError | undefined;
}

/** Cells run in `folder`, which is also the process's working directory. */
export function openSession(folder: string): TslabSession {
  lendPackages(folder);
  watchRuns();
  let thrown: CellError | undefined;
  let complaints: string[] = [];
  const tslab = createExecutor(folder, converters(), {
    log: showLastExpression,
    error: (first: unknown, ...rest: unknown[]) => {
      if (rest.length > 0) complaints.push(format(first, ...rest));
      else thrown = thrownError(first);
    },
  });
  const prelude = preludeCell();
  const ready = prelude === "" ? Promise.resolve() : tslab.execute(prelude).then(tellPrelude);
  const execute = async (code: string): Promise<boolean> => {
    await ready;
    beginCell();
    return tslab.execute(mendCell(code));
  };
  const executor = { ...tslab, execute };
  const takeError = (): CellError | undefined => {
    const error = thrown ?? (complaints.length > 0 ? compileError(complaints) : undefined);
    thrown = undefined;
    complaints = [];
    return error;
  };
  /** An older Iolaus beside the notebook may lack what is imported; cells then import for themselves. */
  function tellPrelude(): void {
    const error = takeError();
    if (error !== undefined) process.stderr.write(`iolaus: no prelude, ${error.evalue}\n`);
  }
  const interrupt = async (): Promise<void> => {
    if (!(await stopAwaited())) tslab.interrupt();
  };
  return { executor, handler: new JupyterHandlerImpl(executor, false), ready, interrupt, takeError };
}

/** tslab calls this with the value of a cell's last expression. */
function showLastExpression(value: unknown): void {
  const bundle = isRunInProgress(value) ? undefined : bundleOf(value);
  if (bundle === undefined) showRunHere(value as RunInProgress);
  else if (bundle === null) console.log(value);
  else send(bundle);
}

function isRunInProgress(value: unknown): value is RunInProgress {
  return (value as Partial<RunInProgress> | null)?.kind === "run-in-progress";
}

/** A converter for cells that run here, made now, and one for cells marked for the browser, made when asked for. */
function converters(): { node: Converter; readonly browser: Converter; close(): void } {
  const node = createConverter({ isJS: false, isBrowser: false });
  let browser: Converter | undefined;
  return {
    node,
    get browser() {
      browser ??= createConverter({ isJS: false, isBrowser: true });
      return browser;
    },
    close() {
      node.close();
      browser?.close();
    },
  };
}
