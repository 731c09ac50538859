/**
 * @file Where the data made by other programs lies: `../shared/data` beside the repository, or IOLAUS_SHARED_DATA.
 *
 * It is not part of the repository. Tests that read it use `test.skipIf(!hasSharedData)`, so its absence is counted.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const root = process.env["IOLAUS_SHARED_DATA"] ?? resolve(repository, "../shared/data");

/** Whether the folder is there. */
export const hasSharedData: boolean = existsSync(join(root, "README.md"));

/** The path of one of its files: `sharedData("mrcfile", "EMD-3001.map")`. */
export function sharedData(...path: string[]): string {
  return join(root, ...path);
}
