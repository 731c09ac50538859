import { expect, test } from "vitest";
import { OutputCollector } from "../../../kernel/cell-outputs.js";

const bundle = (text: string, id?: string) => ({
  data: { "text/plain": text },
  metadata: {},
  transient: id === undefined ? {} : { display_id: id },
});

test("pieces of one stream are one output, and the other stream begins another", () => {
  const collector = new OutputCollector();
  const outputs = collector.startCell();
  collector.stream("stdout", "a");
  collector.stream("stdout", "b\n");
  collector.stream("stderr", "c");
  expect(outputs).toEqual([
    { output_type: "stream", name: "stdout", text: "ab\n" },
    { output_type: "stream", name: "stderr", text: "c" },
  ]);
});

test("a progress line that returns to its start keeps its last state", () => {
  const collector = new OutputCollector();
  const outputs = collector.startCell();
  for (const text of ["start\n", "10 %\r", "20 %", "\r30 %\r", "done\n", "windows\r\n"])
    collector.stream("stdout", text);
  expect(outputs).toEqual([{ output_type: "stream", name: "stdout", text: "start\ndone\nwindows\n" }]);
});

test("an update from a later cell changes the output where it stands", () => {
  const collector = new OutputCollector();
  const first = collector.startCell();
  collector.display(bundle("0 %", "panel"), false);
  const second = collector.startCell();
  collector.display(bundle("100 %", "panel"), true);
  collector.display(bundle("other"), false);
  expect(first).toMatchObject([{ data: { "text/plain": "100 %" } }]);
  expect(second).toMatchObject([{ data: { "text/plain": "other" } }]);
});
