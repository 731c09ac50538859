/**
 * @file Where the images named in a metadata file lie, and what identifies one.
 *
 * RELION names images `000012@Extract/job007/a.mrcs`: the number counts from 1, the path begins at the folder of
 * the project. A path is tried under the given data folder, the folder of the metadata file, three folders above
 * it and the working folder; then its bare name under the first two; at last all these with .mrc for .mrcs or the
 * other way round, since cryoSPARC's stacks end in .mrc and RELION wants .mrcs.
 */
import { existsSync } from "node:fs";
import { basename, dirname, posix, resolve } from "node:path";
import { IolausError } from "../core/errors.js";

/** One image of one stack. */
export interface ImageName {
  /** From 0. */
  readonly index: number;
  /** As written in the file. */
  readonly stack: string;
}

/** Take `rlnImageName` apart; a name without @ is a file of one image. `where` appears in messages only. */
export function parseImageName(name: string, where: string): ImageName {
  const at = name.indexOf("@");
  const number = at < 0 ? 1 : Number(name.slice(0, at));
  const stack = name.slice(at + 1);
  if (Number.isInteger(number) && number >= 1 && stack !== "") return { index: number - 1, stack };
  const got = JSON.stringify(name);
  throw new IolausError("bad-file", `${where}: expected an image as 000001@stack.mrcs, got ${got}; correct the row`);
}

/** The key of an image, whichever way its name was written: `12@Extract/job007/a.mrcs`. */
export function imageKey({ index, stack }: ImageName): string {
  return `${index + 1}@${posix.normalize(stack)}`;
}

/** The file meant by `stack`, named in the metadata file `metadataPath`. */
export function findStack(stack: string, metadataPath: string, dataDir: string | undefined): string {
  const home = dirname(resolve(metadataPath));
  const given = dataDir === undefined ? [] : [dataDir];
  const folders = [...given, home, resolve(home, ".."), resolve(home, "../.."), resolve(home, "../../.."), "."];
  const direct = [
    ...folders.map((folder) => resolve(folder, stack)),
    ...[...given, home].map((folder) => resolve(folder, basename(stack))),
  ];
  const tried = new Set([...direct, ...direct.map(twin)]);
  for (const path of tried) if (existsSync(path)) return path;
  const advice = "pass the folder the paths begin at as dataDir (--data-dir)";
  const message = `${metadataPath}: expected the stack ${stack}, got no such file (tried ${[...tried].join(", ")}); ${advice}`;
  throw new IolausError("bad-file", message);
}

function twin(path: string): string {
  return /\.mrcs$/i.test(path) ? path.slice(0, -1) : path.replace(/\.mrc$/i, "$&s");
}
