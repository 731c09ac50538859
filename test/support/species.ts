/**
 * @file The species a mixture may be made of, by name, all of the same contrast; procedural ones of like difficulty
 * where the shared data are absent.
 */
import type { ParticleModel } from "../../src/imaging/simulate.js";
import { type FlexibleBeads, ofUnitVariance } from "./flexible-beads.js";
import { assemblyState } from "./map-species.js";
import { proceduralSpecies } from "./procedural-species.js";
import { ribosome, smallSubunit, spike, spliceosome } from "./ribosplike-species.js";
import { hasSharedData } from "./shared-data.js";
import { p97, ryr1 } from "./symmetric-species.js";

const MAKERS: Readonly<Record<string, () => FlexibleBeads>> = {
  ribosome,
  spliceosome,
  spike,
  ryr1,
  p97,
  "small subunit": smallSubunit,
  "50S state 306": () => assemblyState("306"),
  "50S state 455": () => assemblyState("455"),
  "globule 8": () => proceduralSpecies(8),
  "globule 9": () => proceduralSpecies(9),
  "50S state 018": () => assemblyState("018"),
  "50S state 442": () => assemblyState("442"),
};

/** The first ten are told apart by eye; states 018 and 442 of the 50S are each near one of the others. */
export const SPECIES: readonly string[] = Object.keys(MAKERS);
/** Order of the axis of each symmetric species; procedural ones have none. */
export const FOLD: Readonly<Record<string, number>> = hasSharedData ? { spike: 3, ryr1: 4, p97: 6 } : {};

/** The species of these names, in this order. */
export function speciesModel(
  names: readonly string[],
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
): ParticleModel {
  const species = names.map((name) => {
    const make = hasSharedData ? MAKERS[name]! : () => proceduralSpecies(SPECIES.indexOf(name));
    return ofUnitVariance(make(), grid);
  });
  return (s, z) => species[s]!(z);
}
