/**
 * @file The dark form of any figure: the same drawing with every neutral colour exchanged. Neutral colours stand as words of
 * the palette in both forms of a figure, so that an exchange of words is exact; categories and viridis serve on both pages.
 */
import { type Figure, makeFigure } from "./figure.js";
import { AXIS, GRID, INK, MUTED, PAPER } from "./palette.js";

export type Theme = "light" | "dark";

/** What each becomes on a dark page. */
export const DARK: ReadonlyMap<string, string> = new Map([
  [PAPER, "#14181f"],
  [INK, "#e8eaf0"],
  [MUTED, "#a3adbd"],
  [GRID, "#2b313c"],
  [AXIS, "#667085"],
]);
const WORDS = new RegExp([...DARK.keys()].join("|"), "g");

/** The figure for a light page (as it is) or a dark one. */
export function inTheme(figure: Figure, theme: Theme): Figure {
  if (theme === "light") return figure;
  return makeFigure({
    ...figure,
    svg: darkened(figure.svg),
    plotly: JSON.parse(darkened(JSON.stringify(figure.plotly))) as Figure["plotly"],
  });
}

function darkened(text: string): string {
  return text.replace(WORDS, (word) => DARK.get(word)!);
}
