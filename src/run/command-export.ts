/** @file `iolaus export`. */
import { type Command, InvalidArgumentError } from "commander";
import { number } from "./command-reconstruct.js";
import type { ExportRunOptions } from "./export-run.js";

interface Flags {
  readonly to: string;
  readonly class?: readonly number[];
  readonly minProbability?: number;
  readonly selection?: string;
  readonly fill: boolean;
  readonly dropUnusedOptics?: boolean;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addExport(program: Command): void {
  program
    .command("export")
    .description("write particles of a run as a file that RELION, cryoSPARC or cryoDRGN reads")
    .argument("<run>", "a run folder")
    .requiredOption("--to <file>", "its ending says what: .star .cs pose.pkl ctf.pkl ind.pkl .mrcs .txt")
    .option("--class <k>", "particles of class k (from 1), or of several: 1,3", classes)
    .option("--min-probability <p>", "only those whose class is at least this probable", number)
    .option("--selection <file>", "only those listed: a saved selection (.json), keys (.txt) or indices (.pkl)")
    .option("--no-fill", "leave poses and classes as they were in the input")
    .option("--drop-unused-optics", "drop optics groups without particles (numbers do not change)")
    .option("--datadir, --data-dir <folder>", "folder at which the image paths in the input begin")
    .option("--json", "one JSON object on standard output")
    .action(async (run: string, flags: Flags) => {
      const [{ exportRun }, { reporter }] = await Promise.all([import("./export-run.js"), import("./reporter.js")]);
      const done = await exportRun(run, optionsOf(flags));
      reporter({ json: flags.json ?? false }).result([`${done.count} particles → ${done.files.join(", ")}`], done);
    });
}

function optionsOf(flags: Flags): ExportRunOptions {
  const { class: chosen, dropUnusedOptics, json: _, ...same } = flags;
  return { ...same, ...(chosen && { classes: chosen }), ...(dropUnusedOptics && { unusedOptics: "drop" }) };
}

function classes(text: string): number[] {
  const list = text.split(",").map(Number);
  if (list.every((k) => Number.isInteger(k) && k >= 1)) return list;
  throw new InvalidArgumentError("Expected class numbers from 1: 2, or 1,3.");
}
