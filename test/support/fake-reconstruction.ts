/**
 * @file Stands in for the reconstruction where a test is about runs: the same contract, a random walk per image.
 *
 * FAKE_STEP_MS: time of a step. FAKE_HANG_AT: the step that never ends and hears nothing. FAKE_NAN_AT: the step that diverges.
 */
import { setTimeout } from "node:timers/promises";
import { resumeRandom, seededRandom } from "../../src/core/random.js";
import { rotationFromVector } from "../../src/geometry/rotation.js";
import type { PreparedParticles } from "../../src/imaging/prepare.js";
import { type Assignments, type MixtureState, mixtureDefaults } from "../../src/mixture/state.js";
import type { Reconstructor } from "../../src/run/run-loop.js";

const setting = (name: string): number => Number(process.env[name] ?? 0);

export const STEPS_PER_PASS = 3;

export const fakeReconstruct: Reconstructor = async function* (set, options, resume) {
  const { classes: asked, mostClasses, zDim, seed, passes } = { ...mixtureDefaults, ...options };
  const classes = asked === "auto" ? mostClasses : asked;
  const axes = zDim === "auto" ? 3 : zDim;
  const walk = (resume?.arrays["walk"] as Float64Array | undefined)?.slice() ?? new Float64Array(set.count);
  const random = resume === undefined ? seededRandom(seed) : resumeRandom(resume.meta["random"] as number[]);
  const steps = passes * STEPS_PER_PASS;
  for (let step = Number(resume?.meta["step"] ?? 0) + 1; step <= steps && !options.signal?.aborted; step++) {
    if (setting("FAKE_STEP_MS") > 0) await setTimeout(setting("FAKE_STEP_MS")); // else it never pauses
    while (step === setting("FAKE_HANG_AT"));
    for (let i = 0; i < walk.length; i++) walk[i]! += random.normal();
    const evidence = step === setting("FAKE_NAN_AT") ? Number.NaN : walk.reduce((a, b) => a + b, 0);
    const K = step <= STEPS_PER_PASS ? 2 * classes : classes; // a young run holds more
    const state: MixtureState = {
      kind: "mixture-state",
      step,
      steps,
      pass: Math.floor(step / STEPS_PER_PASS),
      fraction: step / steps,
      settings: { radius: 6, poseTemperature: 1, classTemperature: 1 } as MixtureState["settings"],
      classWeights: new Float64Array(K).fill(1 / K),
      logEvidence: evidence,
      changed: 0,
      imagesPerSecond: 100,
      joining: [],
      axes: new Int32Array(K).fill(axes),
      assignments: () => assignmentsOf(walk, K, axes),
      volumes: async () => Array.from({ length: K }, (_, k) => volumeOf(set, walk[k]!)),
      volumeAt: async (k) => volumeOf(set, walk[k]!),
      checkpoint: () => ({ meta: { step, random: random.state() }, arrays: { walk: walk.slice() } }),
    };
    yield state;
  }
};

function assignmentsOf(walk: Float64Array, K: number, zDim: number): Assignments {
  const count = walk.length;
  const classes = Int32Array.from(walk, (w) => Math.abs(Math.round(10 * w)) % K);
  const posterior = new Float32Array(count * K).fill(K === 1 ? 1 : 0.1 / (K - 1));
  classes.forEach((k, i) => {
    posterior[i * K + k] = K === 1 ? 1 : 0.9;
  });
  const matrices = new Float64Array(9 * count);
  walk.forEach((w, i) => {
    matrices.set(rotationFromVector([w, 0.3, -0.2 * w]), 9 * i);
  });
  return {
    classes,
    posterior,
    poses: {
      rotations: { kind: "rotations", count, matrices },
      shiftsAngstrom: Float64Array.from({ length: 2 * count }, (_, i) => walk[i >> 1]! * (i % 2 ? -1 : 1)),
    },
    z: Float32Array.from({ length: count * zDim }, (_, i) => walk[Math.floor(i / zDim)]!),
    evidence: walk.slice(),
    junk: new Float32Array(count),
  };
}

function volumeOf(set: PreparedParticles, value: number): Awaited<ReturnType<MixtureState["volumeAt"]>> {
  const { box, pixelSizeAngstrom } = set;
  return { kind: "volume", box, pixelSizeAngstrom, values: new Float32Array(box ** 3).fill(value) };
}
