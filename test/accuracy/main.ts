/** @file `npm run accuracy [-- SUBJECT]`: scientific figures of merit, printed by the code that gates them. */
import { run as ablation } from "./ablation.js";
import { run as apoferritin } from "./apoferritin.js";
import { run as conformations } from "./conformations.js";
import { run as demo } from "./demo.js";
import { run as encoder } from "./encoder.js";
import { run as mixture } from "./mixture.js";
import { run as paper } from "./paper.js";
import { run as pose } from "./pose.js";

const subjects: Readonly<Record<string, () => Promise<boolean>>> = {
  ablation,
  apoferritin,
  conformations,
  demo,
  encoder,
  mixture,
  paper,
  pose,
};
const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(subjects)) {
  const subject = subjects[name];
  if (subject === undefined) {
    console.error(`accuracy: expected one of ${Object.keys(subjects).join(", ")}, got ${name}`);
    process.exit(2);
  }
  console.log(`# ${name}`);
  if (!(await subject())) process.exitCode = 1;
}
