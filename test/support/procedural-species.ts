/**
 * @file Species made of ellipsoids, where the shared data are absent or too few: about 300 Å wide, a globule with
 * three lobes of which one swings by ±25°.
 */
import { type Random, seededRandom } from "../../src/core/random.js";
import { beadModel, type Domain, type Species } from "../../src/imaging/bead-model.js";
import type { FlexibleBeads } from "./flexible-beads.js";
import { scale, type Vector } from "./vectors.js";

const BEADS_OF_CORE = 500;
const BEADS_OF_LOBE = 200;
const SWING_DEG = 25;
export const SIGMA_ANGSTROM = 6;

/** The species number `index`, another for every number. */
export function proceduralSpecies(index: number): FlexibleBeads {
  const species = proceduralShape(index);
  return (z) => beadModel(species, z, SIGMA_ANGSTROM);
}

/** The same as a species of a recipe. */
export function proceduralShape(index: number): Species {
  const random = seededRandom(700 + index);
  const between = (a: number, b: number): number => a + (b - a) * random.uniform();
  const semiAxesAngstrom: Vector = [between(60, 90), between(45, 70), between(35, 60)];
  const lobes = [0, 1, 2].map((lobe): Domain => {
    const centreAngstrom = scale(direction(random), between(80, 115));
    const axes: Vector = [between(25, 55), between(25, 45), between(20, 40)];
    return { centreAngstrom, semiAxesAngstrom: axes, beads: BEADS_OF_LOBE, moves: lobe === 0 };
  });
  const [x, y, z] = lobes[0]!.centreAngstrom;
  return {
    name: `globule ${index + 1}`,
    seed: 900 + index,
    domains: [{ centreAngstrom: [0, 0, 0], semiAxesAngstrom, beads: BEADS_OF_CORE }, ...lobes],
    hinge: { originAngstrom: [x / 2, y / 2, z / 2], axis: direction(random), angleDeg: SWING_DEG },
  };
}

function direction(random: Random): Vector {
  const v: Vector = [random.normal(), random.normal(), random.normal()];
  return scale(v, 1 / Math.hypot(...v));
}
