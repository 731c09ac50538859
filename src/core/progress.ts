/** @file How long work reports on itself: small plain events, throttled by whoever shows them. */

export interface Progress {
  /** What is being done, in a word or two: "prepare", "search". */
  readonly stage: string;
  /** Done so far, 0..1. */
  readonly fraction: number;
  /** A few more facts for people: `{ radius: 8, imagesPerSecond: 310 }`. */
  readonly facts?: Readonly<Record<string, number | string>>;
}

export type OnProgress = (progress: Progress) => void;
