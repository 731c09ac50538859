/** @file `iolaus infer`. */
import type { Command } from "commander";
import { IolausError } from "../core/errors.js";
import { number } from "./command-reconstruct.js";

interface Flags {
  readonly out: string;
  readonly refine: string;
  readonly visits?: number;
  readonly size?: string;
  readonly dataDir?: string;
  readonly pixelSize?: number;
  readonly threads?: number;
  readonly json?: boolean;
}

export function addInfer(program: Command): void {
  program
    .command("infer")
    .description("species, poses and conformations of new particles, by the encoder of a finished run")
    .argument("<run>", "a run folder; its encoder is trained the first time")
    .argument("<particles>", "a RELION .star file, or a bare .mrcs stack where the run has no CTF")
    .requiredOption("--out <folder>", "where the results go: new or empty")
    .option("--refine <how>", "none: one pass of the network; local: one local pose search per image", "none")
    .option("--visits <n>", "images shown to train the encoder (default: 200000)", number)
    .option("--size <name>", "network to train: small, medium or large (default: small)")
    .option("--datadir, --data-dir <folder>", "folder at which the image paths in the .star file begin")
    .option("--pixel-size <Å>", "pixel size of the images; wins over the files", number)
    .option("--threads <n>", "threads (default: 2)", number)
    .option("--json", "one JSON object per line on standard output")
    .action(async (run: string, particles: string, flags: Flags) => {
      const { out, refine, visits, size, dataDir, pixelSize, threads, json = false } = flags;
      if (refine !== "none" && refine !== "local")
        throw new IolausError("bad-argument", `--refine: expected none or local, got ${refine}`);
      const [{ infer }, { reporter }, { classTable }, { textTable }, { untilInterrupted }] = await Promise.all([
        import("./infer-run.js"),
        import("./reporter.js"),
        import("./report.js"),
        import("./text-table.js"),
        import("./until-interrupted.js"),
      ]);
      const report = reporter({ json });
      try {
        const found = await untilInterrupted((signal) =>
          infer(run, particles, {
            ...{ out, refine, signal, onProgress: report.progress },
            ...(visits !== undefined && { visits }),
            ...(size !== undefined && { size: size as "small" }), // the name is checked with the other options
            ...(dataDir !== undefined && { dataDir }),
            ...(pixelSize !== undefined && { pixelSizeAngstrom: pixelSize }),
            ...(threads !== undefined && { threads }),
          }),
        );
        const lines = [...textTable(classTable(found.particles())), found.reportPath];
        report.result(lines, { folder: found.folder, particles: found.starPath, report: found.reportPath });
      } finally {
        report.end();
      }
    });
}
