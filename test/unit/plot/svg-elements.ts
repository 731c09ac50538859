/** @file Reads an SVG back: refuses what is not well formed, and hands out its elements. */
import { PNG } from "pngjs";

export interface SvgElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

export function svgElements(svg: string): SvgElement[] {
  const elements: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const open: number[] = [];
  const token = /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  while (token.lastIndex < svg.length) {
    const at = token.lastIndex;
    const match = token.exec(svg);
    if (match === null) throw new Error(`not well formed at ${at}: ${svg.slice(at, at + 60)}`);
    const [, closing, name, attributes, empty, text] = match;
    if (text !== undefined) {
      if (/&(?!(amp|lt|gt|quot|#\d+);)/.test(text)) throw new Error(`bare & in: ${text}`);
      if (open.length > 0) elements[open.at(-1)!]!.text += text;
    } else if (closing === "/") {
      const last = open.pop();
      if (last === undefined || elements[last]!.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const pairs = [...attributes!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]);
      elements.push({ name: name!, attributes: Object.fromEntries(pairs), text: "" });
      if (empty !== "/") open.push(elements.length - 1);
    }
  }
  if (open.length > 0) throw new Error(`<${elements[open.at(-1)!]!.name}> is not closed`);
  return elements;
}

/** Standard deviation of the visible grey values of a picture in an <image>; 0 for a blank one. */
export function pictureContrast(element: SvgElement): number {
  const data = /^data:image\/png;base64,(.+)$/.exec(element.attributes["href"] ?? "");
  if (data === null) throw new Error("an <image> without a PNG");
  const { data: pixels } = PNG.sync.read(Buffer.from(data[1]!, "base64"));
  const greys: number[] = [];
  for (let i = 0; i < pixels.length; i += 4) {
    const opacity = pixels[i + 3]! / 255;
    greys.push(255 * (1 - opacity) + opacity * ((pixels[i]! + pixels[i + 1]! + pixels[i + 2]!) / 3));
  }
  const mean = greys.reduce((sum, g) => sum + g, 0) / greys.length;
  return Math.sqrt(greys.reduce((sum, g) => sum + (g - mean) ** 2, 0) / greys.length);
}
