/**
 * @file A figure as one output: HTML, SVG, Plotly JSON and text.
 *
 * The HTML is a picture that needs no script. Where scripts run and plotly.js is on the page, or arrives later and says
 * so with the event `iolaus-plotly`, the interactive figure takes the picture's place. The figure's data travel in the
 * HTML gzipped, so that a notebook stays small. The picture stands in an <img>: what its SVG says can run nothing. A picture that moves is
 * shown as it is, without script.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import escapeHtml from "escape-html";
import type { Figure } from "#iolaus/plot/figure.js";
import type { MimeBundle } from "./mime-bundle.js";

/** Longest Plotly JSON, bytes, that is also written plainly for front ends with their own Plotly renderer. */
const plainPlotlyBytes = 6_000;

export function figureBundle(figure: Figure): MimeBundle {
  if (figure.bytes !== undefined) return movingBundle(figure, figure.bytes);
  const plotly = sizedPlotly(figure);
  const json = JSON.stringify(plotly);
  return {
    "text/html": figureHtml(figure, json),
    "image/svg+xml": figure.svg,
    ...(json.length <= plainPlotlyBytes && { "application/vnd.plotly.v1+json": plotly }),
    "text/plain": caption(figure),
  };
}

function movingBundle(figure: Figure, gif: Uint8Array): MimeBundle {
  const data = Buffer.from(gif).toString("base64");
  const alt = escapeHtml(caption(figure));
  return {
    "text/html": `<img alt="${alt}" style="max-width:100%" src="data:image/gif;base64,${data}"/>`,
    "image/svg+xml": figure.svg,
    "text/plain": caption(figure),
  };
}

/** What marks the figure's place in the page: `data-iolaus-figure`. */
export function figureId(figure: Figure): string {
  return hashed(Buffer.from(figure.svg).toString("base64"), JSON.stringify(sizedPlotly(figure)));
}

function hashed(picture: string, json: string): string {
  return createHash("sha256").update(picture).update(json).digest("hex").slice(0, 12);
}

function sizedPlotly({ plotly: { data, layout }, width, height }: Figure): Figure["plotly"] {
  return { data, layout: { width, height, ...layout } };
}

function figureHtml(figure: Figure, json: string): string {
  const picture = Buffer.from(figure.svg).toString("base64");
  const data = gzipSync(json, { level: 9 }).toString("base64");
  const id = hashed(picture, json);
  const alt = escapeHtml(caption(figure));
  return [
    `<div data-iolaus-figure="${id}">`,
    `<img alt="${alt}" width="${figure.width}" style="max-width:100%" src="data:image/svg+xml;base64,${picture}"/>`,
    "</div>",
    `<script>(${drawFigure})("${id}","${data}")</script>`,
  ].join("\n");
}

/** The title stands once, in the text or before it. */
function caption({ title, text }: Figure): string {
  return text.startsWith(title) ? text : `${title}\n${text}`;
}

/** Runs in the page. */
const drawFigure = `(id, packed) => {
  const unpack = async () => {
    const text = atob(packed), bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i); // a callback would cost a tenth of a second per MB
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  };
  const draw = async () => {
    const { data, layout } = await unpack();
    for (const box of document.querySelectorAll('[data-iolaus-figure="' + id + '"]:not([data-live])')) {
      box.dataset.live = "";
      const plot = box.appendChild(document.createElement("div"));
      try {
        await window.Plotly.newPlot(plot, data, layout, { responsive: true, displaylogo: false });
        if (plot.querySelector(".no-webgl")) throw new Error("no WebGL here");
        box.querySelector("img").remove();
        box.dataset.live = "drawn";
        box.dispatchEvent(new Event("iolaus-drawn"));
      } catch (error) {
        plot.remove();
        console.warn("figure stays a picture:", error);
      }
    }
  };
  if (window.Plotly) draw();
  else window.addEventListener("iolaus-plotly", draw, { once: true });
}`;
