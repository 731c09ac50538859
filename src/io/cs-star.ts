/**
 * @file Particles of cryoSPARC as a STAR file of RELION 3.1.
 *
 * One optics group per exposure group, microscope, side and pixel size. `uid` goes along as `_csparcUid`, so that rows find back to the
 * table. RELION wants stacks to end in .mrcs: where cryoSPARC's end in .mrc, make links with the other ending.
 */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import type { Optics } from "../core/types.js";
import { csCtfs } from "./cs-ctf.js";
import { type CsParticles, joinedNumbers, joinedTexts, partWith } from "./cs-join.js";
import { csAlignments } from "./cs-poses.js";
import type { ImageNames } from "./image-names.js";
import type { ImageFacts } from "./particle-list.js";
import type { StarFile } from "./star.js";
import { type OpticsGroup, particleStar } from "./star-new.js";
import { poseColumns } from "./star-poses.js";
import type { StarColumns } from "./star-table.js";

export function csStar(path: string, particles: CsParticles, names: ImageNames, images: ImageFacts): StarFile {
  const { count, uids } = particles;
  const hasCtf = partWith(particles, "ctf/df1_A") !== undefined;
  const { groups, groupOf } = opticsGroups(particles, images, hasCtf);
  const micrographs = joinedTexts(particles, "location/micrograph_path");
  const columns: StarColumns = {
    rlnImageName: Array.from({ length: count }, (_, i) => {
      return `${String(names.indexOf[i]! + 1).padStart(6, "0")}@${names.stacks[names.stackOf[i]!]}`;
    }),
    ...(micrographs && { rlnMicrographName: micrographs.map((name) => name.replace(/^>/, "")) }),
    rlnOpticsGroup: groupOf,
    ...(hasCtf ? ctfColumns(particles) : {}),
    csparcUid: Array.from(uids, String),
  };
  const star = particleStar({ path, opticsGroups: groups, particles: columns });
  const gridOf = images.gridOf ?? (() => images);
  const sizes = Float64Array.from({ length: count }, (_, i) => gridOf(i).pixelSizeAngstrom);
  const alignments = csAlignments(particles, sizes);
  if (alignments === undefined) return star;
  const posed = poseColumns({ star, ...images }, alignments.poses);
  const classes = alignments.classes === null ? {} : { rlnClassNumber: alignments.classes.map((k) => k + 1) };
  return particleStar({ path, opticsGroups: groups, particles: { ...columns, ...posed, ...classes } });
}

function opticsGroups(
  particles: CsParticles,
  images: ImageFacts,
  hasCtf: boolean,
): { readonly groups: readonly OpticsGroup[]; readonly groupOf: Int32Array } {
  const exposure = joinedNumbers(particles, "ctf/exp_group_id");
  const ctfs = hasCtf ? csCtfs(particles) : null;
  const places = new Map<string, number>();
  const groups: OpticsGroup[] = [];
  const groupOf = Int32Array.from({ length: particles.count }, (_, i) => {
    const optics: Optics | undefined = ctfs?.optics(i);
    const { box, pixelSizeAngstrom } = images.gridOf?.(i) ?? images;
    const mark = [exposure?.[i] ?? 0, box, pixelSizeAngstrom, ...Object.values(optics ?? {})].join();
    const place = places.get(mark);
    if (place !== undefined) return place;
    const names = groups.filter(({ name }) => name.startsWith(`exposureGroup${exposure?.[i] ?? 0}`)).length;
    const name = `exposureGroup${exposure?.[i] ?? 0}${names > 0 ? `_${names + 1}` : ""}`;
    groups.push({ name, box, pixelSizeAngstrom, ...(optics && { optics }) });
    places.set(mark, groups.length);
    return groups.length;
  });
  return { groups, groupOf };
}

function ctfColumns(particles: CsParticles): StarColumns {
  const ctfs = csCtfs(particles);
  const rows = Array.from({ length: particles.count }, (_, i) => ctfs.defocus(i));
  return {
    rlnDefocusU: rows.map(({ uAngstrom }) => uAngstrom),
    rlnDefocusV: rows.map(({ vAngstrom }) => vAngstrom),
    rlnDefocusAngle: rows.map(({ angleRad }) => angleRad / RADIANS_PER_DEGREE),
    rlnPhaseShift: rows.map(({ phaseShiftRad }) => phaseShiftRad / RADIANS_PER_DEGREE),
  };
}
