/** @file What a mixture reconstruction is asked, what it shows while it runs, and what it needs to go on later. */
import type { Poses, Volume } from "../core/types.js";
import type { Settings } from "./batch-plan.js";
import type { PaperOptions } from "./paper-schedule.js";
import type { Schedule } from "./schedule.js";

/** What holds where MixtureOptions says nothing. */
export const mixtureDefaults: {
  readonly classes: number | "auto";
  readonly mostClasses: number;
  readonly junk: boolean;
  readonly zDim: number;
  readonly seed: number;
  readonly passes: number;
  readonly batch: number;
} = { classes: 3, mostClasses: 8, junk: true, zDim: 1, seed: 1, passes: 50, batch: 125 };

export interface MixtureOptions {
  /**
   * K, the number of species looked for; fewer are found where classes hold one species. "auto": as many as there are,
   * up to `mostClasses`. @default 3
   */
  readonly classes?: number | "auto";
  /** Classes that "auto" begins with. @default 8 */
  readonly mostClasses?: number;
  /** Whether images that no class explains are told, and left out of the maps (junk.ts). @default true */
  readonly junk?: boolean;
  /**
   * Length of the conformation of every species; 0: rigid. "auto": as many axes as each class is found to move along, up to 3;
   * coordinates beyond those are 0. @default 1
   */
  readonly zDim?: number | "auto";
  /** @default 1 */
  readonly seed?: number;
  /** Times every image is visited. @default 50 */
  readonly passes?: number;
  /** Images between two updates of the maps, at the start; later stages take more. @default 125 */
  readonly batch?: number;
  /** Threads of the search and of the field steps. @default the cores, at most 8 */
  readonly threads?: number;
  /** Departures from `defaultSchedule`. */
  readonly schedule?: Partial<Schedule>;
  /** Stops between two batches; the generator then ends after a last state. */
  readonly signal?: AbortSignal;
}

/**
 * What the published schedule is asked, for comparison (paper-schedule.ts), which sets `passes` and `batch` itself. K is a
 * number, and taken as given: empty classes stay, and there is no junk.
 */
export interface PaperMixtureOptions extends Omit<MixtureOptions, "schedule"> {
  readonly schedule: "paper";
  /** Departures from what is published. */
  readonly paper?: PaperOptions;
}

/** Where every image stands. */
export interface Assignments {
  /** Int32[count], 0-based class of largest posterior; −1 before the first visit, and for junk. */
  readonly classes: Int32Array;
  /** Float32[count K]: rows and `junk` sum to 1. */
  readonly posterior: Float32Array;
  /** Float32[count]: posterior that no class explains the image (junk.ts); 0 until judged. */
  readonly junk: Float32Array;
  /** The best pose in that class. */
  readonly poses: Poses;
  /** Float32[count zDim], the conformation in that class. */
  readonly z: Float32Array;
  /** Float64[count]: log-evidence of that class when last searched, natural units; rigid, also where it flexes now. */
  readonly evidence: Float64Array;
}

/** Classes compared on held-out images, and those of one species joined (duplicates.ts). */
export interface Joining {
  /** Before which stage. */
  readonly stage: string;
  /** Number[K][K]: likeness of the classes compared, 1 within one species. */
  readonly likeness: readonly (readonly number[])[];
  /** Number[K]: mean held-out log-evidence of a class's images under the class itself, over no particle. */
  readonly evidence: readonly number[];
  /** Number[K]: the class that each went into; its own number where it stayed. */
  readonly home: readonly number[];
  /** Which of them are left, in order; the others hold no image. */
  readonly kept: readonly number[];
}

/** One state per batch. Each is a complete answer so far; read what you need before asking for the next. */
export interface MixtureState {
  readonly kind: "mixture-state";
  /** Batches done and in all. */
  readonly step: number;
  readonly steps: number;
  /** Passes over the images completed. */
  readonly pass: number;
  readonly fraction: number;
  readonly settings: Pick<Settings, "stage" | "radius" | "poseTemperature" | "classTemperature">;
  /** Float64[K], sums to 1. */
  readonly classWeights: Float64Array;
  /** Mean log-evidence per image over the latest search of each; it stands still once classes flex. */
  readonly logEvidence: number;
  /** Fraction of the images whose class changed at their latest visit. */
  readonly changed: number;
  readonly imagesPerSecond: number;
  /** What became of classes that hold one species; empty until they are compared. */
  readonly joining: readonly Joining[];
  /** Int32[K]: axes along which each class moves; 0 until conformations are found. */
  readonly axes: Int32Array;
  assignments(): Assignments;
  /** The map of every class at the mean conformation of its images, in units of the normalised images. */
  volumes(): Promise<readonly Volume[]>;
  /** The map of one class at conformation z. */
  volumeAt(classIndex: number, z: ArrayLike<number>): Promise<Volume>;
  checkpoint(): MixtureCheckpoint;
}

/** Everything needed to go on to the same numbers: JSON, and arrays by name. */
export interface MixtureCheckpoint {
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, Float32Array | Float64Array | Int32Array>>;
}
