/**
 * @file Colours of every figure, chosen to be told apart by colour-blind readers.
 *
 * Categories: Okabe & Ito 2008 without yellow and black, then four chosen by search so that any two of the ten are 17 apart
 * in CIELAB for every reader (also with the confusions of protanopia and deuteranopia, Machado et al. 2009) and each stands
 * out on a light and on a dark page. Values: viridis, whose lightness rises steadily.
 */
import { interpolateViridis } from "d3-scale-chromatic";

export type Rgb = readonly [red: number, green: number, blue: number];

export const CATEGORIES: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#962d1e",
  "#3c69f0",
  "#5ac369",
  "#3c00ff",
];

export const INK = "#1f2430";
export const MUTED = "#667085";
export const GRID = "#e6e8ec";
export const AXIS = "#98a2b3";
export const PAPER = "#ffffff";

/** Colour of category `index`; beyond the tenth they repeat. */
export function categoryColour(index: number): string {
  return CATEGORIES[index % CATEGORIES.length]!;
}

/** Colour of a value scaled to 0..1. */
export function valueColour(t: number): string {
  return interpolateViridis(Math.max(0, Math.min(1, t)));
}

/** "#rrggbb" or "rgb(r, g, b)" as three bytes. */
export function rgb(colour: string): Rgb {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour);
  if (hex !== null) {
    const word = Number.parseInt(hex[1]!, 16);
    return [word >> 16, (word >> 8) & 255, word & 255];
  }
  const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return [r, g, b];
}

/** 256 steps of viridis, for rasters. */
export const VIRIDIS: readonly Rgb[] = Array.from({ length: 256 }, (_, i) => rgb(valueColour(i / 255)));

/** The same for Plotly. */
export const PLOTLY_VIRIDIS: readonly (readonly [number, string])[] = Array.from({ length: 9 }, (_, i) => [
  i / 8,
  valueColour(i / 8),
]);
