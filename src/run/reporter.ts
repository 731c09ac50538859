/** @file Progress for people and programs: a bar on a terminal, JSON lines when asked, else a quiet line now and then. */
import cliProgress from "cli-progress";
import type { Progress } from "../core/progress.js";
import type { ProgressRow } from "./progress-log.js";

export interface Reporter {
  /** Anything with a fraction. */
  progress(progress: Progress): void;
  /** A step of a reconstruction. */
  step(row: ProgressRow): void;
  /** The result: an object with `json`, else lines of text. */
  result(lines: readonly string[], data: object): void;
  /** Clear the bar; harmless when there is none. */
  end(): void;
}

export function reporter(options: { readonly json?: boolean }): Reporter {
  if (options.json) return jsonReporter();
  return process.stderr.isTTY ? barReporter() : lineReporter();
}

/** Results of commands that take no time. */
function printLines(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

function jsonReporter(): Reporter {
  const say = (line: object): void => console.log(JSON.stringify(line));
  return {
    progress: (progress) => say({ event: "progress", ...progress }),
    step: (row) => say({ event: "step", ...row }),
    result: (_, data) => say({ event: "result", ...data }),
    end: () => {},
  };
}

function barReporter(): Reporter {
  const format = "{stage} [{bar}] {percentage}% | {facts} | {eta_formatted} left";
  const bar = new cliProgress.SingleBar({ format, hideCursor: true, clearOnComplete: true, etaBuffer: 40, fps: 4 });
  let stage = "";
  const show = (next: string, fraction: number, facts: string): void => {
    if (next !== stage) bar.start(1000, 0, { stage: next, facts });
    stage = next;
    bar.update(Math.round(1000 * fraction), { facts });
  };
  return {
    progress: ({ stage: next, fraction }) => show(next, fraction, ""),
    step: (row) => show("reconstruct", row.fraction, stepText(row)),
    result(lines) {
      bar.stop();
      printLines(lines);
    },
    end: () => bar.stop(),
  };
}

function lineReporter(): Reporter {
  let [stage, pass] = ["", -1];
  return {
    progress({ stage: next }) {
      if (next !== stage) console.error(next);
      stage = next;
    },
    step(row) {
      if (row.pass !== pass) console.error(`${stepText(row)}, ${Math.round(100 * row.fraction)} %`);
      pass = row.pass;
    },
    result: printLines,
    end: () => {},
  };
}

/** A step in a few words. */
export function stepText({ pass, resolutionAngstrom, classWeights, changed, imagesPerSecond }: ProgressRow): string {
  const shares = classWeights.map((w) => Math.round(100 * w)).join("/");
  const facts = [`pass ${pass}`, `${resolutionAngstrom.toFixed(0)} Å`, `classes ${shares} %`];
  return [...facts, `${Math.round(100 * changed)} % changed`, `${Math.round(imagesPerSecond)} images/s`].join(", ");
}
