/**
 * @file Puts the kernel where Jupyter looks for kernels, and takes it away again.
 *
 * Only files are written: Jupyter need not be installed, now or ever. Folders as Jupyter documents them
 * (https://docs.jupyter.org/en/latest/use/jupyter-directories.html): `JUPYTER_DATA_DIR`, else by operating system.
 */

import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { IolausError } from "#iolaus/core/errors.js";
import { writeFileAtomic } from "#iolaus/io/atomic.js";
import { kernelName, kernelspec } from "./kernelspec.js";
import { kernelLogo } from "./logo.js";

/** One of `prefix` (PREFIX/share/jupyter, as for a Python environment) and `system` (for all users); else for this user. */
export interface InstallPlace {
  readonly prefix?: string;
  readonly system?: boolean;
}

export interface InstalledKernel {
  /** The kernel's folder, absolute. */
  readonly folder: string;
  /** What would keep the kernel from starting, with what to do; empty when nothing would. */
  readonly warnings: readonly string[];
}

export interface InstallOptions extends InstallPlace {
  /** Cells have `iolaus` and `show` without importing them. @default true */
  readonly prelude?: boolean;
}

/** Write the kernelspec. An older one of ours is replaced. */
export function installKernel({ prelude = true, ...place }: InstallOptions = {}): InstalledKernel {
  const folder = kernelFolder(place);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new IolausError("bad-argument", `${folder}: expected a folder that can be made; try --prefix DIR`, { cause });
  }
  writeFileAtomic(join(folder, "kernel.json"), `${JSON.stringify(kernelspec(prelude), null, 2)}\n`);
  writeFileAtomic(join(folder, "logo-svg.svg"), kernelLogo);
  return { folder, warnings: kernelWarnings() };
}

/** Remove the kernelspec. Returns its folder, or null if there was none. */
export function uninstallKernel(place: InstallPlace = {}): string | null {
  const folder = kernelFolder(place);
  if (!existsSync(join(folder, "kernel.json"))) return null;
  rmSync(folder, { recursive: true });
  return folder;
}

/** Where the kernelspec stands, or would stand. */
export function kernelFolder({ prefix, system = false }: InstallPlace = {}): string {
  const data = prefix !== undefined ? join(resolve(prefix), "share", "jupyter") : system ? systemData() : userData();
  return join(data, "kernels", kernelName);
}

/** Reasons why the kernel would not start under Jupyter. The headless runner needs none of this. */
export function kernelWarnings(): string[] {
  const warnings: string[] = [];
  try {
    createRequire(createRequire(import.meta.url).resolve("tslab"))("zeromq");
  } catch {
    warnings.push(
      "ZeroMQ's native part does not load, so Jupyter cannot start the kernel; run `npm rebuild zeromq` where iolaus is installed",
    );
  }
  if (/[\\/]_npx[\\/]/.test(import.meta.url))
    warnings.push(
      "iolaus runs from npx's cache, which npm may empty; run `npm install iolaus` and install the kernel from there",
    );
  return warnings;
}

function userData(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA } = process.env;
  if (JUPYTER_DATA_DIR) return resolve(JUPYTER_DATA_DIR);
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (process.platform === "win32") return join(APPDATA ?? join(homedir(), "AppData", "Roaming"), "jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

function systemData(): string {
  if (process.platform === "win32") return join(process.env["PROGRAMDATA"] ?? "C:\\ProgramData", "jupyter");
  return "/usr/local/share/jupyter";
}
