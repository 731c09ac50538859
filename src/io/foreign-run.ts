/** @file What another program found out about particles, in our conventions, with the shape of a run's own `particles()`. */
import type { Defocus, Optics, Poses } from "../core/types.js";

/** One class of a foreign run. */
export interface ForeignClass {
  /** Fraction of the particles, 0..1. */
  readonly share: number;
  /** As the program says; null when it does not. */
  readonly resolutionAngstrom: number | null;
  /** Its map, where the file is there. */
  readonly volumePath: string | null;
}

/** Every array is in the order of `keys`; classes count from 0 here and from 1 wherever a person sees them. */
export interface ForeignRun {
  readonly kind: "foreign-run";
  readonly program: "cryodrgn" | "relion";
  readonly path: string;
  readonly keys: readonly string[];
  /** Classes; 1 for programs without. */
  readonly K: number;
  /** 0 for programs without latent coordinates. */
  readonly zDim: number;
  readonly assignments: {
    /** Int32[count], from 0. */
    readonly classes: Int32Array;
    /** Float32[count zDim]. */
    readonly z: Float32Array;
    /** Float32[count]: probability of the particle's own class; null when the program does not say. */
    readonly certainty: Float32Array | null;
    readonly poses: Poses | null;
  };
  readonly classes: readonly ForeignClass[];
  /** Null when the CTF was not given. */
  readonly ctf: { optics(index: number): Optics; defocus(index: number): Defocus } | null;
}
