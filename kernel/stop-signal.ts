/** @file The notebook's Stop button as an AbortSignal, for work that takes one. */

/**
 * A signal that aborts when Stop is pressed: `await iolaus.searchPoses(particles, maps, { signal: stopSignal() })`.
 * Runs need none: Stop ends those the cell waits for.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}
