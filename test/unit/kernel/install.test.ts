import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { installKernel, kernelFolder, uninstallKernel } from "../../../kernel/install.js";

afterEach(() => vi.unstubAllEnvs());

test("the kernelspec names this Node.js, the built kernel, and Jupyter's connection file", () => {
  const prefix = mkdtempSync(join(tmpdir(), "kernel-"));
  const { folder } = installKernel({ prefix });
  expect(folder).toBe(join(prefix, "share", "jupyter", "kernels", "iolaus"));
  const spec = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8"));
  expect(spec).toMatchObject({ display_name: "Iolaus (TypeScript)", language: "typescript", interrupt_mode: "signal" });
  expect(spec.argv[0]).toBe(process.execPath);
  expect(existsSync(spec.argv.at(-2))).toBe(true);
  expect(spec.argv.at(-1)).toBe("{connection_file}");
  expect(readFileSync(join(folder, "logo-svg.svg"), "utf8")).toMatch(/^<svg/);
});

test("uninstalling takes away what was installed, and says when there was nothing", () => {
  const prefix = mkdtempSync(join(tmpdir(), "kernel-"));
  const { folder } = installKernel({ prefix });
  expect(uninstallKernel({ prefix })).toBe(folder);
  expect(existsSync(folder)).toBe(false);
  expect(uninstallKernel({ prefix })).toBeNull();
});

test("for a user, JUPYTER_DATA_DIR decides the place", () => {
  vi.stubEnv("JUPYTER_DATA_DIR", "/data/jupyter");
  expect(kernelFolder()).toBe(join("/data/jupyter", "kernels", "iolaus"));
});

test.skipIf(process.platform !== "linux")("on Linux the place is as XDG and Jupyter say", () => {
  vi.stubEnv("JUPYTER_DATA_DIR", "");
  vi.stubEnv("XDG_DATA_HOME", "/home/me/data");
  expect(kernelFolder()).toBe("/home/me/data/jupyter/kernels/iolaus");
  expect(kernelFolder({ system: true })).toBe("/usr/local/share/jupyter/kernels/iolaus");
});

test("a place that cannot be made is refused by name", () => {
  const file = join(mkdtempSync(join(tmpdir(), "kernel-")), "file");
  writeFileSync(file, "");
  expect(() => installKernel({ prefix: file })).toThrow(/file.*: expected a folder that can be made; try --prefix DIR/);
});
