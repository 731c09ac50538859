/** @file `iolaus analyze`. */
import type { Command } from "commander";
import { number } from "./command-reconstruct.js";

interface Flags {
  readonly out?: string;
  readonly seed?: number;
  readonly segments?: number;
  readonly states?: number;
  readonly json?: boolean;
}

export function addAnalyze(program: Command): void {
  program
    .command("analyze")
    .description("latent analysis of every class of a run: tables, figures, states as selections")
    .argument("<run>", "a run folder")
    .option("--out <folder>", "where to write (default: the folder analysis of the run)")
    .option("--seed <s>", "seed of UMAP and clusters (default: 1)", number)
    .option("--segments <n>", "segments of k-means (default: 6)", number)
    .option("--states <n>", "most Gaussian states tried; BIC chooses (default: 5)", number)
    .option("--json", "one JSON object per line on standard output")
    .action(async (folder: string, { json = false, states, ...same }: Flags) => {
      const [{ openRun }, { analyzeRun }, { reporter }, { textTable }] = await Promise.all([
        import("./open-run.js"),
        import("./analyze.js"),
        import("./reporter.js"),
        import("./text-table.js"),
      ]);
      const report = reporter({ json });
      const found = analyzeRun(openRun(folder), {
        ...same,
        ...(states !== undefined && { mostStates: states }),
        onProgress: (progress) => report.progress(progress),
      });
      const head = ["class", "state", "particles", "95 % interval", "stability"];
      const rows = found.states.map((s) => [
        String(s.class),
        String(s.state),
        String(s.particles),
        `${s.low} to ${s.high}`,
        s.stability.toFixed(2),
      ]);
      const left = found.leftOut.map((k) => `class ${k} left out: rigid, or fewer than 20 particles`);
      report.result([...textTable([head, ...rows]), ...left, `written to ${found.out}`], {
        out: found.out,
        states: found.states,
        leftOut: found.leftOut,
      });
    });
}
