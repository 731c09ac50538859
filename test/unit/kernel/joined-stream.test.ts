import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { joinedStream } from "../../../kernel/joined-stream.js";

test("a burst of lines is few messages, in order and complete", async () => {
  const sent: [string, string][] = [];
  const { write } = joinedStream((name, text) => sent.push([name, text]));
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}\n`);
  for (const line of lines) write("stdout", line);
  await turn();
  expect(sent.map(([, text]) => text).join("")).toBe(lines.join(""));
  expect(sent.length).toBeLessThan(50);
});

test("the order of the two streams is kept, and flush sends what waits", () => {
  const sent: [string, string][] = [];
  const { write, flush } = joinedStream((name, text) => sent.push([name, text]));
  write("stdout", "a");
  write("stderr", "b");
  write("stdout", "c");
  flush();
  expect(sent).toEqual([
    ["stdout", "a"],
    ["stderr", "b"],
    ["stdout", "c"],
  ]);
});
