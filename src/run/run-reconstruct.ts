/** @file What `iolaus reconstruct` does: Ctrl-C stops with a checkpoint, the end is a table of classes. */

import { findingLines } from "./class-summary.js";
import { reconstruct } from "./reconstruction.js";
import { classTable } from "./report.js";
import { reporter } from "./reporter.js";
import type { ReconstructionOptions } from "./run-options.js";
import { textTable } from "./text-table.js";
import { untilInterrupted } from "./until-interrupted.js";

export async function runReconstruct(particles: string, options: ReconstructionOptions, json: boolean): Promise<void> {
  const report = reporter({ json });
  try {
    const run = await untilInterrupted((signal) =>
      reconstruct(particles, {
        ...options,
        signal,
        onStep: report.step,
        onProgress: (progress) => {
          if (progress.stage !== "reconstruct") report.progress(progress); // steps say more
        },
      }),
    );
    const { status, reason, timings, classes = [] } = run.manifest;
    const lines = [
      ...textTable(classTable(run.particles())),
      ...findingLines(classes.flatMap(({ findings }) => findings)),
      `${status}${reason === undefined ? "" : `: ${reason}`} after ${(timings.computeSeconds / 60).toFixed(1)} min`,
      run.reportPath,
    ];
    report.result(lines, { folder: run.folder, status, report: run.reportPath, particles: run.starPath });
  } finally {
    report.end();
  }
}
