import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { softwareGpuAvailable, softwareGpuEnvironment } from "../../support/software-gpu.js";

const root = `${import.meta.dirname}/../../..`;

test.skipIf(!softwareGpuAvailable)(
  "one step of field, encoder and search on webgpu is the CPU's, and auto does not take its driver for a GPU",
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "test/support/webgpu-child.ts"],
      { cwd: root, env: { ...process.env, ...softwareGpuEnvironment }, maxBuffer: 1e8 },
    );
    const { errors, auto } = JSON.parse(stdout.trim().split("\n").at(-1)!);
    expect(Object.keys(errors)).toEqual(["field", "encoder", "score"]);
    for (const [step, results] of Object.entries(errors as Record<string, Record<string, number>>)) {
      expect(Object.keys(results).length, step).toBeGreaterThan(0);
      for (const [name, error] of Object.entries(results)) expect(error, `${step}: ${name}`).toBeLessThan(1e-4);
    }
    expect(auto.engine).toBe("cpu");
    expect(auto.reason).toContain("it is not a GPU");
  },
  300_000, // SwiftShader compiles its shaders on the CPU
);
