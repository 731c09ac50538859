/** @file `iolaus notebook` and `iolaus kernel`: the doors to kernel/. */
import { basename } from "node:path";
import type { Command } from "commander";
import { IolausError } from "../core/errors.js";
import { number } from "./command-reconstruct.js";
import { openKernel } from "./open-kernel.js";
import { untilInterrupted } from "./until-interrupted.js";

interface NotebookFlags {
  readonly out?: string;
  readonly html?: string;
  readonly set?: readonly string[];
  readonly timeout?: number;
  readonly prelude: boolean;
}

export function addNotebook(program: Command): void {
  program
    .command("notebook")
    .description("execute a notebook without Jupyter")
    .argument("<file>", "an .ipynb file of TypeScript cells")
    .option("--out <file>", "the executed notebook (default, without --html: NAME.executed.ipynb here)")
    .option("--html <file>", "a page that needs nothing from outside")
    .option("--set <name=value...>", "other values for the notebook's parameters")
    .option("--no-prelude", "nothing is imported for the cells")
    .option("--timeout <seconds>", "longest time of one cell (default: no limit)", number)
    .action(async (file: string, flags: NotebookFlags) => {
      const { html, timeout } = flags;
      const output = flags.out ?? (html === undefined ? `${basename(file, ".ipynb")}.executed.ipynb` : undefined);
      const { runNotebook } = await openKernel();
      await untilInterrupted((signal) =>
        runNotebook(file, {
          ...(output !== undefined && { output }),
          ...(html !== undefined && { html }),
          ...(timeout !== undefined && { timeoutSeconds: timeout }),
          set: parseSettings(flags.set ?? []),
          prelude: flags.prelude,
          onCell: ({ number, count }) => console.error(`cell ${number} of ${count}`),
          signal,
        }),
      );
      for (const path of [output, html]) if (path !== undefined) console.log(path);
    });
}

/** `name=value` texts as an object. */
export function parseSettings(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text) => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    throw new IolausError("bad-argument", `--set: expected name=value, got ${text}`);
  });
  return Object.fromEntries(pairs);
}

interface KernelFlags {
  readonly prefix?: string;
  readonly system?: boolean;
  readonly prelude?: boolean;
}

export function addKernel(program: Command): void {
  const kernel = program.command("kernel").description("make the kernel known to Jupyter, or forget it");
  const place = (command: Command): Command =>
    command
      .option("--user", "for this user (default)")
      .option("--prefix <folder>", "in FOLDER/share/jupyter, as for a Python environment")
      .option("--system", "for all users");
  place(kernel.command("install").description("write the kernel's description where Jupyter looks"))
    .option("--no-prelude", "cells import iolaus themselves")
    .action(async ({ prefix, system = false, prelude = true }: KernelFlags) => {
      const { installKernel } = await openKernel();
      const { folder, warnings } = installKernel({ ...(prefix !== undefined && { prefix }), system, prelude });
      console.log(folder);
      for (const warning of warnings) console.error(`iolaus: ${warning}`);
    });
  place(kernel.command("uninstall").description("take it away again")).action(
    async ({ prefix, system = false }: KernelFlags) => {
      const { uninstallKernel } = await openKernel();
      const folder = uninstallKernel({ ...(prefix !== undefined && { prefix }), system });
      console.log(folder ?? "no kernel was installed there");
    },
  );
}
