/** @file `iolaus simulate`. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { number } from "./command-reconstruct.js";

interface Flags {
  readonly out: string;
  readonly images?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

export function addSimulate(program: Command): void {
  program
    .command("simulate")
    .description(
      "write simulated particles (particles.mrcs, particles.star without poses) and their truth (truth.star)",
    )
    .argument("<recipe>", "a JSON file, or the name of a data set of Iolaus: demo")
    .requiredOption("--out <folder>", "where the files go")
    .option("--images <n>", "images in all (default: the recipe's)", number)
    .option("--seed <s>", "seed (default: the recipe's)", number)
    .option("--json", "one JSON object per line on standard output")
    .action(async (recipe: string, { json, ...options }: Flags) => {
      const [{ readRecipe, simulateFiles }, { reporter }] = await Promise.all([
        import("./simulate-files.js"),
        import("./reporter.js"),
      ]);
      const report = reporter({ json: json ?? false });
      try {
        const files = simulateFiles(readRecipe(recipePath(recipe)), { ...options, onProgress: report.progress });
        report.result(Object.values(files), files);
      } finally {
        report.end();
      }
    });
}

/** The recipe of one of our data sets, unless there is such a file. */
export function recipePath(recipe: string): string {
  const ours = fileURLToPath(new URL(`../../datasets/${recipe}/recipe.json`, import.meta.url));
  return !existsSync(recipe) && /^[\w-]+$/.test(recipe) && existsSync(ours) ? ours : recipe;
}
