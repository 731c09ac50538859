/** @file Pieces of an SVG document as strings. Every text passes through `escaped`. */
import escapeHtml from "escape-html";
import { INK, MUTED, PAPER } from "./palette.js";

const FONT = "Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif";

export interface TextStyle {
  /** @default 12 */
  readonly size?: number;
  /** @default ink */
  readonly colour?: string;
  /** @default "start" */
  readonly anchor?: "start" | "middle" | "end";
  /** @default 400 */
  readonly weight?: number;
  /** Clockwise about the text's point. @default 0 */
  readonly turnDeg?: number;
}

/** A whole document with a title at the top left. `subtitle` stands beside it, in grey. */
export function svgDocument(width: number, height: number, title: string, body: string, subtitle = ""): string {
  const heading = svgText(20, 27, title, { size: 15, weight: 600 });
  const note = subtitle === "" ? "" : svgText(width - 20, 27, subtitle, { size: 11.5, colour: MUTED, anchor: "end" });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" role="img" aria-label="${escaped(title)}"><rect width="${width}" height="${height}" fill="${PAPER}"/>${heading}${note}${body}</svg>`;
}

export function svgText(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 12, colour = INK, anchor = "start", weight = 400, turnDeg = 0 } = style;
  const turn = turnDeg === 0 ? "" : ` transform="rotate(${turnDeg} ${px(x)} ${px(y)})"`;
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${colour}" text-anchor="${anchor}" font-weight="${weight}"${turn}>${escaped(text)}</text>`;
}

export function svgLine(x1: number, y1: number, x2: number, y2: number, colour: string, width = 1, dash = ""): string {
  const dashes = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}" stroke-width="${width}"${dashes}/>`;
}

export function svgRect(x: number, y: number, width: number, height: number, fill: string, extra = ""): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="${fill}" ${extra}/>`;
}

export function svgCircle(x: number, y: number, radius: number, fill: string, extra = ""): string {
  return `<circle cx="${px(x)}" cy="${px(y)}" r="${px(radius)}" fill="${fill}" ${extra}/>`;
}

/** A line through points given in pixels. */
export function svgPath(points: readonly (readonly [number, number])[], colour: string, width = 1.8): string {
  const d = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${px(x)} ${px(y)}`).join("");
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"/>`;
}

/** A filled area around points given in pixels. */
export function svgPolygon(points: readonly (readonly [number, number])[], fill: string, opacity: number): string {
  const d = points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${px(x)} ${px(y)}`).join("");
  return `<path d="${d}" fill="${fill}" fill-opacity="${opacity}" stroke="none"/>`;
}

/** Dots of one colour as one path of round caps, points given in pixels: a sixth of the text that circles would take. */
export function svgDots(points: readonly (readonly [number, number])[], radius: number, colour: string): string {
  const tenth = (v: number): number => Math.round(v * 10) / 10;
  const d = points.map(([x, y]) => `M${tenth(x)} ${tenth(y)}h0`).join("");
  const stroke = `stroke="${colour}" stroke-width="${px(2 * radius)}" stroke-linecap="round" stroke-opacity="0.72"`;
  return `<path d="${d}" fill="none" ${stroke}/>`;
}

/** A picture from a data URI; `smooth` false shows its pixels as squares. */
export function svgImage(x: number, y: number, width: number, height: number, uri: string, smooth = true): string {
  const style = smooth ? "" : ` style="image-rendering:pixelated"`;
  return `<image x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" preserveAspectRatio="none" href="${uri}"${style}/>`;
}

/** Coloured names in a row from `x` on. */
export function svgLegend(
  x: number,
  y: number,
  names: readonly (readonly [label: string, colour: string])[],
  size = 11.5,
): string {
  let at = x;
  return names
    .map(([label, colour]) => {
      const mark = svgCircle(at + 4, y - 4, 4, colour) + svgText(at + 12, y, label, { size });
      at += 12 + textWidth(label, size) + 12;
      return mark;
    })
    .join("");
}

/** Roughly how wide a text is, pixels: there is no font to measure with. */
export function textWidth(text: string, size: number): number {
  return text.length * size * 0.56;
}

export function escaped(text: string): string {
  return escapeHtml(text);
}

/** Pixels with at most two decimals. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}
