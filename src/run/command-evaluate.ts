/** @file `iolaus evaluate`. */
import type { Command } from "commander";

export function addEvaluate(program: Command): void {
  program
    .command("evaluate")
    .description("compare a run with the truth: species, poses, conformations")
    .argument("<run>", "a run folder")
    .requiredOption("--truth <file>", "truth.star of a simulation, or any .star file with poses and classes")
    .option("--json", "one JSON object on standard output")
    .action(async (folder: string, { truth, json }: { readonly truth: string; readonly json?: boolean }) => {
      const [{ openRun }, { readTruth }, { evaluate }, { evaluationLines }, { reporter }] = await Promise.all([
        import("./open-run.js"),
        import("./truth.js"),
        import("./evaluate.js"),
        import("./evaluation-text.js"),
        import("./reporter.js"),
      ]);
      const evaluation = evaluate(openRun(folder).particles(), readTruth(truth));
      reporter({ json: json ?? false }).result(evaluationLines(evaluation), evaluation);
    });
}
