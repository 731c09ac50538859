/**
 * @file Makes `iolaus`, `iolaus/kernel` and the packages Iolaus depends on importable from notebooks in any folder.
 *
 * A package the notebook's own folder can resolve is left alone. The others are lent: the type checker sees them through
 * the compiler's file system, `require` through Node's resolver. Nothing is written to disk.
 */
import { existsSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join } from "node:path";
import { packageManifest, packageRoot } from "./package-root.js";
import { tslabCompiler } from "./tslab-compiler.js";

/** Call before tslab makes its converter. */
export function lendPackages(folder: string): void {
  const lent = lentPackages(folder);
  lendToCompiler(folder, lent);
  lendToRequire(lent);
}

/** Package name → its folder, for each package that `folder` does not see. */
function lentPackages(folder: string): Map<string, string> {
  const names = Object.keys(packageManifest().dependencies);
  const ours = new Map(names.flatMap((name) => entry(name, packageFolder(packageRoot, name))));
  ours.set("iolaus", packageRoot);
  for (const name of ours.keys()) if (packageFolder(folder, name) !== null) ours.delete(name);
  return ours;
}

function entry(name: string, folder: string | null): [string, string][] {
  return folder === null ? [] : [[name, folder]];
}

/** Where `name` is installed as seen from `folder`, without running or resolving its entry point. */
function packageFolder(folder: string, name: string): string | null {
  const parents = createRequire(join(folder, "cell.js")).resolve.paths(name) ?? [];
  return parents.map((parent) => join(parent, name)).find((path) => existsSync(join(path, "package.json"))) ?? null;
}

/**
 * Of TensorFlow.js our declarations name tensors alone; all of it, 600 files, would cost every cell 50 ms. A cell that writes
 * programs imports `@tensorflow/tfjs` itself, and its tensors then have their operations as methods.
 */
const allOfTensorflow = /from "@tensorflow\/tfjs"/;
const tensorAlone = 'from "@tensorflow/tfjs-core/dist/tensor"';

/** The compiler sees lent packages as if links to them stood in the folder's node_modules. */
function lendToCompiler(folder: string, lent: ReadonlyMap<string, string>): void {
  const { sys } = tslabCompiler();
  const { fileExists, directoryExists, readFile, realpath = (path) => path } = sys;
  const slashes = (path: string): string => path.replaceAll("\\", "/");
  const modules = `${slashes(folder)}/node_modules/`;
  const inner = `${slashes(packageRoot)}/node_modules/#iolaus`;
  const follow = (path: string): string => {
    // How kernel/ names src/ (package.json, imports), which old-style resolution does not know.
    if (path.startsWith(inner)) return `${packageRoot}/dist${path.slice(inner.length)}`;
    if (!path.startsWith(modules)) return path;
    const inside = path.slice(modules.length);
    const target = lent.get(packageName(inside));
    return target === undefined ? path : `${target}${inside.slice(packageName(inside).length)}`;
  };
  sys.fileExists = (path) => fileExists(follow(path));
  sys.directoryExists = (path) => directoryExists(follow(path));
  sys.readFile = (path, encoding) => {
    const text = readFile(follow(path), encoding);
    return path.startsWith(`${slashes(packageRoot)}/dist/`) ? text?.replace(allOfTensorflow, tensorAlone) : text;
  };
  sys.realpath = (path) => realpath(follow(path));
}

type Resolve = (request: string, ...rest: unknown[]) => string;

function lendToRequire(lent: ReadonlyMap<string, string>): void {
  const resolver = Module as unknown as { _resolveFilename: Resolve };
  const original = resolver._resolveFilename;
  const ours = createRequire(join(packageRoot, "package.json"));
  resolver._resolveFilename = function (this: unknown, request, ...rest) {
    try {
      return original.call(this, request, ...rest);
    } catch (error) {
      const name = packageName(request);
      const folder = lent.get(name);
      if (folder === undefined) throw error;
      return name === "iolaus" ? ours.resolve(`./${request.slice(name.length)}`) : ours.resolve(request);
    }
  };
}

function packageName(request: string): string {
  return request.split("/", request.startsWith("@") ? 2 : 1).join("/");
}
