/** @file What went wrong in a cell, for people: the message first, then where in the cell; no frames of ours. */
import { inspect } from "node:util";

/** The fields of Jupyter's `error` message and output. */
export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** A thrown value. */
export function thrownError(thrown: unknown): CellError {
  if (thrown instanceof Error && thrown.message === tslabInterrupt) return interrupted;
  if (!(thrown instanceof Error)) return { ename: "Thrown", evalue: inspect(thrown), traceback: [inspect(thrown)] };
  const heading = `${thrown.name}: ${thrown.message}`;
  const causes = causesOf(thrown).map((cause) => `caused by ${cause.name}: ${cause.message}`);
  return { ename: thrown.name, evalue: thrown.message, traceback: [heading, ...causes, ...ownFrames(thrown)] };
}

/** What tslab 1.0.22 throws into a cell that awaits when Stop is pressed. */
const tslabInterrupt = "Interrupted asynchronously";
const stopped = "stopped; work in this process that takes no signal goes on until it is done";
const interrupted: CellError = { ename: "Interrupted", evalue: stopped, traceback: [`Interrupted: ${stopped}`] };

/** Complaints of the type checker, one line each. The cell did not run. */
export function compileError(lines: readonly string[]): CellError {
  return { ename: "CompileError", evalue: lines.join("\n"), traceback: ["This cell does not compile:", ...lines] };
}

function causesOf(error: Error): Error[] {
  return error.cause instanceof Error ? [error.cause, ...causesOf(error.cause)] : [];
}

/** Frames from the throw down to the cell, without Node's and the packages' own. An IolausError says it all itself. */
function ownFrames(error: Error): string[] {
  if (error.name === "IolausError") return [];
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const cell = frames.findIndex((line) => line.includes("evalmachine.<anonymous>"));
  return frames
    .slice(0, cell + 1)
    .filter((line) => !/node:|node_modules/.test(line))
    .map((line) => line.replace(/evalmachine\.<anonymous>:\d+:\d+/, "this cell"));
}
