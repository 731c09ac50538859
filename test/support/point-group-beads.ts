/** @file Beads of a known point group: one random subunit and its copies, in a random frame. */
import { seededRandom } from "../../src/core/random.js";
import type { Volume } from "../../src/core/types.js";
import { randomRotation, rotationAt } from "../../src/geometry/rotation.js";
import { symmetryOperators } from "../../src/geometry/symmetry.js";
import { beadVolume } from "../../src/imaging/bead-model.js";
import { filteredMap } from "../../src/metrics/map-filter.js";

const BEADS = 12;
const RADIUS_ANGSTROM = 110;
const SPREAD_ANGSTROM = 35;
export const CENTRE_ANGSTROM: readonly number[] = [10, -7, 4];

export interface GroupBeads {
  readonly map: Volume;
  /** The group's z axis in the map. */
  readonly axis: readonly number[];
  /** Of the beads, x y z each. */
  readonly positionsAngstrom: readonly number[];
}

/** 32³ at 16 Å. `missing`: the share of one subunit that is not there. */
export function groupBeads(group: string, seed: number, missing = 0): GroupBeads {
  const random = seededRandom(seed);
  const operators = symmetryOperators(group);
  const frame = randomRotation(random);
  const arm = [random.normal(), random.normal(), random.normal()];
  const length = Math.hypot(...arm);
  const subunit = Array.from({ length: operators.count > 20 ? BEADS / 2 : BEADS }, () =>
    arm.map((a) => (RADIUS_ANGSTROM * a) / length + SPREAD_ANGSTROM * random.normal()),
  );
  const positions: number[] = [];
  for (let g = 0; g < operators.count; g++)
    for (const [b, bead] of subunit.entries())
      if (g > 0 || b >= missing * subunit.length)
        positions.push(...apply(frame, apply(rotationAt(operators, g), bead)).map((p, a) => p + CENTRE_ANGSTROM[a]!));
  const count = positions.length / 3;
  const weights = new Float64Array(count).fill(1);
  const model = { kind: "bead-model", count, positionsAngstrom: Float64Array.from(positions), weights } as const;
  const axis = [frame[2]!, frame[5]!, frame[8]!];
  return { map: beadVolume({ ...model, sigmaAngstrom: 8 }, 32, 16), axis, positionsAngstrom: positions };
}

/** The map under coloured noise whose power is the signal's at half of Nyquist: FSC 0.5 there. */
export function underNoise(map: Volume, seed: number): Volume {
  const random = seededRandom(seed);
  const white = { ...map, values: map.values.map(() => random.normal()) };
  const noise = filteredMap(white, (r) => 1 / (1 + r / (map.box / 4)));
  const ring = (volume: Volume): number =>
    filteredMap(volume, (r) => (Math.round(r) === map.box / 4 ? 1 : 0)).values.reduce((sum, v) => sum + v * v, 0);
  const gain = Math.sqrt(ring(map) / ring(noise));
  return { ...map, values: map.values.map((v, i) => v + gain * noise.values[i]!) };
}

function apply(m: readonly number[], p: readonly number[]): number[] {
  return [0, 1, 2].map((i) => m[3 * i]! * p[0]! + m[3 * i + 1]! * p[1]! + m[3 * i + 2]! * p[2]!);
}
