/** @file PyTorch beside us: a Python process that makes a step when asked. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { answers } from "../support/other-programs.js";
import type { Step } from "../support/training-steps.js";

const PYTHON = "/usr/bin/python3";

/** Debian's python3-torch. */
export const hasTorch: boolean = answers(PYTHON, "-c", "import torch");

export interface TorchStep {
  /** Make one step; the first number of the result (the loss, where there is one). */
  run(): Promise<number>;
  dispose(): void;
}

export function openTorch({ name, shapes, inputs }: Step, threads: number): TorchStep {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-torch-"));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(shapes));
  for (const [key, values] of Object.entries(inputs)) writeFileSync(join(folder, `${name}.${key}.f32`), values);
  const script = join(import.meta.dirname, "torch_steps.py");
  const child: ChildProcess = spawn(PYTHON, [script, folder, name, String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    run: async () => {
      child.stdin!.write("run\n");
      const { value, done } = await lines.next();
      if (done) throw new Error(`PyTorch's ${name} step ended`);
      return Number(String(value).split(" ")[1]);
    },
    dispose: () => {
      child.stdin!.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
