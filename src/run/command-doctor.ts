/** @file `iolaus doctor`. */
import type { Command } from "commander";
import { IolausError } from "../core/errors.js";

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("look at this machine: versions, memory, engines and their speed, Jupyter")
    .option("--json", "one JSON object on standard output")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const [{ examine }, { textTable }, { reporter }] = await Promise.all([
        import("./doctor.js"),
        import("./text-table.js"),
        import("./reporter.js"),
      ]);
      const findings = await examine();
      const lines = textTable(findings.map(({ subject, status, text }) => [status, subject, text]));
      reporter({ json: json ?? false }).result(lines, { findings });
      const problems = findings.filter(({ status }) => status === "problem").map(({ subject }) => subject);
      if (problems.length > 0)
        throw new IolausError("failed", `doctor: expected no problem, got ${problems.join(", ")}`);
    });
}
