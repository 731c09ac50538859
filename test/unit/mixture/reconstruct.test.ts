import { describe, expect, test } from "vitest";
import type { Volume } from "../../../src/core/types.js";
import { prepare } from "../../../src/imaging/prepare.js";
import type { Recipe } from "../../../src/imaging/simulate.js";
import { resumeRun } from "../../../src/mixture/mixture-checkpoint.js";
import { reconstructMixture } from "../../../src/mixture/reconstruct.js";
import type { Stage } from "../../../src/mixture/schedule.js";
import type { MixtureCheckpoint, MixtureOptions, MixtureState } from "../../../src/mixture/state.js";
import { crab } from "../../support/known-beads.js";
import { simulatedSource } from "../../support/simulated-source.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();

const recipe: Recipe = {
  name: "tiny",
  seed: 11,
  box: 16,
  pixelSizeAngstrom: 12,
  counts: [12, 12],
  species: [crab, { ...crab, seed: 5, domains: crab.domains.slice(0, 2) }],
  beadSigmaAngstrom: 10,
  snr: 1,
  shiftAngstrom: 8,
  optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
  defocusAngstrom: [10000, 20000],
  astigmatismAngstrom: 300,
};
const tiny = await prepare(simulatedSource(recipe).source, folder("tiny"));

const rigid: Stage = {
  name: "apart",
  passes: 2,
  batch: 10,
  provision: 2,
  radius: [5, 6],
  memory: 20,
  poseTemperature: [10, 2],
  classTemperature: [20, 2],
  balance: [1, 0],
  localShare: 0,
  alone: false,
  learningRate: null,
  judgingRadius: 6,
  joining: false,
  everyImage: true,
  judgingJunk: false,
};
const [restart, settle, flex]: Stage[] = [
  { ...rigid, name: "restart", passes: 1, provision: 1, balance: [0, 0], alone: true, joining: true },
  { ...rigid, name: "settle", passes: 1, provision: 1, radius: [6, 7], balance: [0, 0], localShare: 0.7 },
  {
    ...rigid,
    name: "flex",
    passes: 1,
    provision: 1,
    radius: [7, 7],
    balance: [0, 0],
    localShare: 0.9,
    learningRate: [3e-3, 1e-3],
  },
];
/** Two classes out of four, and one class that learns to flex; schedules of a few batches. */
const parting: MixtureOptions = {
  classes: 2,
  zDim: 1,
  seed: 4,
  passes: 4,
  threads: 1,
  schedule: { stages: [rigid, restart!, settle!], stepsPerBatch: 3, fieldSteps: 4 },
};
const flexing: MixtureOptions = {
  ...parting,
  classes: 1,
  passes: 2,
  schedule: { stages: [{ ...rigid, passes: 1 }, flex!], stepsPerBatch: 3, fieldSteps: 4 },
};

/** What a state says, and the checkpoint, as plain numbers. */
function numbersOf(state: MixtureState): Record<string, ArrayLike<number>> {
  const { poses, ...assigned } = state.assignments();
  const { meta, arrays } = state.checkpoint();
  const { classWeights, logEvidence, changed } = state;
  return {
    ...arrays,
    ...assigned,
    matrices: poses.rotations.matrices,
    shifts: poses.shiftsAngstrom,
    state: [logEvidence, changed, ...classWeights],
    random: meta["random"] as number[],
  };
}

/** What a file keeps of a checkpoint. */
function throughFile({ meta, arrays }: MixtureCheckpoint): MixtureCheckpoint {
  return { meta: JSON.parse(JSON.stringify(meta)), arrays: structuredClone(arrays) };
}

async function runToEnd(given: MixtureOptions, resume?: MixtureCheckpoint): Promise<MixtureState> {
  let last: MixtureState | undefined;
  for await (const state of reconstructMixture(tiny, given, resume)) last = state;
  return last!;
}

/** What the tests look back on: the checkpoint and stage after every batch, the last state and its maps. */
interface Story {
  readonly saved: readonly MixtureCheckpoint[];
  readonly stages: readonly string[];
  readonly maps: readonly Volume[];
  readonly end: MixtureState;
  readonly numbers: Record<string, ArrayLike<number>>;
}

async function tell(given: MixtureOptions): Promise<Story> {
  const saved: MixtureCheckpoint[] = [];
  const stages: string[] = [];
  for await (const state of reconstructMixture(tiny, given)) {
    saved.push(throughFile(state.checkpoint()));
    stages.push(state.settings.stage);
    if (state.fraction < 1) continue;
    const maps = [...(await state.volumes()), await state.volumeAt(0, [1.5])];
    return { saved, stages, maps, end: state, numbers: numbersOf(state) };
  }
  throw new Error("no state at the end");
}
const [parted, flexed] = [await tell(parting), await tell(flexing)];

describe("a run on two dozen images", () => {
  test("keeps its classes while poses begin anew, and not its poses", () => {
    const [before, first, last] = [5, 6, 8].map((at) => parted.saved[at]!.arrays);
    expect(first!["table classes"]).toHaveLength(24);
    // Half the classes are dropped as the stage begins: images of those that stay stay with them.
    expect(last!["table classes"]).toEqual(first!["table classes"]);
    expect(Array.from(before!["table drawnPose"]!)).not.toEqual(Array.from(first!["table drawnPose"]!));
    const turned = Array.from(
      { length: 24 },
      (_, i) => first!["table drawnPose"]![9 * i] !== before!["table drawnPose"]![9 * i],
    );
    expect(turned.every(Boolean)).toBe(true);
  });

  test("ends with every image somewhere, posteriors that sum to 1, and as many classes as asked for", () => {
    const { end, stages } = parted;
    const three = (name: string): string[] => new Array(3).fill(name);
    expect(stages).toEqual([...three("apart"), ...three("apart"), ...three("restart"), ...three("settle")]);
    expect(end).toMatchObject({ kind: "mixture-state", step: 12, steps: 12, fraction: 1, pass: 4 });
    const { classes, posterior, poses, z, evidence } = end.assignments();
    expect(classes).toHaveLength(24);
    expect(classes.every((k) => k === 0 || k === 1)).toBe(true);
    for (let i = 0; i < 24; i++) expect(posterior[2 * i]! + posterior[2 * i + 1]!).toBeCloseTo(1, 5);
    expect(end.classWeights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    expect(poses.rotations.count).toBe(24);
    for (const values of [poses.rotations.matrices, poses.shiftsAngstrom, z, evidence])
      expect(Array.from(values).every(Number.isFinite)).toBe(true);
    expect(z).toEqual(new Float32Array(24)); // conformations were not asked for yet
  });

  test("has a map of every class at rest, and of a class in another conformation", () => {
    expect(parted.maps).toHaveLength(3);
    expect(flexed.maps).toHaveLength(2);
    for (const map of [...parted.maps, ...flexed.maps]) {
      expect(map).toMatchObject({ kind: "volume", box: 16, pixelSizeAngstrom: 12 });
      expect(map.values.every(Number.isFinite)).toBe(true);
    }
    expect(flexed.maps[1]!.values).not.toEqual(flexed.maps[0]!.values);
  });

  test("gives conformations of mean 0 once they are asked for", () => {
    const { z } = flexed.end.assignments();
    expect(flexed.stages.at(-1)).toBe("flex");
    expect(z.some((v) => v > 0.1)).toBe(true);
    expect(z.some((v) => v < -0.1)).toBe(true);
    expect(z.every((v) => Math.abs(v) < 10)).toBe(true);
  });

  test("counts axes where their number is not given, and keeps coordinates of 0 where there are none", async () => {
    const counted: MixtureOptions = { ...flexing, zDim: "auto" };
    const saved: MixtureCheckpoint[] = [];
    for await (const state of reconstructMixture(tiny, counted)) saved.push(throughFile(state.checkpoint()));
    const end = await runToEnd(counted);
    // Two dozen images confirm no axis.
    expect([...end.axes]).toEqual([0]);
    expect(end.assignments().z).toEqual(new Float32Array(3 * 24));
    const resumed = await runToEnd(counted, saved.at(-2));
    expect(numbersOf(resumed)).toEqual(numbersOf(end));
    await expect(runToEnd({ ...flexing, zDim: 3 }, saved.at(-2))).rejects.toThrow(/autoAxes/);
    expect([...flexed.end.axes]).toEqual([1]);
  });

  test("flexes every image in its class of largest posterior, whichever was drawn while classes were warm", async () => {
    const warm: Stage = { ...rigid, passes: 1, provision: 1, classTemperature: [1e4, 1e4] };
    const schedule = { ...flexing.schedule, stages: [warm, flex!] };
    const drawn: (readonly number[])[] = [];
    let last: MixtureState | undefined;
    for await (const state of reconstructMixture(tiny, { ...flexing, classes: 2, schedule })) {
      drawn.push([...state.checkpoint().arrays["table drawnClass"]!]);
      last = state;
    }
    const { classes, z } = last!.assignments();
    expect(drawn.at(-4)).not.toEqual([...classes]);
    expect(drawn.at(-3)).toEqual([...classes]);
    const sizes = [0, 1].map((k) => classes.filter((c) => c === k).length);
    classes.forEach((k, i) => {
      expect(z[i] !== 0).toBe(sizes[k]! >= 20);
    });
  });

  test("is the same again from the same seed, another from another", async () => {
    expect(numbersOf(await runToEnd(parting))).toEqual(parted.numbers);
    expect(numbersOf(await runToEnd({ ...parting, seed: 5 }))["matrices"]).not.toEqual(parted.numbers["matrices"]);
  });

  // The first batch; just before and after classes are dropped; the last but one.
  test.each([1, 6, 7, 10])("resumed after batch %i goes on to the same numbers, bit for bit", async (done) => {
    const resumed = await runToEnd(parting, parted.saved[done - 1]);
    expect(resumed.step).toBe(12);
    expect(numbersOf(resumed)).toEqual(parted.numbers);
  });

  // Just before and after conformations are started.
  test.each([3, 4])("that flexes, resumed after batch %i, goes on to the same numbers, bit for bit", async (done) => {
    expect(numbersOf(await runToEnd(flexing, flexed.saved[done - 1]))).toEqual(flexed.numbers);
  });

  test("is taken up with the maps that its images were last compared with", async () => {
    const { arrays } = parted.saved[5]!;
    const { references } = resumeRun(tiny, parting, parted.saved[5]!);
    expect(references).toHaveLength(4);
    for (const [k, { radius, size, values }] of references.entries()) {
      expect(radius).toBeGreaterThan(5);
      expect(values).toHaveLength(2 * size ** 3);
      expect(values).toEqual(arrays[`reference ${k}`]);
    }
    expect(references.some(({ values }) => values.some((v) => v !== 0))).toBe(true);
    // A class too small to flex keeps its map.
    const two: MixtureOptions = {
      ...flexing,
      classes: 2,
      schedule: { ...flexing.schedule, stages: [{ ...rigid, passes: 1, provision: 1 }, flex!] },
    };
    const { saved, maps } = await tell(two);
    for await (const state of reconstructMixture(tiny, two, saved.at(-2)))
      expect(await state.volumes()).toEqual(maps.slice(0, 2));
    expect(maps.slice(0, 2).every(({ values }) => values.some((v) => v !== 0))).toBe(true);
  });

  test("stops between two batches when asked to", async () => {
    const stop = new AbortController();
    let steps = 0;
    for await (const state of reconstructMixture(tiny, { ...parting, signal: stop.signal })) {
      steps = state.step;
      if (steps === 2) stop.abort();
    }
    expect(steps).toBe(2);
  });

  test("is not resumed with other options", async () => {
    for (const [change, message] of [
      [{ classes: 1 }, "a checkpoint with classes 1, got 2"],
      [{ seed: 9 }, "a checkpoint with seed 9, got 4"],
      [{ zDim: 2 }, "a checkpoint with zDim 2, got 1"],
    ] as const)
      await expect(runToEnd({ ...parting, ...change }, parted.saved[0])).rejects.toThrow(`resume: expected ${message}`);
  });
});

test("a checkpoint that another version wrote is refused, with what to do", async () => {
  const { "table keptPose": _, ...arrays } = parted.saved[0]!.arrays;
  await expect(runToEnd(parting, { ...parted.saved[0]!, arrays })).rejects.toThrow(
    'resume: expected 216 numbers in "table keptPose", got none; a checkpoint of another version',
  );
  const { references: _none, ...meta } = parted.saved[0]!.meta;
  await expect(runToEnd(parting, { ...parted.saved[0]!, meta })).rejects.toThrow(
    "resume: expected a checkpoint of this version of Iolaus",
  );
});

describe("a run is refused, with a sentence,", () => {
  test.each([
    [{ classes: 0 }, 'classes: expected an integer of at least 1, or "auto", got 0'],
    [{ classes: 1.5 }, 'classes: expected an integer of at least 1, or "auto", got 1.5'],
    [{ classes: 25 }, "classes: expected at most the number of images, 24, got 25"],
    [{ zDim: -1 }, 'zDim: expected an integer from 0 to 8, or "auto", got -1'],
    [{ zDim: 0.5 }, 'zDim: expected an integer from 0 to 8, or "auto", got 0.5'],
    [{ zDim: 9 }, 'zDim: expected an integer from 0 to 8, or "auto", got 9'],
    [{ passes: 0 }, "passes: expected an integer of at least 1, got 0"],
    [{ batch: 0 }, "batch: expected an integer of at least 1, got 0"],
    [{ batch: Number.NaN }, "batch: expected an integer of at least 1, got NaN"],
    [{ threads: 0 }, "threads: expected a positive integer, got 0"],
  ])("with %j", async (change, message) => {
    await expect(runToEnd({ ...parting, ...change })).rejects.toThrow(message);
  });
});
