/**
 * @file Per-image FSC: the map found for an image, at its own class and conformation, against the true map of that image.
 *
 *     area = Σ_i ½ (|FSC(i−1)| + |FSC(i)|) / box    over the shells 1 ≤ i < box/2
 *
 * So a heterogeneous reconstruction is judged as one: the maps may all be good and go to the wrong images. CryoBench (Jeon
 * et al. 2024) and Hydra report mean, deviation and median of the areas over some 100 images at equal spacing. The area of a
 * perfect curve is (box/2 − 1)/box, not 1. Both maps must lie in one frame: after an ab initio run `found` aligns its map.
 */
import { check, checkCancelled } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import type { Volume } from "../core/types.js";
import {
  type FourierShellCorrelation,
  type FourierShellCorrelationOptions,
  fourierShellCorrelation,
  fscArea,
} from "./fourier-shell-correlation.js";
import { median } from "./quantile.js";

/** Where the maps come from. Asked for one image at a time, so that two maps are held however many images there are. */
export interface ImageMaps {
  /** The map decoded for an image; pass it through `alignVolume` where the run chose its own frame. */
  readonly found: (image: number) => Volume | Promise<Volume>;
  /** The map the image was made from. */
  readonly truth: (image: number) => Volume | Promise<Volume>;
}

/** A `mask` (Float32[box box box], `sphericalMask` or `densityMask`) is the same for all images. */
export interface PerImageFscOptions extends FourierShellCorrelationOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** A group for the figure `imageFsc`, once it has a label. */
export interface PerImageFsc {
  readonly kind: "per-image-fsc";
  /** Int32[images], as asked for. */
  readonly images: Int32Array;
  /** One per image. */
  readonly curves: readonly FourierShellCorrelation[];
  /** Float64[images], 0..perfectArea: area under |FSC| over frequency in 1/pixel. */
  readonly areas: Float64Array;
  /** Of the areas. */
  readonly mean: number;
  /** Of the areas, from their mean: the root of the mean square. */
  readonly deviation: number;
  /** Of the areas. */
  readonly median: number;
  /** (box/2 − 1)/box, which equal maps reach: 0.484 for a box of 64. Divide by it for a score of which 1 is perfect. */
  readonly perfectArea: number;
}

/** FSC of the map found for each of these images against its true map, with the areas under the curves. */
export async function perImageFsc(
  images: ArrayLike<number>,
  { found, truth }: ImageMaps,
  options: PerImageFscOptions = {},
): Promise<PerImageFsc> {
  const { onProgress, signal, ...fscOptions } = options;
  check(images.length > 0, "images", "at least one image", images.length);
  const curves: FourierShellCorrelation[] = [];
  let box = 0;
  for (let n = 0; n < images.length; n++) {
    checkCancelled(signal);
    const image = images[n]!;
    check(Number.isInteger(image) && image >= 0, "images", "positions of images, from 0", image);
    const [map, trueMap] = [await found(image), await truth(image)];
    if (n === 0) box = trueMap.box;
    check(trueMap.box === box, `truth(${image})`, `a box of ${box} as for image ${images[0]}`, trueMap.box);
    check(map.box === box, `found(${image})`, `a box of ${box} as of its true map`, map.box);
    curves.push(fourierShellCorrelation(map, trueMap, fscOptions));
    onProgress?.({ stage: "per-image FSC", fraction: (n + 1) / images.length });
  }
  const areas = Float64Array.from(curves, fscArea);
  const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  return {
    kind: "per-image-fsc",
    images: Int32Array.from(images),
    curves,
    areas,
    mean,
    deviation: Math.sqrt(areas.reduce((sum, area) => sum + (area - mean) ** 2, 0) / areas.length),
    median: median(areas),
    perfectArea: (box / 2 - 1) / box,
  };
}
