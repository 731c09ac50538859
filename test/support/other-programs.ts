/** @file Programs of others, used as judges where they are installed. Tests without them are skipped, and counted so. */
import { spawnSync } from "node:child_process";

/** Whether the command runs and says yes. */
export function answers(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** Run to the end; its standard output. Throws with its words when it fails. */
export function run(command: string, args: readonly string[], folder?: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", ...(folder ? { cwd: folder } : {}) });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** RELION, Debian package `relion`. */
export const hasRelion: boolean =
  answers("relion_reconstruct", "--version") && answers("relion_star_handler", "--version");

/** mrcfile, Debian package `python3-mrcfile`; null where no Python has it. */
export const pythonWithMrcfile: string | null =
  ["python3", "/usr/bin/python3"].find((python) => answers(python, "-c", "import mrcfile")) ?? null;

/** Pythons that have NumPy (with python3-mrcfile comes one); NumPy 1 and 2 name their modules differently. */
export const pythonsWithNumpy: readonly string[] = ["/usr/bin/python3", "python3"].filter((python) =>
  answers(python, "-c", "import numpy"),
);
