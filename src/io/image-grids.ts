/**
 * @file The grids of a set of images, and the one that all of them can be brought to: its pixel is the coarsest, its
 * length the shortest of theirs.
 */
import type { ImageGrid } from "../core/types.js";

export interface ImageGrids extends ImageGrid {
  /** Absent where all images have the same grid. */
  readonly gridOf?: (index: number) => ImageGrid;
}

export function imageGrids(count: number, gridOf: (index: number) => ImageGrid): ImageGrids {
  const first = gridOf(0);
  let [isMixed, coarsest, shortest] = [false, first.pixelSizeAngstrom, first.box * first.pixelSizeAngstrom];
  for (let i = 1; i < count; i++) {
    const { box, pixelSizeAngstrom } = gridOf(i);
    isMixed ||= box !== first.box || pixelSizeAngstrom !== first.pixelSizeAngstrom;
    coarsest = Math.max(coarsest, pixelSizeAngstrom);
    shortest = Math.min(shortest, box * pixelSizeAngstrom);
  }
  if (!isMixed) return first;
  return { box: 2 * Math.floor(shortest / coarsest / 2 + 1e-6), pixelSizeAngstrom: coarsest, gridOf };
}
