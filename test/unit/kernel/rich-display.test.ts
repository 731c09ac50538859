import { createRequire } from "node:module";
import { afterEach, expect, test, vi } from "vitest";
import { type DisplayContent, show, updatableOutput } from "../../../kernel/rich-display.js";
import { tinyFigure } from "../../support/tiny-figure.js";

const cache = createRequire(import.meta.url).cache as Record<string, unknown>;
const added: string[] = [];

function load(path: string, exports: object): void {
  cache[path] = { exports };
  added.push(path);
}

afterEach(() => {
  for (const path of added.splice(0)) delete cache[path];
  vi.restoreAllMocks();
});

function kernel(): { sent: [DisplayContent, boolean][] } {
  const sent: [DisplayContent, boolean][] = [];
  const lastWriteDisplayData = (content: DisplayContent, update: boolean): number => sent.push([content, update]);
  load("/anywhere/node_modules/tslab/dist/jupyter.js", { lastWriteDisplayData });
  return { sent };
}

test("in a kernel, show sends one output with every form in it", () => {
  const { sent } = kernel();
  show(tinyFigure());
  expect(sent).toHaveLength(1);
  expect(Object.keys(sent[0]![0].data)).toContain("text/html");
  expect(Object.keys(sent[0]![0].data)).toContain("image/svg+xml");
  expect(sent[0]![1]).toBe(false);
});

test("an updatable output is made once and then overwritten under the same name", () => {
  const { sent } = kernel();
  const output = updatableOutput();
  output.show("first");
  output.show("second");
  expect(sent.map(([content, update]) => [content.data["text/plain"], update])).toEqual([
    ["first", false],
    ["second", true],
  ]);
  const ids = sent.map(([content]) => content.transient.display_id);
  expect(ids[0]).toBeTruthy();
  expect(ids[1]).toBe(ids[0]);
});

test("where the hook does not fit, the richest form goes out alone through tslab's public display", () => {
  const raw = vi.fn();
  load("/anywhere/tslab/dist/jupyter.js", { lastWriteDisplayData: () => {} });
  load("/anywhere/tslab/dist/public.js", { display: { raw } });
  show(tinyFigure());
  expect(raw).toHaveBeenCalledTimes(1);
  expect(raw.mock.calls[0]![0]).toBe("text/html");
});

test("outside a kernel, show prints the text form", () => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  show(tinyFigure());
  expect(write).toHaveBeenCalledWith("Three points\nmean 2\n");
});
