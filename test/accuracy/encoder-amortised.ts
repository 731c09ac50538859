/** @file Parts of `npm run accuracy -- encoder` without a teacher: encoder and volume from nothing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RADIANS_PER_DEGREE } from "../../src/core/constants.js";
import { inferImages } from "../../src/encoder/infer.js";
import { type EncoderState, trainEncoder } from "../../src/encoder/train-encoder.js";
import { rotationsOf } from "../../src/geometry/rotation.js";
import { type BeadModel, beadModel, type Species } from "../../src/imaging/bead-model.js";
import { prepare } from "../../src/imaging/prepare.js";
import type { Exposure } from "../../src/imaging/simulate.js";
import { median } from "../../src/metrics/quantile.js";
import { rotationError } from "../../src/metrics/rotation-error.js";
import { modelledSource } from "../support/simulated-source.js";
import { squid } from "../support/squid.js";

const VISITS = Number(process.env["VISITS"] ?? 600_000);
const THREADS = Number(process.env["IOLAUS_THREADS"] ?? 2);
const LONGEST_S = 1800;
const GATES = [
  { snr: 1, medianDeg: 10 },
  { snr: 0.1, medianDeg: 15 },
];
const SEEDS = [1, 2, 3, 4, 5];
/** A volume has fallen into the false symmetry when more than this share of its images is further off than this. */
const FALLEN = { share: 0.25, degrees: 60 };

const EXPOSURE: Exposure = {
  ...{ seed: 31, box: 32, pixelSizeAngstrom: 9, counts: [3000], snr: 1, shiftAngstrom: 9 },
  optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
  ...{ defocusAngstrom: [10000, 25000], astigmatismAngstrom: 500 },
};

/** Two like halves about z, and a lump on one of them that tells them apart. */
const NEARLY_TWOFOLD: Species = {
  ...{ name: "nearly two-fold", seed: 13 },
  domains: [
    { centreAngstrom: [45, 0, 0], semiAxesAngstrom: [40, 30, 45], beads: 150 },
    { centreAngstrom: [-45, 0, 0], semiAxesAngstrom: [40, 30, 45], beads: 150 },
    { centreAngstrom: [60, 30, 30], semiAxesAngstrom: [18, 18, 18], beads: 40 },
  ],
  hinge: { originAngstrom: [0, 0, 0], axis: [0, 0, 1], angleDeg: 0 },
};

export async function amortised(): Promise<boolean> {
  let passed = true;
  for (const { snr, medianDeg } of GATES) {
    const { errorsDeg, seconds, loss } = await learnt(squid(), { ...EXPOSURE, snr }, { seed: 1, symmetricLoss: true });
    const found = median(errorsDeg);
    const time = `${seconds.toFixed(0)} s (at most ${LONGEST_S})`;
    console.log(`SNR ${snr}: median ${found.toFixed(1)}° (at most ${medianDeg}), misfit ${loss.toFixed(3)}, ${time}`);
    if (found > medianDeg || seconds > LONGEST_S) passed = false;
  }
  return passed;
}

export async function symmetric(): Promise<boolean> {
  const model = beadModel(NEARLY_TWOFOLD, 0, 5);
  const fallen = { true: 0, false: 0 };
  for (const symmetricLoss of [true, false])
    for (const seed of SEEDS) {
      const { errorsDeg } = await learnt(model, EXPOSURE, { seed, symmetricLoss });
      const far = errorsDeg.filter((e) => e > FALLEN.degrees).length / errorsDeg.length;
      console.log(
        `symmetric loss ${symmetricLoss}, seed ${seed}: median ${median(errorsDeg).toFixed(1)}°, ${(100 * far).toFixed(0)} % beyond ${FALLEN.degrees}°`,
      );
      if (far > FALLEN.share) fallen[`${symmetricLoss}`]++;
    }
  console.log(`false symmetry: ${fallen.true} of ${SEEDS.length} with the symmetric loss, ${fallen.false} without`);
  return fallen.true === 0 && fallen.false > SEEDS.length / 2;
}

/** Poses that an encoder trained from nothing gives to its own images; frame and hand are those that fit best. */
async function learnt(
  model: BeadModel,
  exposure: Exposure,
  options: { readonly seed: number; readonly symmetricLoss: boolean },
): Promise<{ readonly errorsDeg: readonly number[]; readonly seconds: number; readonly loss: number }> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-accuracy-"));
  try {
    const { source, truths } = modelledSource("images", exposure, () => model);
    const set = await prepare(source, join(folder, "set"), { box: exposure.box, dataSign: 1, threads: THREADS });
    const start = performance.now();
    let last: EncoderState | undefined;
    const asked = { mode: "amortised", visits: VISITS, threads: THREADS, ...options } as const;
    for await (const state of trainEncoder(set, undefined, asked)) last = state;
    const seconds = (performance.now() - start) / 1e3;
    const matrices = new Float64Array(9 * set.count);
    for await (const chunk of inferImages(set, last!.encoder, { decoder: last!.decoder!, threads: THREADS }))
      matrices.set(chunk.matrices, 9 * chunk.from);
    const found = { kind: "rotations", count: set.count, matrices } as const;
    const { errorsRad } = rotationError(found, rotationsOf(truths.map(({ rotation }) => rotation)));
    return { errorsDeg: Array.from(errorsRad, (e) => e / RADIANS_PER_DEGREE), seconds, loss: last!.loss };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
