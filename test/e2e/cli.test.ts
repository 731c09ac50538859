import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createStackWriter } from "../../src/io/mrc-stack.js";
import { openParticles } from "../../src/io/particles.js";
import { simulateFiles } from "../../src/run/simulate-files.js";
import { folderHash } from "../support/folder-hash.js";
import { mrcBytes } from "../support/mrc-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { tinyRecipe } from "../support/tiny-recipe.js";

const at = temporaryFolder();
const cli = fileURLToPath(new URL("../../dist/run/cli.js", import.meta.url));
const { particles } = simulateFiles(tinyRecipe(6), { out: at("data") });

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function iolaus(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: at() }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

/** A copy of the particle files with something wrong. */
function spoilt(name: string, spoil: (folder: string) => void): string {
  cpSync(at("data"), at(name), { recursive: true });
  spoil(at(name));
  return at(name, "particles.star");
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

const noCtf = spoilt("no-ctf", (folder) => {
  edit(`${folder}/particles.star`, (text) => text.replaceAll("rlnDefocus", "rlnFocus"));
});
const shortStack = spoilt("short", (folder) => {
  const writer = createStackWriter(`${folder}/particles.mrcs`, { box: 32, pixelSizeAngstrom: 9 });
  for (let i = 0; i < 5; i++) writer.append(new Float32Array(32 * 32));
  writer.close();
});
const cutStack = spoilt("cut", (folder) => truncateSync(`${folder}/particles.mrcs`, 1024 + 5.5 * 4096));
const oddBox = spoilt("odd", (folder) => {
  writeFileSync(`${folder}/particles.mrcs`, mrcBytes({ n: [31, 31, 6], values: new Float32Array(31 * 31 * 6) }));
});
const nanImage = spoilt("nan", (folder) => {
  const bytes = readFileSync(`${folder}/particles.mrcs`);
  bytes.writeFloatLE(Number.NaN, 1024 + 3 * 4096 + 40);
  writeFileSync(`${folder}/particles.mrcs`, bytes);
});

const refusals: [name: string, args: string[], says: RegExp][] = [
  ["a missing file", [at("none.star")], /none\.star: expected a readable file, got ENOENT.*; check the path/],
  [
    "a STAR file without CTF columns",
    [noCtf],
    /no-ctf\/particles\.star: expected the CTF columns .* without rlnDefocusU; .*--ctf none/,
  ],
  [
    "a stack shorter than its STAR file",
    [shortStack],
    /short\/particles\.star: expected at least 6 images in .*particles\.mrcs, got 5; /,
  ],
  ["a stack that was cut", [cutStack], /cut\/particles\.mrcs: expected .*; /],
  ["images of odd box", [oddBox], /odd\/particles\.mrcs: expected square images with an even side, got 31×31; /],
  ["an odd working box", [particles, "--box", "25"], /box: expected an even number of pixels, got 25/],
  [
    "a working box beyond the images",
    [particles, "--box", "64"],
    /box: expected an even side from 16 to 32 pixels, got 64/,
  ],
  [
    "a NaN image",
    [nanImage],
    /nan\/particles\.star, image 4 \(4@particles\.mrcs\): expected finite pixels .* got NaN.*; remove/,
  ],
  ["no classes", [particles, "--classes", "0"], /classes: expected a whole number of at least 1, got 0/],
  [
    "more classes than images",
    [particles, "--classes", "7"],
    /classes: expected at most the number of images, 6, got 7/,
  ],
  ["half a class", [particles, "--classes", "1.5"], /classes: expected a whole number of at least 1, got 1\.5/],
  ["text for a number", [particles, "--seed", "x"], /option '--seed <s>' argument 'x' is invalid\. Expected a number/],
  [
    "an engine that does not exist here",
    [particles, "--engine", "webgpu"],
    /engine: expected "auto" or "cpu", got webgpu; this version/,
  ],
  [
    "a schedule that does not exist",
    [particles, "--schedule", "best"],
    /schedule: expected "default" or "paper", got best/,
  ],
  ["an option that does not exist", [particles, "--clases", "2"], /unknown option '--clases'/],
  [
    "a diameter beyond the image",
    [particles, "--diameter", "999"],
    /diameter: expected a length up to the side of the images, 288 Å, got 999/,
  ],
  [
    "nothing to resume",
    [particles, "--resume"],
    /none-yet-\d+: expected the folder of a run, got no such folder|without run\.json/,
  ],
];

test.concurrent.each(refusals)("%s: exit code 2, one sentence, no folder left", async (name, args, says) => {
  const out = at(`none-yet-${refusals.findIndex(([n]) => n === name)}`);
  const { code, out: printed, err } = await iolaus("reconstruct", ...args, "--out", out);
  expect(
    err
      .trim()
      .split("\n")
      .filter((line) => line !== "prepare"),
  ).toHaveLength(1);
  expect(err).toMatch(/^(prepare\n)?iolaus: /);
  expect(err).toMatch(says);
  expect([code, printed]).toEqual([2, ""]);
  expect(existsSync(out)).toBe(false);
});

test.concurrent("a folder that cannot be made is refused by name", async () => {
  for (const out of ["/proc/iolaus", `${particles}/run`]) {
    const { code, err } = await iolaus("reconstruct", particles, "--out", out);
    expect(code).toBe(2);
    expect(err).toMatch(
      new RegExp(`^iolaus: ${out}: expected a folder that can be made, got .*; choose another folder as out`),
    );
  }
});

test.concurrent("a run that is there is not overwritten without --resume", async () => {
  mkdirSync(at("there"));
  writeFileSync(at("there", "run.json"), JSON.stringify({ kind: "iolaus-run", status: "done" }));
  writeFileSync(at("there", "particles.csv"), "precious");
  const before = folderHash(at("there"));
  const { code, err } = await iolaus("reconstruct", particles, "--out", at("there"));
  expect(code).toBe(2);
  expect(err).toMatch(/^iolaus: .*there: expected a new or empty folder, got a run that is done; .*--resume.*--out/);
  expect(folderHash(at("there"))).toEqual(before);
});

test.concurrent("an empty folder that was there stays, empty, when the run cannot begin", async () => {
  mkdirSync(at("empty"));
  const { code } = await iolaus("reconstruct", nanImage, "--out", at("empty"));
  expect(code).toBe(2);
  expect(folderHash(at("empty"))).toEqual({});
});

test.concurrent("--help is there for every command, on standard output, with exit code 0", async () => {
  const commands = [
    [],
    ["simulate"],
    ["reconstruct"],
    ["evaluate"],
    ["notebook"],
    ["kernel", "install"],
    ["kernel", "uninstall"],
    ["doctor"],
  ];
  for (const command of commands) {
    const { code, out, err } = await iolaus(...command, "--help");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^Usage: iolaus /);
  }
});

test.concurrent("simulate writes what openParticles reads, and refuses to do it twice", async () => {
  const { code, out } = await iolaus("simulate", "demo", "--out", at("sim"), "--images", "4", "--seed", "9", "--json");
  expect(code).toBe(0);
  const result = JSON.parse(out.trim().split("\n").at(-1)!);
  expect(result).toMatchObject({ event: "result", particles: at("sim", "particles.star") });
  const source = await openParticles(result.particles);
  expect([source.count, source.box]).toEqual([4, 48]);
  source.close();
  const again = await iolaus("simulate", "demo", "--out", at("sim"), "--images", "4");
  expect([again.code, again.err]).toEqual([2, expect.stringContaining("expected no such file yet")]);
  const none = await iolaus("simulate", "nothing.json", "--out", at("sim2"));
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("iolaus: nothing.json: expected a readable file")]);
});

test.concurrent("kernel install and uninstall name the folder", async () => {
  const installed = await iolaus("kernel", "install", "--prefix", at("prefix"));
  expect([installed.code, installed.out.trim()]).toEqual([0, at("prefix", "share/jupyter/kernels/iolaus")]);
  expect(existsSync(at("prefix", "share/jupyter/kernels/iolaus/kernel.json"))).toBe(true);
  const gone = await iolaus("kernel", "uninstall", "--prefix", at("prefix"));
  expect([gone.code, existsSync(at("prefix", "share/jupyter/kernels/iolaus"))]).toEqual([0, false]);
});

test.concurrent("doctor finds an engine that computes", async () => {
  const { code, out } = await iolaus("doctor", "--json");
  const { findings } = JSON.parse(out) as { findings: { subject: string; status: string; text: string }[] };
  const engine = findings.find(({ subject }) => subject === "engine cpu")!;
  expect([code, engine.status]).toEqual([0, "ok"]);
  expect(Number.parseFloat(engine.text)).toBeGreaterThan(1);
});
