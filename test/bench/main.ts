/** @file `npm run bench -- SUBJECT …`: runs test/bench/SUBJECT.ts; all subjects when none is named. */
import { readdirSync } from "node:fs";

const HELPERS = new Set(["main", "paired", "torch", "bare-transforms"]);
const subjects = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length))
  .filter((name) => !HELPERS.has(name))
  .sort();

const wanted = process.argv.length > 2 ? process.argv.slice(2) : subjects;
const unknown = wanted.filter((name) => !subjects.includes(name));
if (unknown.length > 0) {
  console.error(`bench: expected one of ${subjects.join(", ")}, got ${unknown.join(", ")}`);
  process.exit(2);
}
for (const name of wanted) {
  console.log(`\n# ${name}`);
  const subject = (await import(`./${name}.ts`)) as { readonly run: () => Promise<void> };
  await subject.run();
}
