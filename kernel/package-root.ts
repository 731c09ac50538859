/** @file Where Iolaus is installed, found from this file: the same answer from the sources and from the built files. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the package `iolaus`. */
export const packageRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** A built file of kernel/. Other processes always run the built files. */
export function builtFile(name: string): string {
  return join(packageRoot, "dist", "kernel", name);
}

/** `version` and `dependencies` as package.json states them. */
export function packageManifest(): {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
} {
  return readManifest(packageRoot);
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, "package.json")) && readManifest(folder).name === "iolaus") return folder;
  return findRoot(dirname(folder));
}

function readManifest(folder: string): { name?: string; version: string; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
