import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { readVolume } from "../../../src/io/mrc.js";
import { parseStar, readStar } from "../../../src/io/star.js";
import { tokensOf } from "../../../src/io/star-tokens.js";
import { reconstructMixture } from "../../../src/mixture/reconstruct.js";
import { openRun } from "../../../src/run/open-run.js";
import { type RunEnd, type RunHooks, runLoop } from "../../../src/run/run-loop.js";
import type { RunRequest } from "../../../src/run/run-options.js";
import { simulateFiles } from "../../../src/run/simulate-files.js";
import { fakeReconstruct, STEPS_PER_PASS } from "../../support/fake-reconstruction.js";
import { folderHash } from "../../support/folder-hash.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";

const at = temporaryFolder();
const { particles } = simulateFiles(tinyRecipe(12), { out: at("data") });

afterEach(() => {
  delete process.env["FAKE_NAN_AT"];
});

function run(name: string, request: Partial<RunRequest> = {}, hooks: RunHooks = {}): Promise<RunEnd> {
  return runLoop(particles, { out: at(name), classes: 2, passes: 4, seed: 3, ...request }, fakeReconstruct, hooks);
}

/** Stops when `step` steps are done. */
function stopAt(step: number): RunHooks {
  const stop = new AbortController();
  return { signal: stop.signal, onStep: (row) => row.step === step && stop.abort() };
}

/** Everything a run says, without the times it took. */
function results(name: string): Record<string, unknown> {
  const files = ["particles.star", "particles.csv", "class_001.mrc", "class_002.mrc"];
  const progress = openRun(at(name)).progress();
  return {
    history: openRun(at(name)).classHistory(),
    ...Object.fromEntries(files.map((file) => [file, readFileSync(at(name, file), "latin1")])),
    progress: progress.map(({ seconds: _, imagesPerSecond: __, ...row }) => row),
  };
}

test("a stop between two steps keeps the step before", async () => {
  const stop = new AbortController();
  const between: typeof fakeReconstruct = async function* (...given) {
    for await (const state of fakeReconstruct(...given)) {
      yield state;
      if (state.step === 5) stop.abort();
    }
  };
  const request = { out: at("between"), classes: 2, passes: 4, seed: 3 };
  expect(await runLoop(particles, request, between, { signal: stop.signal })).toBe("stopped");
  expect(openRun(at("between")).manifest).toMatchObject({ status: "stopped", step: 5 });
  await run("undisturbed");
  await run("between", { resume: true });
  expect(results("between")).toEqual(results("undisturbed"));
});

test("a stop before the first step leaves a run that is stopped, not done, and resumes", async () => {
  const stop = new AbortController();
  const late: typeof fakeReconstruct = (...given) => {
    stop.abort();
    return fakeReconstruct(...given);
  };
  const request = { out: at("early"), classes: 2, passes: 4, seed: 3 };
  expect(await runLoop(particles, request, late, { signal: stop.signal })).toBe("stopped");
  expect(openRun(at("early")).manifest).toMatchObject({ status: "stopped", step: 0 });
  expect(await run("early", { resume: true })).toBe("done");
  expect(openRun(at("early")).manifest.step).toBe(12);
});

test("a run leaves its manifest, progress, checkpoint, lists, maps and report, and nothing else", async () => {
  expect(await run("whole")).toBe("done");
  expect(Object.keys(folderHash(at("whole"))).sort()).toEqual([
    "checkpoint/classes.safetensors",
    "checkpoint/latest.safetensors",
    "class_001.mrc",
    "class_002.mrc",
    "maps.cxc",
    "particles.csv",
    "particles.star",
    "prepared.f32",
    "prepared.safetensors",
    "progress.jsonl",
    "report.html",
    "run.json",
  ]);
  const { manifest } = openRun(at("whole"));
  expect(manifest).toMatchObject({ status: "done", step: 12, steps: 12 });
  expect(manifest).not.toHaveProperty("process");
  expect(manifest.settings).toMatchObject({
    classes: 2,
    passes: 4,
    seed: 3,
    zDim: 1,
    box: 32,
    diameterAngstrom: 201.6,
  });
  expect(manifest.input).toMatchObject({
    count: 12,
    stacks: [{ name: "particles.mrcs", bytes: 1024 + 12 * 32 * 32 * 4 }],
  });
  expect(Object.keys(manifest.versions)).toEqual(["iolaus", "node", "@tensorflow/tfjs", "onnxruntime-node"]);
});

test("what is read back is what the reconstruction said", async () => {
  await run("back", { zDim: 2 });
  const states = [];
  const set = { count: 12, box: 32, pixelSizeAngstrom: 9 } as Parameters<typeof fakeReconstruct>[0];
  for await (const state of fakeReconstruct(set, { classes: 2, passes: 4, seed: 3, zDim: 2 })) states.push(state);
  const expected = states.at(-1)!.assignments();
  const opened = openRun(at("back"));
  const { assignments, keys, K, zDim } = opened.particles();
  expect([K, zDim, keys.length, keys[4]]).toEqual([2, 2, 12, "5@particles.mrcs"]);
  expect(assignments.classes).toEqual(expected.classes);
  expect(assignments.posterior).toEqual(expected.posterior);
  expect(assignments.z).toEqual(expected.z);
  expect(assignments.evidence).toEqual(expected.evidence);
  expected.poses.rotations.matrices.forEach((v, i) => {
    expect(assignments.poses.rotations.matrices[i]).toBeCloseTo(v, 8);
  });
  const columns = opened.columns();
  expect(Object.keys(columns).join()).toBe(
    "key,particle,class,p1,p2,r00,r01,r02,r10,r11,r12,r20,r21,r22,shiftXAngstrom,shiftYAngstrom,z1,z2,logEvidence,junk",
  );
  // A person sees classes from 1 and indices from 0.
  expect(columns["class"]).toEqual(Array.from(expected.classes, (k) => k + 1));
  expect(columns["particle"]).toEqual([...keys.keys()]);
  expect(opened.volumes().map(({ box, pixelSizeAngstrom }) => [box, pixelSizeAngstrom])).toEqual([
    [32, 9],
    [32, 9],
  ]);
  expect(readVolume(at("back", "class_002.mrc")).values[0]).toBeCloseTo(
    (await states.at(-1)!.volumes())[1]!.values[0]!,
    5,
  );
  expect(opened.progress().map(({ step }) => step)).toEqual([...Array(4 * STEPS_PER_PASS).keys()].map((i) => i + 1));
});

test("particles.star differs from a foreign input by added and filled columns alone, token for token", async () => {
  const input = `# version 30001

data_general
_rlnSomething "kept as is"

data_particles

loop_
_rlnDefocusU #1
_rlnMicrographName #2
_rlnImageName #3
_rlnOpticsGroup #4
_rlnAngleRot #5
_rlnOddColumn #6
${Array.from({ length: 12 }, (_, i) => ` 1500${i}.10   "mic ${i}.mrc" 0000${String(i + 1).padStart(2, "0")}@./particles.mrcs\t1  0.000 'it''s'`).join("\n")}

data_optics

loop_
_rlnOpticsGroup
_rlnImagePixelSize
_rlnVoltage
_rlnSphericalAberration
_rlnAmplitudeContrast
1 9.000000 300.0 2.70 0.10
`;
  writeFileSync(at("data", "foreign.star"), input);
  await runLoop(at("data", "foreign.star"), { out: at("foreign"), classes: 2, passes: 1 }, fakeReconstruct);
  const [before, after] = [parseStar(input), readStar(at("foreign", "particles.star"))];
  expect(after.blocks.map(({ name }) => name)).toEqual(["general", "particles", "optics"]);
  expect([after.blocks[0], after.blocks[2]]).toEqual([before.blocks[0], before.blocks[2]]);
  const [tableBefore, tableAfter] = [before.blocks[1]!.table!, after.blocks[1]!.table!];
  expect(tableAfter.labels.slice(0, 6)).toEqual(tableBefore.labels);
  expect(tableAfter.labels.slice(6)).toEqual([
    "rlnAngleTilt",
    "rlnAnglePsi",
    "rlnOriginXAngst",
    "rlnOriginYAngst",
    "rlnClassNumber",
    "rlnMaxValueProbDistribution",
  ]);
  tableBefore.rows.forEach((row, i) => {
    const [old, now] = [tokensOf(row), tokensOf(tableAfter.rows[i]!)];
    old[4] = now[4]!; // the angle that was filled
    expect(now.slice(0, 6)).toEqual(old);
  });
  const { assignments } = openRun(at("foreign")).particles();
  const classColumn = tableAfter.labels.indexOf("rlnClassNumber");
  const originColumn = tableAfter.labels.indexOf("rlnOriginXAngst");
  tableAfter.rows.forEach((row, i) => {
    expect(tokensOf(row)[classColumn]).toBe(String(assignments.classes[i]! + 1));
    expect(Number(tokensOf(row)[originColumn])).toBeCloseTo(-assignments.poses.shiftsAngstrom[2 * i]!, 6);
  });
});

test("a run stopped twice and resumed gives the files of one that was not", async () => {
  await run("straight");
  expect(await run("stopped", {}, stopAt(2))).toBe("stopped");
  expect(openRun(at("stopped")).manifest).toMatchObject({ status: "stopped", step: 2, reason: "the caller asked" });
  expect(() => openRun(at("stopped")).particles()).toThrow("expected a run with results, got one that is stopped");
  expect(await run("stopped", { resume: true }, stopAt(7))).toBe("stopped");
  expect(await run("stopped", { resume: true })).toBe("done");
  expect(results("stopped")).toEqual(results("straight"));
  expect(openRun(at("stopped")).manifest.timings.resumed).toBe(2);
});

test("other seeds give other files", async () => {
  await run("other", { seed: 4 });
  await run("straight-again");
  expect(results("other")["particles.csv"]).not.toEqual(results("straight-again")["particles.csv"]);
});

test("a crash between two checkpoints costs the steps since the last, not the result", async () => {
  await run("uncrashed");
  let lastSaved = 0;
  const crash: RunHooks = {
    onStep(row) {
      if (row.step === 9) throw new Error("power cut");
      lastSaved = row.step;
    },
  };
  await expect(run("crashed", { checkpointSeconds: 1e-9 }, crash)).rejects.toThrow("power cut");
  expect(openRun(at("crashed")).manifest).toMatchObject({ status: "failed", step: lastSaved, reason: "power cut" });
  expect(openRun(at("crashed")).progress()).toHaveLength(9);
  await run("crashed", { resume: true });
  expect(results("crashed")).toEqual(results("uncrashed"));
});

test("resuming takes the settings from the folder, and refuses others", async () => {
  await run("settings", { zDim: 2, dataSign: -1 }, stopAt(3));
  const before = folderHash(at("settings"));
  await expect(run("settings", { resume: true, classes: 3 })).rejects.toThrow(
    "classes: expected 2 as in the run, got 3; leave it out to resume, or start a new run in another folder",
  );
  const { particles: others } = simulateFiles(tinyRecipe(13), { out: at("others") });
  const elsewhere = runLoop(others, { out: at("settings"), resume: true }, fakeReconstruct);
  await expect(elsewhere).rejects.toThrow(
    /others\/particles\.star: expected the particles of the run .* got another list/,
  );
  expect(folderHash(at("settings"))).toEqual(before);
  expect(await runLoop(particles, { out: at("settings"), resume: true }, fakeReconstruct)).toBe("done");
  expect(openRun(at("settings")).manifest.settings).toMatchObject({ zDim: 2, dataSign: -1, classes: 2 });
});

test("the working set is prepared once, and again when it was cut short", async () => {
  await run("cached", {}, stopAt(1));
  const whole = folderHash(at("cached"))["prepared.f32"];
  const made = statSync(at("cached", "prepared.f32"));
  await run("cached", { resume: true }, stopAt(2));
  expect(statSync(at("cached", "prepared.f32")).ino).toBe(made.ino);
  truncateSync(at("cached", "prepared.f32"), made.size - 4);
  await run("cached", { resume: true }, stopAt(3));
  expect(folderHash(at("cached"))["prepared.f32"]).toBe(whole);
});

test("a run that is done is left alone by resume", async () => {
  await run("done");
  const before = folderHash(at("done"));
  expect(await run("done", { resume: true })).toBe("done");
  expect(folderHash(at("done"))).toEqual(before);
});

test("out of time: results after the first pass at the earliest, and the run can go on", async () => {
  expect(await run("timed", { maxMinutes: 1e-9 })).toBe("out-of-time");
  const { manifest } = openRun(at("timed"));
  expect(manifest).toMatchObject({ status: "stopped", step: STEPS_PER_PASS, reason: "out of time (maxMinutes 1e-9)" });
  // The young run held twice the classes.
  expect(openRun(at("timed")).particles()).toMatchObject({ K: 4, keys: { length: 12 } });
  expect(openRun(at("timed")).volumes()).toHaveLength(4);
  expect(await run("timed", { resume: true })).toBe("done");
  expect(openRun(at("timed")).volumes()).toHaveLength(2);
  await run("untimed");
  expect(results("timed")).toEqual(results("untimed"));
});

test("numbers that are no longer finite end the run and keep its last checkpoint", async () => {
  process.env["FAKE_NAN_AT"] = "5";
  await expect(run("diverged", { checkpointSeconds: 1e-9 })).rejects.toThrow(
    "step 5: expected a finite log-evidence, got NaN",
  );
  expect(openRun(at("diverged")).manifest).toMatchObject({ status: "failed", step: 4 });
});

test("a folder that is taken is refused and not touched", async () => {
  await run("taken", {}, stopAt(1));
  const before = folderHash(at("taken"));
  await expect(run("taken")).rejects.toThrow(
    /taken: expected a new or empty folder, got a run that is stopped; .*--resume/,
  );
  expect(folderHash(at("taken"))).toEqual(before);
  mkdirSync(at("letters"));
  writeFileSync(at("letters", "dear.txt"), "x");
  await expect(run("letters")).rejects.toThrow(/letters: expected a new or empty folder, got one that holds dear.txt/);
  await expect(run("letters", { resume: true })).rejects.toThrow(
    /letters: expected the folder of a run, got one without/,
  );
  expect(Object.keys(folderHash(at("letters")))).toEqual(["dear.txt"]);
});

test("a run that another process computes is not resumed", async () => {
  await run("busy", {}, stopAt(1));
  const path = at("busy", "run.json");
  const { hostname } = await import("node:os");
  const alive = {
    ...JSON.parse(readFileSync(path, "utf8")),
    status: "running",
    process: { id: process.ppid, host: hostname() },
  };
  writeFileSync(path, JSON.stringify(alive));
  await expect(run("busy", { resume: true })).rejects.toThrow(`got one that process ${process.ppid} computes`);
  writeFileSync(path, JSON.stringify({ ...alive, process: { id: 2 ** 30, host: hostname() } }));
  expect(await run("busy", { resume: true })).toBe("done");
});

test("the published schedule is a run like any other: stopped, resumed, and not exchanged for ours", async () => {
  const request = { out: at("paper"), classes: 2, box: 16, seed: 3, threads: 1, schedule: "paper" } as const;
  expect(await runLoop(particles, request, reconstructMixture, stopAt(2))).toBe("stopped");
  expect(await runLoop(particles, { out: at("paper"), resume: true, threads: 1 }, reconstructMixture, stopAt(3))).toBe(
    "stopped",
  );
  const { manifest, progress } = { manifest: openRun(at("paper")).manifest, progress: openRun(at("paper")).progress() };
  expect(manifest).toMatchObject({ step: 3, settings: { schedule: "paper" }, timings: { resumed: 1 } });
  expect(progress.map(({ step }) => step)).toEqual([1, 2, 3]);
  const other = { ...request, schedule: "default", resume: true } as const;
  await expect(runLoop(particles, other, reconstructMixture)).rejects.toThrow(
    "schedule: expected paper as in the run, got default",
  );
});
