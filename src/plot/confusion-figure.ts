/** @file A confusion table as a heat map: rows = found classes, columns = reference; shaded by the share of the column. */
import { check } from "../core/errors.js";
import { type ConfusionTable, columnTotal, imageCount, matchClasses } from "../metrics/confusion-table.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText, percentText, roundedTo } from "./number-text.js";
import { INK, MUTED, rgb } from "./palette.js";
import { plotlyAxis, plotlyLayout, plotlyText } from "./plotly-layout.js";
import { svgDocument, svgRect, svgText } from "./svg.js";

const [LEFT, TOP, CELL_HEIGHT] = [110, 84, 46];
const SHADE = "#0072b2";

/** Cells of paired classes (largest total agreement) are outlined. */
export function confusionFigure(table: ConfusionTable, options: { readonly title?: string } = {}): Figure {
  const { title = "Found classes against reference" } = options;
  const { rows, columns, counts } = table;
  check(
    rows.length > 0 && columns.length > 0,
    "table",
    "at least one class each way",
    `${rows.length}×${columns.length}`,
  );
  const match = matchClasses(table);
  const cell = Math.max(64, Math.min(120, Math.floor(480 / columns.length)));
  const size = {
    width: Math.max(420, LEFT + columns.length * cell + 110),
    height: TOP + rows.length * CELL_HEIGHT + 54,
  };
  const share = counts.map((row) => row.map((n, j) => n / Math.max(1, columnTotal(table, j))));
  const cells = counts.flatMap((row, i) =>
    row.map((n, j) => {
      const [x, y] = [LEFT + j * cell, TOP + i * CELL_HEIGHT];
      const paired = match.columnOfRow[i] === j ? `stroke="${INK}" stroke-width="2"` : "";
      const colour = share[i]![j]! > 0.55 ? "white" : INK;
      return (
        svgRect(
          x + 2,
          y + 2,
          cell - 4,
          CELL_HEIGHT - 4,
          SHADE,
          `fill-opacity="${roundedTo([0.06 + 0.94 * share[i]![j]!], 1e-3)[0]}" rx="3" ${paired}`,
        ) + svgText(x + cell / 2, y + CELL_HEIGHT / 2 + 4, numberText(n), { size: 12, colour, anchor: "middle" })
      );
    }),
  );
  const middle = TOP + (rows.length * CELL_HEIGHT) / 2;
  const names = [
    svgText(LEFT + (columns.length * cell) / 2, TOP - 28, "reference", { anchor: "middle" }),
    svgText(28, middle, "found", { anchor: "middle", turnDeg: -90 }),
    ...columns.map((c, j) =>
      svgText(LEFT + (j + 0.5) * cell, TOP - 8, String(c), { size: 11.5, colour: MUTED, anchor: "middle" }),
    ),
    ...rows.map((r, i) =>
      svgText(LEFT - 8, TOP + (i + 0.5) * CELL_HEIGHT + 4, String(r), { size: 11.5, colour: MUTED, anchor: "end" }),
    ),
    ...columns.map((_, j) =>
      svgText(LEFT + (j + 0.5) * cell, TOP + rows.length * CELL_HEIGHT + 18, percentText(match.recall[j]!), {
        size: 11.5,
        anchor: "middle",
      }),
    ),
    svgText(LEFT - 8, TOP + rows.length * CELL_HEIGHT + 18, "recall", { size: 11.5, colour: MUTED, anchor: "end" }),
    ...rows.map((_, i) =>
      svgText(LEFT + columns.length * cell + 10, TOP + (i + 0.5) * CELL_HEIGHT + 4, percentText(match.precision[i]!), {
        size: 11.5,
      }),
    ),
    svgText(LEFT + columns.length * cell + 10, TOP - 8, "precision", { size: 11.5, colour: MUTED }),
  ];
  const subtitle = `agreement ${percentText(match.agreement)}`;
  return makeFigure({
    title,
    svg: svgDocument(size.width, size.height, title, cells.join("") + names.join(""), subtitle),
    plotly: {
      data: [
        {
          type: "heatmap",
          x: columns.map((c) => plotlyText(String(c))),
          y: rows.map((r) => plotlyText(String(r))),
          z: share.map((row) => roundedTo(row, 1e-4)),
          text: counts.map((row) => row.map(numberText)),
          texttemplate: "%{text}",
          zmin: 0,
          zmax: 1,
          colorscale: [
            [0, tint(0.06)],
            [1, tint(1)],
          ],
          colorbar: { title: { text: "share of column" } },
        },
      ],
      layout: plotlyLayout(title, size, {
        xaxis: plotlyAxis("reference", { type: "category" }),
        yaxis: plotlyAxis("found", { type: "category", autorange: "reversed" }),
      }),
    },
    text: [
      `${title}: ${numberText(imageCount(table))} images, ${subtitle}`,
      ["found \\ reference", ...columns].join("\t"),
      ...counts.map((row, i) => [rows[i], ...row].join("\t")),
      ["recall", ...match.recall.map((r) => r.toFixed(3))].join("\t"),
    ].join("\n"),
    ...size,
  });
}

/** From the page's own colour to blue. */
function tint(opacity: number): string {
  return `rgba(${rgb(SHADE).join(", ")}, ${opacity})`;
}
