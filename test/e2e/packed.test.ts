import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.js";
import { writeNotebook } from "../support/tiny-notebook.js";

const at = temporaryFolder();
const root = fileURLToPath(new URL("../../", import.meta.url));

/** The package as npm would install it in `modules`, its dependencies beside it. */
function install(modules: string): string {
  mkdirSync(modules, { recursive: true });
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", at()], { cwd: root, encoding: "utf8" }),
  ) as [{ filename: string }];
  execFileSync("tar", ["-xzf", at(filename), "-C", modules]);
  execFileSync("mv", [join(modules, "package"), join(modules, "iolaus")]);
  for (const name of readdirSync(join(root, "node_modules")))
    if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  return join(modules, "iolaus");
}

test("installed from its package, globally or beside a notebook, the kernel is found, named, and runs", () => {
  const installed = install(at("lib", "node_modules"));
  const cli = join(installed, "dist", "run", "cli.js");
  const iolaus = (...args: string[]): string =>
    execFileSync(process.execPath, [cli, ...args], { cwd: at(), encoding: "utf8" });
  const folder = iolaus("kernel", "install", "--prefix", at("jupyter"), "--no-prelude").trim();
  const spec = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8")) as { argv: string[]; env?: object };
  expect(dirname(spec.argv[2]!)).toBe(join(installed, "dist", "kernel"));
  expect(spec.env).toEqual({ IOLAUS_PRELUDE: "off" });
  writeNotebook(at("away.ipynb"), [
    { code: "show(iolaus.median([1, 2, 9]))" },
    // Tensors of our declarations are those of TensorFlow.js, operations and all, once a cell imports it.
    {
      code: 'import * as tf from "@tensorflow/tfjs";\nconst twice: iolaus.Program = ({ x }) => ({ y: x.add(tf.mul(x, 1)) });',
    },
  ]);
  iolaus("notebook", at("away.ipynb"), "--out", at("out.ipynb"));
  expect(readFileSync(at("out.ipynb"), "utf8")).toContain('"text/plain": "2"');
});
