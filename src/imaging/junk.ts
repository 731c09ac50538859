/**
 * @file Images that show no particle of their own: nothing but noise, a particle that was picked off its centre and is
 * partly out of the window, two particles that overlap.
 */
import type { Random } from "../core/random.js";
import { type Matrix3, randomRotation } from "../geometry/rotation.js";

export const JUNK_KINDS = ["noise", "off-centre", "overlap"] as const;
export type JunkKind = (typeof JUNK_KINDS)[number];

/** A particle somewhere in the window. */
export interface PlacedParticle {
  /** 0-based into the counts of the exposure. */
  readonly species: number;
  /** Uniform in [−1, 1]. */
  readonly z: number;
  readonly rotation: Matrix3;
  readonly shiftAngstrom: readonly [number, number];
}

/** What a junk image shows. */
export interface Junk {
  readonly kind: JunkKind;
  readonly particles: readonly PlacedParticle[];
}

/** Displacement of a particle off its centre, and of the second of two that overlap, in widths of the window. */
const DISPLACEMENT: Readonly<Record<Exclude<JunkKind, "noise">, readonly [smallest: number, largest: number]>> = {
  "off-centre": [0.25, 0.45],
  overlap: [0.15, 0.3],
};

/** Draw a junk image; species in proportion to `counts`, displaced in any direction. */
export function drawJunk(
  kind: JunkKind,
  window: { readonly counts: readonly number[]; readonly widthAngstrom: number; readonly shiftAngstrom: number },
  random: Random,
): Junk {
  const { counts, widthAngstrom, shiftAngstrom } = window;
  const within = (): number => shiftAngstrom * (2 * random.uniform() - 1);
  const placed = (at: readonly [number, number]): PlacedParticle => ({
    species: drawSpecies(counts, random),
    z: 2 * random.uniform() - 1,
    rotation: randomRotation(random),
    shiftAngstrom: at,
  });
  const displaced = ([smallest, largest]: readonly [number, number]): PlacedParticle => {
    const distance = widthAngstrom * (smallest + (largest - smallest) * random.uniform());
    const angle = 2 * Math.PI * random.uniform();
    return placed([distance * Math.cos(angle), distance * Math.sin(angle)]);
  };
  if (kind === "noise") return { kind, particles: [] };
  const far = displaced(DISPLACEMENT[kind]);
  return { kind, particles: kind === "overlap" ? [placed([within(), within()]), far] : [far] };
}

function drawSpecies(counts: readonly number[], random: Random): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  let left = total * random.uniform();
  return Math.max(
    0,
    counts.findIndex((n) => {
      left -= n;
      return left < 0;
    }),
  );
}
