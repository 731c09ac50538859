import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import papaparse from "papaparse";
import { beforeAll, expect, test, vi } from "vitest";
import type { Volume } from "../../../src/core/types.js";
import { readPreparedFacts } from "../../../src/imaging/prepared-cache.js";
import { readVolume } from "../../../src/io/mrc.js";
import { reconstructMixture } from "../../../src/mixture/reconstruct.js";
import { addVolumes } from "../../../src/run/command-volumes.js";
import { prepareProgram, runProgram } from "../../../src/run/exit-code.js";
import { openRun, type Run } from "../../../src/run/open-run.js";
import { runLoop } from "../../../src/run/run-loop.js";
import { volumeAt, volumesAlong } from "../../../src/run/volumes-along.js";
import { writeVolumes } from "../../../src/run/write-volumes.js";
import { putFields } from "../../support/field-checkpoint.js";
import { readGif } from "../../support/gif-bytes.js";
import { fieldOfPoints } from "../../support/known-fields.js";
import { knownRun, knownSet } from "../../support/known-run.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";

const BOX = 16;
const PIXEL = 18;
const POINT = [3, -2, 1] as const;
const at = temporaryFolder();
const set = knownSet(tinyRecipe(90, { box: BOX, pixelSizeAngstrom: PIXEL }), at("data"));
let run: Run;

/** A run whose first two classes are a unit point each, and one of weight z1 in the middle; the third was never fitted. */
beforeAll(async () => {
  run = await knownRun(set, at("run"));
  putFields(run, [fieldOfPoints([POINT], 1), fieldOfPoints([[0, 0, 4]], 1), fieldOfPoints([POINT], 1)], [2]);
});

/** What the map is at a voxel (from the middle): the sum over the transform's ball, written out. */
function expected(voxel: readonly number[], z: number): number {
  const { noiseSigma, signalEnvelope } = readPreparedFacts(at("run", "prepared.f32"))!;
  const radius = run.progress().at(-1)!.radius;
  const gain = (r: number): number => {
    const [below, above] = [Math.floor(r), Math.min(BOX / 2 - 1, Math.floor(r) + 1)];
    const of = (s: number): number => signalEnvelope[s]! * noiseSigma[s]!;
    return of(below) + (r - below) * (of(above) - of(below));
  };
  let sum = 0;
  for (let kz = -7; kz <= 7; kz++)
    for (let ky = -7; ky <= 7; ky++)
      for (let kx = -7; kx <= 7; kx++) {
        const r = Math.hypot(kx, ky, kz);
        if (r > radius) continue;
        const wave = (p: readonly number[]): number =>
          Math.cos((2 * Math.PI * [kx, ky, kz].reduce((s, k, a) => s + k * (voxel[a]! - p[a]!), 0)) / BOX);
        sum += gain(r) * (wave(POINT) + z * wave([0, 0, 0]));
      }
  return sum / BOX ** 2;
}

function valueAt({ values }: Volume, [x, y, z]: readonly number[]): number {
  return values[((z! + BOX / 2) * BOX + y! + BOX / 2) * BOX + x! + BOX / 2]!;
}

test("a map at z is the field at z, in the units of the images and their pixels", async () => {
  const maps: Volume[] = [];
  for await (const map of volumesAlong(run, 1, [[0], [1.5], [-1]])) maps.push(map);
  expect(maps.map(({ box, pixelSizeAngstrom }) => [box, pixelSizeAngstrom])).toEqual(new Array(3).fill([BOX, PIXEL]));
  for (const voxel of [POINT, [0, 0, 0], [-3, 5, 2]])
    for (const [i, z] of [0, 1.5, -1].entries()) {
      const value = expected(voxel, z);
      expect(Math.abs(valueAt(maps[i]!, voxel) - value)).toBeLessThan(1e-4 * Math.abs(expected(POINT, 0)));
    }
  const other = await volumeAt(run, 2, [0]);
  expect(other.values.indexOf(other.values.reduce((a, b) => Math.max(a, b)))).toBe((12 * BOX + 8) * BOX + 8);
});

test("a class whose motion was never learnt is its class map everywhere", async () => {
  expect((await volumeAt(run, 3, [2])).values).toEqual(run.volumes()[2]!.values);
});

test("a class or a z that the run has not is refused", async () => {
  await expect(volumeAt(run, 4, [0])).rejects.toThrow("classNumber: expected a class from 1 to 3, got 4");
  await expect(volumeAt(run, 1, [0, 0])).rejects.toThrow("z: expected at most 1 numbers, got 2");
});

test("maps along an axis are files with the right pixels, a table says at which z, and the movie has them all", async () => {
  const out = at("axis");
  const written = await writeVolumes(run, 1, { out, frames: 4, movie: { kind: "slices" } });
  expect(readdirSync(out).sort()).toEqual([
    ...["frame_01.mrc", "frame_02.mrc", "frame_03.mrc", "frame_04.mrc"],
    ...["frames.csv", "movie.gif"],
  ]);
  const { data } = papaparse.parse<Record<string, string>>(readFileSync(at("axis", "frames.csv"), "utf8"), {
    header: true,
    skipEmptyLines: true,
  });
  const own = Array.from(set.particles.assignments.z).filter((_, i) => set.particles.assignments.classes[i] === 0);
  own.sort((a, b) => a - b);
  const quantile = (q: number): number => own[Math.round(q * (own.length - 1))]!;
  expect(data.map(({ frame, file }) => [frame, file])).toEqual(written.files.map((file, f) => [String(f + 1), file]));
  expect(Number(data[0]!["z1"])).toBeCloseTo(quantile(0.05), 5);
  expect(Number(data[3]!["z1"])).toBeCloseTo(quantile(0.95), 5);
  for (const { file, z1 } of data) {
    const map = readVolume(at("axis", file!));
    expect(map.pixelSizeAngstrom).toBeCloseTo(PIXEL, 4);
    expect(valueAt(map, [0, 0, 0])).toBeCloseTo(expected([0, 0, 0], Number(z1)), 3);
  }
  expect(readGif(readFileSync(at("axis", "movie.gif"))).frames).toHaveLength(6);
});

test("what fails leaves the folder as it was, and what a folder holds is not touched", async () => {
  mkdirSync(at("full"));
  writeFileSync(at("full", "thesis.txt"), "");
  await expect(writeVolumes(run, 1, { out: at("full") })).rejects.toThrow(
    /full: expected a new or empty folder, got one that holds thesis\.txt; choose another folder as out \(--out\)/,
  );
  expect(readdirSync(at("full"))).toEqual(["thesis.txt"]);
  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  await expect(writeVolumes(run, 1, { out: at("new"), onProgress, signal: stop.signal })).rejects.toThrow(
    /cancelled|stopped/,
  );
  expect(existsSync(at("new"))).toBe(false);
  mkdirSync(at("empty"));
  const again = new AbortController();
  const refused = writeVolumes(run, 1, { out: at("empty"), onProgress: () => again.abort(), signal: again.signal });
  await expect(refused).rejects.toThrow();
  expect(readdirSync(at("empty"))).toEqual([]);
});

async function iolaus(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const [out, err]: [string[], string[]] = [[], []];
  const log = vi.spyOn(console, "log").mockImplementation((line) => void out.push(String(line)));
  const error = vi.spyOn(console, "error").mockImplementation((line) => void err.push(String(line)));
  const program = prepareProgram(new Command("iolaus")).configureOutput({ writeErr: (text) => void err.push(text) });
  addVolumes(program);
  try {
    return { code: await runProgram(program, ["node", "iolaus", "volumes", ...args]), out, err };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

test("the command goes to places, negative ones too, and between particles; --json says what was written", async () => {
  const places = await iolaus(at("run"), "--class", "1", "--z", "-0.5", "--z", "2", "--out", at("places"), "--json");
  expect(places.code).toBe(0);
  expect(JSON.parse(places.out.at(-1)!)).toMatchObject({
    ...{ event: "result", files: ["frame_01.mrc", "frame_02.mrc"], box: BOX, pixelSizeAngstrom: PIXEL },
    z: [[-0.5], [2]],
  });
  const { classes, z } = set.particles.assignments;
  const [from, to] = [classes.indexOf(1), classes.lastIndexOf(1)];
  const ends = ["--from", String(from), "--to", set.particles.keys[to]!];
  const between = await iolaus(
    ...[at("run"), "--class", "2", ...ends, "--frames", "3", "--movie", "--out", at("between"), "--json"],
  );
  expect(between.code).toBe(0);
  const said = JSON.parse(between.out.at(-1)!) as { z: number[][]; movie: string };
  expect(said.movie).toBe(at("between", "movie.gif"));
  expect(said.z[0]![0]).toBeCloseTo(z[from]!, 6);
  expect(said.z[2]![0]).toBeCloseTo(z[to]!, 6);
  const told = await iolaus(at("run"), "--class", "1", "--frames", "2", "--out", at("told"));
  expect(told.out).toEqual([`2 maps of 16³ voxels of 18 Å in ${at("told")}`]);
});

test.each([
  ["two ways at once", ["--axis", "1", "--z", "0"], "--axis, --from and --z: expected one of them, got several"],
  ["half a way", ["--from", "1"], "--from and --to: expected both, got one"],
  ["a z that is none", ["--z", "a"], "Expected numbers with commas between"],
  ["a movie of something", ["--movie", "film"], "--movie: expected surface or slices, got film"],
  ["a line between nothing", ["--axis", "1", "--straight"], "--straight: expected --from and --to"],
  ["frames of places", ["--z", "0", "--frames", "3"], "--frames: expected a way along which they lie, got --z"],
  ["the pace of no movie", ["--fps", "5"], "--fps: expected --movie"],
  ["a movie of one map", ["--z", "0", "--movie"], "movie: expected at least two frames, got 1"],
])("the command refuses %s", async (_, args, says) => {
  const { code, err } = await iolaus(at("run"), "--class", "1", "--out", at("no"), ...args);
  expect(code).toBe(2);
  expect(err.join("\n")).toContain(says);
  expect(existsSync(at("no"))).toBe(false);
});

test("where a run's working set was deleted, it is measured again; at z = 0 a map is the one that the run wrote", async () => {
  const out = at("mixture");
  const request = { out, classes: 1, box: BOX, passes: 1, zDim: 1, junk: false, threads: 1 };
  await runLoop(set.files.particles, request, reconstructMixture);
  const own = openRun(out);
  const decoded = await volumeAt(own, 1, [0]);
  expect(decoded).toEqual(own.volumes()[0]);
  expect((await volumeAt(own, 1, [1])).values).not.toEqual(decoded.values);
  for (const name of ["prepared.f32", "prepared.safetensors"]) rmSync(at("mixture", name));
  expect(await volumeAt(own, 1, [0])).toEqual(decoded);
});
