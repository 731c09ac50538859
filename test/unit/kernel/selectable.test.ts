import { expect, test } from "vitest";
import { displaySymbol, type MimeBundle } from "../../../kernel/mime-bundle.js";
import { outlineToken, pointsMark, readToken } from "../../../kernel/outline-token.js";
import { selectable, withOutlines } from "../../../kernel/selectable.js";
import { tinyFigure } from "../../support/tiny-figure.js";

const keys = ["a", "b", "c", "d"];
const view = { keys, set: { keys }, name: "UMAP", x: [0, 1, 2, 3], y: [0, 1, 0, 1] };
const square = [
  [0.5, -0.5],
  [2.5, -0.5],
  [2.5, 1.5],
  [0.5, 1.5],
] as const;

/** Where the page would send an outline. */
function address(plot: object): string {
  const bundle = (plot as Record<symbol, () => MimeBundle>)[displaySymbol]!();
  const [, port, path] = String(bundle["text/html"]).match(/"[0-9a-f]{12}",(\d+),"(\/selection\/[0-9a-f]+)"/)!;
  return `http://127.0.0.1:${port}${path}`;
}

test("an outline written in the cell selects without a browser, and says so in its history", async () => {
  const plot = await selectable(tinyFigure(), view);
  const { keys: chosen, indices, step } = await plot.selection(outlineToken(view, square));
  expect([chosen, [...indices]]).toEqual([
    ["b", "c"],
    [1, 2],
  ]);
  expect(step.what).toMatch(/^inside \(0\.5, -0\.5\)/);
});

test("a cell waits for what the page sends, and is given the outline to keep", async () => {
  const plot = await selectable(tinyFigure(), view);
  const waiting = plot.selection();
  const { status } = await fetch(address(plot), { method: "POST", body: outlineToken(view, square) });
  expect([status, (await waiting).keys]).toEqual([200, ["b", "c"]]);
  const kept = withOutlines("const chosen = await plot.selection(); // mine");
  expect(kept).toBe(`const chosen = await plot.selection("${outlineToken(view, square)}"); // mine`);
  expect(withOutlines("plot.selection()")).toBeUndefined();
});

test("what was drawn before the cell ran is taken at once", async () => {
  const plot = await selectable(tinyFigure(), view);
  await fetch(address(plot), { method: "POST", body: outlineToken(view, square) });
  expect((await plot.selection()).keys).toEqual(["b", "c"]);
  withOutlines("");
});

test("an outline of other points, or no outline, is refused and the cell goes on waiting", async () => {
  const plot = await selectable(tinyFigure(), view);
  for (const body of [
    "",
    "<script>",
    "00000000 1,2 3,4 5,6",
    `${pointsMark(view)} 1,2 3,4`,
    `${pointsMark(view)} 1,2 3,x 1,1`,
  ]) {
    const answer = await fetch(address(plot), { method: "POST", body });
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringMatching(/^selection: expected an outline/),
    ]);
  }
  await expect(plot.selection("00000000 1,2 3,4 5,6")).rejects.toThrow(/got 00000000; draw it again by selection\(\)/);
});

test("a token keeps the corners to four digits of the picture, thins a long outline, and reads back", () => {
  const large = { x: [0, 4000], y: [0, 1000] };
  expect(
    outlineToken(large, [
      [1.26, 2],
      [3, 4],
      [5, 6],
    ])
      .split(" ")
      .slice(1),
  ).toEqual(["1,2", "3,4", "5,6"]);
  const long = Array.from({ length: 500 }, (_, i) => [Math.cos(i / 80), Math.sin(i / 80)] as const);
  const token = outlineToken(view, long);
  expect(token.length).toBeLessThan(1500);
  expect(readToken(token, view).length).toBeLessThanOrEqual(80);
});

test("hostile titles reach the tools of the figure as text only", async () => {
  const hostile = `"></div><script>alert(1)</script>`;
  const plot = await selectable(tinyFigure({ title: hostile, text: hostile }), { ...view, name: hostile });
  const html = String((plot as unknown as Record<symbol, () => MimeBundle>)[displaySymbol]!()["text/html"]);
  expect(html.match(/<script>/g)).toHaveLength(2);
  expect(html).not.toContain("alert(1)</script>");
});
