/** @file What a mixture reconstruction is asked, what it shows while it runs, and what it needs to go on later. */
import type { Poses, Volume } from "../core/types.js";
import type { PaperOptions } from "./paper-schedule.js";
import type { Schedule, Settings } from "./schedule.js";

/** What holds where MixtureOptions says nothing. */
export const mixtureDefaults: {
  readonly classes: number;
  readonly zDim: number;
  readonly seed: number;
  readonly passes: number;
  readonly batch: number;
} = { classes: 3, zDim: 1, seed: 1, passes: 50, batch: 125 };

export interface MixtureOptions {
  /** K, the number of species looked for. @default 3 */
  readonly classes?: number;
  /** Length of the conformation of every species; 0: rigid. @default 1 */
  readonly zDim?: number;
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

/** What the published schedule is asked, for comparison (paper-schedule.ts), which sets `passes` and `batch` itself. */
export interface PaperMixtureOptions extends Omit<MixtureOptions, "schedule"> {
  readonly schedule: "paper";
  /** Departures from what is published. */
  readonly paper?: PaperOptions;
}

/** Where every image stands. */
export interface Assignments {
  /** Int32[count], 0-based class of largest posterior; −1 before the first visit. */
  readonly classes: Int32Array;
  /** Float32[count K], rows sum to 1. */
  readonly posterior: Float32Array;
  /** The best pose in that class. */
  readonly poses: Poses;
  /** Float32[count zDim], the conformation in that class. */
  readonly z: Float32Array;
  /** Float64[count]: log-evidence of that class when last searched, natural units; rigid, also where it flexes now. */
  readonly evidence: Float64Array;
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
