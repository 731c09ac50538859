import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { displaySymbol, type MimeBundle } from "../../kernel/mime-bundle.js";
import { plotlyLibraryHtml } from "../../kernel/plotly-library.js";
import { type SelectableFigure, selectable } from "../../kernel/selectable.js";
import { latentScatter } from "../../src/plot/latent-scatter.js";
import { chromiumAvailable, localChromium } from "../support/chromium.js";

const keys = Array.from({ length: 40 }, (_, i) => `${i}@x`);
const view = { keys, set: { keys }, name: "plane", x: keys.map((_, i) => i % 8), y: keys.map((_, i) => i >> 3) };

let plot: SelectableFigure;
let hub: Server;
let url: string;
const proxied: string[] = [];

/** A hub as a page sees it: the page, and `proxy/PORT/…` passed on to this machine, headers as they are. */
beforeAll(async () => {
  plot = await selectable(latentScatter(view), view);
  const bundle = (plot as unknown as Record<symbol, () => MimeBundle>)[displaySymbol]!();
  const page = `<!doctype html><body data-base-url="/user/me/">${plotlyLibraryHtml()}<div>${bundle["text/html"]}</div>`;
  const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";
  hub = createServer((asked, answer) => {
    const [, port, path] = asked.url!.match(/^\/user\/me\/proxy\/(\d+)(\/.*)$/) ?? [];
    if (port === undefined) {
      answer.setHeader("Content-Security-Policy", `${policy}; connect-src 'self'`);
      answer.setHeader("Content-Type", "text/html; charset=utf-8");
      return void answer.end(asked.url === "/" ? page : "");
    }
    proxied.push(String(asked.headers["sec-fetch-site"]));
    const { method, headers } = asked;
    const on = request({ host: "127.0.0.1", port, path, method: method!, headers }, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    asked.pipe(on);
  });
  await new Promise<void>((done) => hub.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(hub.address() as AddressInfo).port}/`;
});

afterAll(() => void hub.close());

test.skipIf(!chromiumAvailable)(
  "under a policy that lets a page speak to its own server alone, an outline reaches the cell through Jupyter's proxy",
  async () => {
    const browser = await localChromium();
    try {
      const page = await browser.newPage();
      await page.goto(url);
      const drag = page.locator(".js-plotly-plot .nsewdrag").first();
      await drag.waitFor();
      await page.locator("text=Draw an outline").waitFor();
      const { x, y, width, height } = (await drag.boundingBox())!;
      await page.mouse.move(x + 5, y + 5);
      await page.mouse.down();
      for (const [u, v] of [
        [0.5, 0.01],
        [0.5, 0.99],
        [0.01, 0.99],
        [0.01, 0.02],
      ] as const)
        await page.mouse.move(x + u * width, y + v * height, { steps: 6 });
      await page.mouse.up();
      await page.locator("button:has-text('Send to the notebook')").click();
      await page.locator("text=/sent to the notebook/").waitFor();
      const { keys: chosen } = await plot.selection();
      expect(chosen).toEqual(keys.filter((_, i) => i % 8 < 4));
      expect(proxied).toEqual(["same-origin"]);
    } finally {
      await browser.close();
    }
  },
);
