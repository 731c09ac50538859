/** @file The TypeScript that tslab checks cells with. It is tslab's dependency, so it is asked for from there. */
import { createRequire } from "node:module";
import type typescript from "typescript";

export type TslabCompiler = typeof typescript;

export function tslabCompiler(): TslabCompiler {
  const tslab = createRequire(createRequire(import.meta.url).resolve("tslab"));
  return tslab("@tslab/typescript-for-tslab") as TslabCompiler;
}
