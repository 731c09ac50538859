import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeAll, expect, test } from "vitest";
import { openRun } from "../../../src/run/open-run.js";
import type { RunHooks } from "../../../src/run/run-loop.js";
import type { RunRequest } from "../../../src/run/run-options.js";
import { simulateFiles } from "../../../src/run/simulate-files.js";
import { superviseRun } from "../../../src/run/supervise.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";

const at = temporaryFolder();
const { particles } = simulateFiles(tinyRecipe(12), { out: at("data") });
const entry = { file: new URL("../../../dist/test/fake-child.mjs", import.meta.url) };

// One file, so that processes start quickly; in dist/, so that package.json lies where it does for dist/run.
beforeAll(async () => {
  const source = fileURLToPath(new URL("../../support/fake-child.ts", import.meta.url));
  const shared = { bundle: true, platform: "node", format: "esm", packages: "external" } as const;
  await build({ ...shared, entryPoints: [source], outfile: fileURLToPath(entry.file) });
});

afterEach(() => {
  for (const name of ["FAKE_STEP_MS", "FAKE_HANG_AT"]) delete process.env[name];
});

function supervise(
  name: string,
  request: Partial<RunRequest> = {},
  hooks: RunHooks = {},
): ReturnType<typeof superviseRun> {
  return superviseRun(particles, { out: at(name), classes: 2, passes: 6, seed: 3, ...request }, hooks, entry);
}

function table(name: string): string {
  return readFileSync(at(name, "particles.csv"), "utf8");
}

test("the caller sees every step and goes on living meanwhile", async () => {
  process.env["FAKE_STEP_MS"] = "20";
  const steps: number[] = [];
  const stages = new Set<string>();
  let beats = 0;
  const heart = setInterval(() => beats++, 10);
  const end = await supervise(
    "seen",
    {},
    { onStep: ({ step }) => steps.push(step), onProgress: ({ stage }) => stages.add(stage) },
  );
  clearInterval(heart);
  expect(end).toBe("done");
  expect(steps).toEqual([...Array(18).keys()].map((i) => i + 1));
  expect([...stages]).toEqual(["prepare"]);
  expect(beats).toBeGreaterThan(30);
});

test("Stop ends it within two seconds with a checkpoint; the kill signal costs one interval; both resume to the same numbers", async () => {
  process.env["FAKE_STEP_MS"] = "30";
  await supervise("whole");

  const stop = new AbortController();
  let asked = 0;
  const onStep: RunHooks["onStep"] = ({ step }) => {
    if (step !== 4) return;
    asked = performance.now();
    stop.abort();
  };
  expect(await supervise("stopped", {}, { signal: stop.signal, onStep })).toBe("stopped");
  expect(performance.now() - asked).toBeLessThan(2000);
  const stopped = openRun(at("stopped")).manifest;
  expect(stopped.status).toBe("stopped");
  expect(stopped.step).toBeGreaterThanOrEqual(4);
  expect(stopped.step).toBeLessThan(18);

  const kill: RunHooks["onStep"] = ({ step }) => {
    if (step === 9) process.kill(openRun(at("killed")).manifest.process!.id, "SIGKILL");
  };
  const killed = supervise("killed", { checkpointSeconds: 0.05 }, { onStep: kill });
  await expect(killed).rejects.toThrow(
    /killed: expected the run to reach its end, got a process that ended with SIGKILL; was memory short\?; go on by resume/,
  );
  const crashed = openRun(at("killed")).manifest;
  expect(crashed).toMatchObject({ status: "failed", reason: "the process ended with SIGKILL" });
  expect(crashed.step).toBeGreaterThanOrEqual(6);

  for (const name of ["stopped", "killed"]) {
    expect(await supervise(name, { resume: true })).toBe("done");
    expect(table(name)).toBe(table("whole"));
  }
});

test("a batch that never ends is cut off by Stop, and the run resumes from the checkpoint before", async () => {
  process.env["FAKE_HANG_AT"] = "7";
  const stop = new AbortController();
  let asked = 0;
  const onStep: RunHooks["onStep"] = ({ step }) => {
    if (step !== 6) return;
    asked = performance.now();
    stop.abort();
  };
  expect(await supervise("hung", { checkpointSeconds: 1e-9 }, { signal: stop.signal, onStep })).toBe("stopped");
  expect(performance.now() - asked).toBeLessThan(2000);
  const { status, step } = openRun(at("hung")).manifest;
  expect([status, step]).toEqual(["stopped", expect.toSatisfy((n: number) => n === 5 || n === 6)]);
  delete process.env["FAKE_HANG_AT"];
  expect(await supervise("hung", { resume: true })).toBe("done");
  expect(table("hung")).toBe(table("whole"));
});

test("a reconstruction that never pauses hears Stop all the same", async () => {
  const stop = new AbortController();
  const onStep: RunHooks["onStep"] = ({ step }) => {
    if (step === 4) stop.abort();
  };
  expect(await supervise("breathless", { passes: 10_000 }, { signal: stop.signal, onStep })).toBe("stopped");
  expect(openRun(at("breathless")).manifest.step).toBeGreaterThanOrEqual(4);
});

test("when the caller dies, the process that computes leaves a checkpoint and ends", async () => {
  process.env["FAKE_STEP_MS"] = "30";
  const child: ChildProcess = fork(fileURLToPath(entry.file), [], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  const request = { out: at("orphan"), classes: 2, passes: 6, seed: 3 };
  const isUnderWay = new Promise<void>((resolve) => {
    child.on("message", (message: { kind: string; row?: { step: number } }) => message.row?.step === 3 && resolve());
  });
  child.send({ kind: "start", particles, request });
  await isUnderWay;
  child.disconnect();
  const isOver = new Promise<boolean>((resolve) => child.on("exit", () => resolve(true)));
  expect(await Promise.race([isOver, setTimeout(5000, false)])).toBe(true);
  expect(openRun(at("orphan")).manifest.status).toBe("stopped");
  expect(openRun(at("orphan")).manifest.step).toBeGreaterThanOrEqual(3);
});

test("an error of the caller's own reaches the caller and ends the process", async () => {
  process.env["FAKE_STEP_MS"] = "30";
  const onStep = (): void => {
    throw new RangeError("mine");
  };
  await expect(supervise("caller", {}, { onStep })).rejects.toThrow(RangeError);
  const { process: owner } = openRun(at("caller")).manifest;
  expect(() => process.kill(owner!.id, 0)).toThrow();
});

test("a refusal comes back with its code and words", async () => {
  const refused = superviseRun("no.star", { out: at("refused") }, {}, entry);
  await expect(refused).rejects.toMatchObject({
    code: "bad-file",
    message: expect.stringContaining("no.star: expected"),
  });
});
