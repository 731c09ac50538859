/** @file A map as one output: three central slices, and the surface below them. A picture-only front end shows the slices. */
import type { Volume } from "#iolaus/core/types.js";
import { isosurface } from "#iolaus/plot/isosurface.js";
import { orthogonalSlices } from "#iolaus/plot/orthogonal-slices.js";
import { figureBundle } from "./figure-bundle.js";
import type { MimeBundle } from "./mime-bundle.js";

export function volumeBundle(volume: Volume): MimeBundle {
  const slices = figureBundle(orthogonalSlices(volume));
  const surface = figureBundle(isosurface(volume));
  const both = (type: string): string => `${slices[type]}\n${surface[type]}`;
  return {
    "text/html": both("text/html"),
    "image/svg+xml": slices["image/svg+xml"],
    "text/plain": both("text/plain"),
  };
}
