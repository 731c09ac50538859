/** @file Versions of Iolaus and of the libraries that decide its numbers. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const LIBRARIES = ["@tensorflow/tfjs", "onnxruntime-node"];

/** Iolaus, Node and the libraries, by name. */
export function packageVersions(): Readonly<Record<string, string>> {
  const libraries = LIBRARIES.map((name) => [name, libraryVersion(name) ?? "absent"]);
  return { iolaus: iolausVersion(), node: process.version, ...Object.fromEntries(libraries) };
}

export function iolausVersion(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}

/** The installed version; null when the library is not installed. */
export function libraryVersion(name: string): string | null {
  const require = createRequire(import.meta.url);
  try {
    return require(`${name}/package.json`).version;
  } catch {
    return null;
  }
}
