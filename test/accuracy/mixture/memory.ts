/**
 * @file Memory and speed of one pass over 3,000, 30,000 and 100,000 images (a few, again and again, with new noise).
 *
 * The gate: what the largest set adds to the memory is less than an eighth of its pixels. What is known of an image
 * (poses, posteriors) has to be kept; its pixels have not.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { textTable } from "../../../src/run/text-table.js";
import { GRID } from "../../support/ribosplike.js";
import type { OnePass } from "./memory-child.js";
import { gate, scaled } from "./trial.js";

const COUNTS = [3000, 30_000, 100_000];
/** Of the bytes of an image's pixels. */
const LARGEST_PART = 1 / 8;
const entry = fileURLToPath(new URL("memory-child.ts", import.meta.url));

/** Print a table; true when the gate holds. */
export async function run(): Promise<boolean> {
  const rows: OnePass[] = [];
  for (const count of COUNTS.map(scaled)) {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", entry, String(count)]);
    rows.push(JSON.parse(stdout.trim().split("\n").at(-1)!));
  }
  const head = ["images", "prepare s", "pass s", "CPU-s", "images/s", "peak MB before", "prepared", "at the end"];
  const lines = rows.map(({ count, prepareSeconds, seconds, cpuSeconds, peakMegabytes }) => [
    String(count),
    ...[prepareSeconds, seconds, cpuSeconds, count / seconds, ...peakMegabytes].map((v) => v.toFixed(0)),
  ]);
  for (const line of textTable([head, ...lines])) console.log(`  ${line}`);
  const [first, last] = [rows[0]!, rows.at(-1)!];
  const bytes = ((last.peakMegabytes[2] - first.peakMegabytes[2]) * 2 ** 20) / (last.count - first.count);
  const most = LARGEST_PART * 4 * GRID.box ** 2;
  return gate(
    `an image more adds ${bytes.toFixed(0)} bytes, of its ${4 * GRID.box ** 2} at most ${most}`,
    bytes < most,
  );
}
