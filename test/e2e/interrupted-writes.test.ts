import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { writers } from "../support/every-writer.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const program = fileURLToPath(new URL("../support/every-writer.ts", import.meta.url));
const node = ["--import", "tsx", program];
const names = Object.keys(writers);
const KILLS = 6;

/** Both versions of every file, whole. */
const versions = (name: string): Buffer[] => [0, 1].map((v) => readFileSync(folder(`whole-${v}`, name)));

beforeAll(() => {
  for (const v of [0, 1]) {
    mkdirSync(folder(`whole-${v}`));
    for (const name of names) writers[name]!(folder(`whole-${v}`, name), v);
  }
});

test("a file system without space leaves every old file as it was, and nothing half-written", () => {
  mkdirSync(folder("full"));
  for (const name of names) writers[name]!(folder("full", name), 0);
  // Files of more than 300 kB are refused by the system, as on a full disk.
  const limited = `ulimit -f 300; exec "$0" "$@"`;
  const { stdout, status } = spawnSync("bash", ["-c", limited, process.execPath, ...node, folder("full"), "once"], {
    encoding: "utf8",
  });
  expect([status, stdout.trim().split("\n").length]).toEqual([0, names.length]);
  for (const name of names) {
    expect(stdout).toMatch(new RegExp(`${name}: .*${name}: expected to write the file, got EFBIG.*has space`));
    expect(readFileSync(folder("full", name)).equals(versions(name)[0]!)).toBe(true);
  }
  expect(readdirSync(folder("full")).sort()).toEqual([...names].sort());
});

test("a process killed while it writes leaves every file whole: the old one or the new one", async () => {
  mkdirSync(folder("killed"));
  for (const name of names) writers[name]!(folder("killed", name), 0);
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [...node, folder("killed"), "slowly"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    await new Promise((resolve) => setTimeout(resolve, 30 + 40 * kill));
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    for (const name of names) {
      const is = readFileSync(folder("killed", name));
      expect([name, versions(name).some((version) => version.equals(is))]).toEqual([name, true]);
    }
  }
});
