import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { installKernel, kernelWarnings } from "../../kernel/install.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { answers } from "../support/other-programs.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const python = "/usr/bin/python3";
const isAvailable = answers(python, "-c", "import jupyter_client") && kernelWarnings().length === 0;

/** What test/support/drive-kernel.py saw: one notebook session, driven as Jupyter drives it. */
interface Seen {
  readonly first: readonly [string, number, readonly string[]];
  readonly flood: boolean;
  readonly completion: readonly string[];
  readonly inspection: string;
  readonly optionCompletion: readonly string[];
  readonly error: readonly [string, string, readonly (readonly string[])[]];
  readonly afterError: readonly [string, string];
  readonly panelUpdates: number;
  readonly stop: Ended & { readonly step: number; readonly checkpoint: boolean; readonly error: string };
  readonly stopOther: { readonly seconds: number; readonly error: string };
  readonly meanwhileSeconds: number;
  readonly resumedFrom: number;
  readonly attached: number;
  readonly attachedStop: Ended;
  readonly stopCall: Ended & { readonly reply: string };
  readonly restart: Ended & { readonly on: boolean; readonly forgot: boolean };
}

interface Ended {
  readonly seconds: number;
  /** Seconds until the process that computes was gone, after the answer; null: it was still there after two. */
  readonly gone: number | null;
  readonly status: string;
}

let seen: Seen;

beforeAll(async () => {
  if (!isAvailable) return;
  const { particles } = simulateFiles(tinyRecipe(60), { out: at("data") });
  installKernel({ prefix: at("prefix") });
  const script = fileURLToPath(new URL("../support/drive-kernel.py", import.meta.url));
  const env = { ...process.env, JUPYTER_PATH: at("prefix", "share", "jupyter"), NODE_OPTIONS: "" };
  const { stdout } = await promisify(execFile)(python, [script, at(), particles], { env, timeout: 240_000 });
  seen = JSON.parse(stdout.trim().split("\n").at(-1)!);
}, 250_000);

test.skipIf(!isAvailable)("the first cell has iolaus without importing it, its number, and its last expression", () => {
  expect(seen.first).toEqual(["42\n", 1, ["status", "execute_input", "stream", "status"]]);
});

test.skipIf(!isAvailable)("5,000 lines in one burst arrive, in order", () => {
  expect(seen.flood).toBe(true);
});

test.skipIf(!isAvailable)("completion knows functions and options, inspection shows the docstring", () => {
  expect(seen.completion).toContain("reconstruct");
  expect(seen.optionCompletion).toEqual(["classes", "mostClasses"]);
  expect(seen.inspection).toContain("Find species, poses, conformations and maps of the particles");
});

test.skipIf(!isAvailable)("an error is our sentence, without our stack, and --allow-errors loses no cell", () => {
  const [name, message, [traceback]] = seen.error;
  expect([name, message]).toEqual(["IolausError", expect.stringMatching(/^none\.mrc: expected a readable file/)]);
  expect(traceback![0]).toBe(`IolausError: ${message}`);
  expect(traceback!.join("\n")).not.toMatch(/\.js:|node_modules/);
  expect(seen.afterError).toEqual(["ok", "goes on\n"]);
});

test.skipIf(!isAvailable)(
  "Stop ends the run a cell waits for within 2 s with a checkpoint, and says how to go on",
  () => {
    expect(seen.panelUpdates).toBeGreaterThan(1);
    expect(seen.stop).toMatchObject({ gone: expect.any(Number), status: "stopped", checkpoint: true });
    expect(seen.stop.seconds + seen.stop.gone!).toBeLessThan(2);
    expect(seen.stop.step).toBeGreaterThan(0);
    expect(seen.stop.error).toBe("run: stopped as asked; go on by resume (--resume)");
  },
);

test.skipIf(!isAvailable)("Stop ends a cell that waits for something else", () => {
  expect(seen.stopOther.error).toBe("Interrupted");
  expect(seen.stopOther.seconds).toBeLessThan(1);
});

test.skipIf(!isAvailable)("a run that no cell waits for leaves the notebook free; a later cell attaches to it", () => {
  expect(seen.resumedFrom).toBe(1);
  expect(seen.meanwhileSeconds).toBeLessThan(1); // 0.1 s on a machine with nothing else to do: npm run bench -- kernel
  expect(seen.attached).toBeGreaterThan(0);
  expect(seen.attachedStop).toMatchObject({ gone: expect.any(Number), status: "stopped" });
});

test.skipIf(!isAvailable)(
  "run.stop() and a restart of the kernel end the process within 2 s, stopped in good order",
  () => {
    expect(seen.stopCall).toMatchObject({ gone: expect.any(Number), status: "stopped", reply: "ok" });
    expect(seen.stopCall.seconds).toBeLessThan(2);
    expect(seen.restart).toMatchObject({ gone: expect.any(Number), status: "stopped", on: true, forgot: true });
  },
);
