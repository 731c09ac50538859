/**
 * @file The volumes behind a teacher's words: mean and slopes along z of every species, from its images in one pass.
 *
 * Least squares on (1, z) in every Fourier cell (conformation/subspace-sums.ts), z as the teacher has it: no axes are
 * turned, so that what the network learns to say of z is in the teacher's units.
 */
import { displaceInto } from "../conformation/displaced-image.js";
import { solveSubspace } from "../conformation/solve-subspace.js";
import { addToSubspace, newSubspaceSums, sealSubspace } from "../conformation/subspace-sums.js";
import { rasterFromVolume } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { leastBox, withinSphere } from "../imaging/wiener-raster.js";
import { emptyImage, loadImageInto } from "../pose/loaded-image.js";
import type { Taught } from "./imitation.js";
import type { RasterDecoder } from "./raster-loss.js";

const OVERSAMPLING = 2;

/** One decoder per species within `radius` Fourier pixels, whitened units. Reads every image once. */
export function teachersVolumes(
  reader: PreparedReader,
  taught: (index: number) => Taught,
  { classes, zDim, radius }: { readonly classes: number; readonly zDim: number; readonly radius: number },
): readonly RasterDecoder[] {
  const { set, plane } = reader;
  const points = reader.points(radius);
  const image = emptyImage(points);
  const y = new Float32Array(2 * points);
  const a = new Float64Array(1 + zDim).fill(1);
  const moments = new Float64Array(((1 + zDim) * (4 + zDim)) / 2);
  const sums = Array.from({ length: classes }, () => newSubspaceSums(zDim, radius, OVERSAMPLING));
  for (let i = 0; i < set.count; i++) {
    const { classIndex, pose, poseAt, z, zAt } = taught(i);
    if (classIndex < 0) continue;
    loadImageInto(image, reader, i);
    displaceInto(y, image.y, plane, points, pose[poseAt + 6]!, pose[poseAt + 7]!);
    for (let j = 0; j < zDim; j++) a[1 + j] = z[zAt + j]!;
    moments.set(a);
    for (let u = 0, q = 1 + zDim; u <= zDim; u++) for (let v = u; v <= zDim; v++, q++) moments[q] = a[u]! * a[v]!;
    const rows = Array.from({ length: 6 }, (_, r) => pose[poseAt + r]!);
    addToSubspace(sums[classIndex]!, plane, { y, squares: image.squares }, rows, moments);
  }
  const box = leastBox(radius);
  const grid = { box, pixelSizeAngstrom: (set.box * set.pixelSizeAngstrom) / box };
  const power = Float64Array.from(set.signalEnvelope, (s) => s * s);
  return sums.map((own) => {
    sealSubspace(own);
    const [rest, ...slopes] = solveSubspace(own, grid, power).map((map) =>
      rasterFromVolume(withinSphere(map, set.diameterAngstrom), radius, OVERSAMPLING),
    );
    return { rest: rest!, slopes };
  });
}
