/**
 * @file What went wrong with the classes of a run, by name, from their maps, half-map FSC, images and viewing directions.
 *
 *     hollow shell, featureless   less than a tenth of the signal (by the half maps) is not the spherical average's. A true shell
 *                                 has features that its halves share: apoferritin and clathrin are not warned of
 *     inverted contrast           skewness below −0.5; maps of particles have 3.5 to 6.3, noise within ±0.2
 *     off-centre                  centre of mass beyond 0.35 radii; maps of other programs reach 0.22
 *     noise only                  half-map FSC of shells 1–5 below 0.143 on average
 *     too few images              fewer than 20 leave whole directions of the transform empty
 *     single view, pose pile-up   evenness of the viewing directions (view-evenness.ts) below 0.4 and 0.7 of what as many even
 *                                 views have: about 4 and 13 of 48 directions seen alike
 *     duplicate, hand ambiguity   correlation above 0.98 after alignment, mirrored for the latter. Assembly states and conformations
 *                                 of one particle come to 0.97
 *
 * Everything but the last needs milliseconds per map; alignment needs seconds per pair, so pairs whose spectra differ are passed over.
 */
import type { Rotations, Volume } from "../core/types.js";
import { relativeEvenness, viewCounts } from "../geometry/view-evenness.js";
import type { FourierShellCorrelation } from "./fourier-shell-correlation.js";
import { type MapCharacter, mapCharacter } from "./map-character.js";
import { alignVolume } from "./volume-alignment.js";

export type FindingCode =
  | "hollow shell"
  | "featureless"
  | "inverted contrast"
  | "off-centre"
  | "noise only"
  | "too few images"
  | "single view"
  | "pose pile-up"
  | "duplicate"
  | "hand ambiguity";

export interface ClassFinding {
  readonly code: FindingCode;
  /** From 1; of a pair, the later one. */
  readonly classNumber: number;
  /** What was measured, what it should be, and what to do. */
  readonly text: string;
}

export interface DiagnosedClass {
  readonly map: Volume;
  /** Images of the class; a class without any is passed over. */
  readonly images: number;
  /** Of its images. @default none: directions are not judged */
  readonly rotations?: Rotations;
  /** Of its half maps, shells as RELION names them. @default none: shells and noise are not judged */
  readonly halfMapFsc?: FourierShellCorrelation;
}

const LIMITS = {
  nonSpherical: 0.1,
  emptyCentre: 0.7,
  skewness: -0.5,
  offCentre: 0.35,
  noiseFsc: 0.143,
  images: 20,
  singleView: 0.4,
  pileUp: 0.7,
  alike: 0.98,
  /** Of the two maps' power spectra: less, and they cannot be alike. */
  spectralOverlap: 0.9,
} as const;
const FIRST_SHELLS = 5;

export interface DiagnosisOptions {
  /** Compare every two classes; seconds per pair. @default true */
  readonly pairs?: boolean;
}

/** Findings of all classes, by class; none where nothing is wrong. */
export function diagnoseClasses(classes: readonly DiagnosedClass[], options: DiagnosisOptions = {}): ClassFinding[] {
  const { pairs = true } = options;
  const characters = classes.map(({ map, images }) => (images === 0 ? null : mapCharacter(map)));
  return classes.flatMap((one, k) => {
    const character = characters[k];
    if (character == null) return [];
    const found = ofClass(one, character, k + 1);
    if (!pairs || one.images < LIMITS.images) return found;
    for (let other = 0; other < k; other++) {
      const before = characters[other];
      if (before == null || classes[other]!.images < LIMITS.images) continue;
      if (spectralOverlap(before, character) < LIMITS.spectralOverlap) continue;
      found.push(...ofPair(classes[other]!.map, one.map, other + 1, k + 1));
    }
    return found;
  });
}

function ofClass(one: DiagnosedClass, character: MapCharacter, classNumber: number): ClassFinding[] {
  const { images, rotations, halfMapFsc } = one;
  const findings: ClassFinding[] = [];
  const say = (code: FindingCode, text: string): number => findings.push({ code, classNumber, text });
  if (images < LIMITS.images) {
    say(
      "too few images",
      `${images} images, of ${LIMITS.images} that a map needs; ask for fewer classes or leave it out`,
    );
    return findings;
  }
  const { skewness, offCentre, emptyCentre } = character;
  if (halfMapFsc !== undefined) {
    const first = Array.from(halfMapFsc.correlation.subarray(1, FIRST_SHELLS + 1));
    const mean = first.reduce((sum, c) => sum + c / first.length, 0);
    const part = nonSphericalSignal(character, halfMapFsc);
    const advice = "its images found no poses: more passes, fewer classes, or junk to be taken out";
    if (mean < LIMITS.noiseFsc)
      say(
        "noise only",
        `half maps agree to ${two(mean)} over the first shells, of ${LIMITS.noiseFsc} at least; ${advice}`,
      );
    else if (part < LIMITS.nonSpherical)
      say(
        emptyCentre > LIMITS.emptyCentre ? "hollow shell" : "featureless",
        `${percent(part)} of the signal is more than a spherical average, of ${percent(LIMITS.nonSpherical)} at least; ${advice}`,
      );
  }
  if (skewness < LIMITS.skewness)
    say(
      "inverted contrast",
      `skewness ${two(skewness)}, above ${LIMITS.skewness} where density is positive; say what the images are (--bright, --dark)`,
    );
  if (offCentre > LIMITS.offCentre)
    say(
      "off-centre",
      `its mass lies ${two(offCentre)} radii from the centre of the box, of ${LIMITS.offCentre} at most; extract the particles anew, centred`,
    );
  if (rotations !== undefined) {
    const part = relativeEvenness(viewCounts(rotations));
    const advice = "directions not seen are not in the map: look at its viewing directions, tilt or mix grids";
    if (part < LIMITS.pileUp)
      say(
        part < LIMITS.singleView ? "single view" : "pose pile-up",
        `its views are ${two(part)} as even as views from everywhere, of ${LIMITS.pileUp} at least; ${advice}`,
      );
  }
  return findings;
}

function ofPair(first: Volume, second: Volume, firstNumber: number, classNumber: number): ClassFinding[] {
  const { correlation, hand } = alignVolume(second, first);
  if (correlation < LIMITS.alike) return [];
  const measured = `its map correlates with that of class ${firstNumber} to ${correlation.toFixed(3)}`;
  const limit = `below ${LIMITS.alike} for two species`;
  if (hand === "same")
    return [{ code: "duplicate", classNumber, text: `${measured}, ${limit}; join the two or ask for fewer classes` }];
  const text = `${measured} as its mirror image, ${limit}; one species in both hands: join the two, the hand is open`;
  return [{ code: "hand ambiguity", classNumber, text }];
}

/** Of the signal by the half maps, the part that is not the spherical average's. */
function nonSphericalSignal({ sphericalShare, power }: MapCharacter, { correlation }: FourierShellCorrelation): number {
  let [part, all] = [0, 0];
  for (let k = 1; k < power.length - 1; k++) {
    const c = Math.max(0, correlation[k] ?? 0);
    const share = (2 * c) / (1 + c);
    if (c < LIMITS.noiseFsc) break;
    part += k * k * power[k]! * Math.max(0, share - sphericalShare[k]!);
    all += k * k * power[k]! * share;
  }
  return all > 0 ? part / all : 0;
}

/** Σ min(Pa, Pb) / Σ max(Pa, Pb) of the spectra of amplitude, each of sum 1. */
function spectralOverlap(a: MapCharacter, b: MapCharacter): number {
  const normalised = ({ power }: MapCharacter): Float64Array => {
    const amplitude = power.map((p, k) => (k === 0 ? 0 : k * Math.sqrt(p)));
    const sum = amplitude.reduce((total, v) => total + v, 0);
    return amplitude.map((v) => (sum > 0 ? v / sum : 0));
  };
  const [pa, pb] = [normalised(a), normalised(b)];
  let [least, most] = [0, 0];
  pa.forEach((p, k) => {
    least += Math.min(p, pb[k] ?? 0);
    most += Math.max(p, pb[k] ?? 0);
  });
  return most > 0 ? least / most : 0;
}

function two(value: number): string {
  return value.toFixed(2);
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(0)} %`;
}
