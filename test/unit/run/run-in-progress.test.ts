import { expect, test } from "vitest";
import type { Run } from "../../../src/run/open-run.js";
import { runInProgress } from "../../../src/run/run-in-progress.js";

const ended = (status: string): Run => ({ manifest: { status } }) as unknown as Run;

test("a run that is done is whole, also where nobody has told how far it was; one that was stopped is not", async () => {
  const options = { stop: () => {}, isWatched: true };
  const done = runInProgress("folder", async () => ended("done"), options);
  const states: string[] = [];
  done.onReport(({ state, progress }) => states.push(`${state} ${progress.fraction}`));
  await done;
  expect(states.at(-1)).toBe("done 1");
  const stopped = runInProgress("folder", async () => ended("stopped"), options);
  await stopped;
  expect([stopped.report().state, stopped.report().progress.fraction]).toEqual(["stopped", 0]);
});
