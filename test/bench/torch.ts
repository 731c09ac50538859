/** @file PyTorch beside us: a Python process that makes a step when asked. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
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

/**
 * OpenBLAS takes the kernels of the processors that it knows; on newer ones it may fall back to those of the oldest, at a
 * tenth of their speed. The fastest kind is named to it then.
 */
const KINDS: readonly (string | undefined)[] = [undefined, "Haswell", "Zen", "SkylakeX", "Cooperlake"];
const PRODUCT = `
import time, torch
torch.set_num_threads(1)
a = torch.ones(768, 768)
times = []
for _ in range(8):
    start = time.perf_counter()
    a @ a
    times.append(time.perf_counter() - start)
print(min(times))
`;

function environment(threads: number, kind: string | undefined): NodeJS.ProcessEnv {
  return {
    ...process.env,
    OMP_NUM_THREADS: String(threads),
    // Else the threads of OpenMP and those of OpenBLAS wait for each other's cores: two threads are slower than one.
    OMP_WAIT_POLICY: "passive",
    OPENBLAS_NUM_THREADS: String(threads),
    ...(kind === undefined ? {} : { OPENBLAS_CORETYPE: kind }),
  };
}

let fastestKind: { readonly kind: string | undefined } | undefined;

function openBlasKind(): string | undefined {
  if (fastestKind === undefined) {
    const seconds = KINDS.map((kind) => {
      const { stdout } = spawnSync(PYTHON, ["-c", PRODUCT], { env: environment(1, kind), encoding: "utf8" });
      return Number(stdout) || Infinity; // a processor that lacks the instructions ends the process
    });
    fastestKind = { kind: KINDS[seconds.indexOf(Math.min(...seconds))] };
  }
  return fastestKind.kind;
}

export function openTorch({ name, shapes, inputs }: Step, threads: number): TorchStep {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-torch-"));
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(shapes));
  for (const [key, values] of Object.entries(inputs)) writeFileSync(join(folder, `${name}.${key}.f32`), values);
  const script = join(import.meta.dirname, "torch_steps.py");
  const child: ChildProcess = spawn(PYTHON, [script, folder, name, String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: environment(threads, openBlasKind()),
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
