/** @file What a check of particles found, as sentences: faults, things to know, and what is right. */
import type { ContrastSign } from "../imaging/contrast-sign.js";
import type { ImageCensus } from "../imaging/image-census.js";
import type { PoseCheck } from "../metrics/pose-check.js";

export interface Finding {
  readonly level: "fault" | "note" | "right";
  /** What it is about, in a word or two that stay the same from version to version. */
  readonly name:
    | "unfit images"
    | "duplicate images"
    | "contrast"
    | "pixel size"
    | "CTF"
    | "wrong order"
    | "transposed rotations"
    | "wrong shift sign"
    | "phase shift"
    | "poses";
  /** A sentence. Numbers of particles count from 0 in the file. */
  readonly text: string;
}

export interface CheckedFacts {
  readonly count: number;
  readonly rows: Int32Array;
  readonly pixelSizeAngstrom: number;
  readonly census: ImageCensus;
  readonly defocusAngstrom: Float64Array | null;
  readonly contrastSign: ContrastSign;
  readonly headerSizes: readonly number[];
  readonly poses?: PoseCheck;
}

const ORDER = { fault: 0, note: 1, right: 2 } as const;

/** Faults first. */
export function dataFindings(facts: CheckedFacts): readonly Finding[] {
  const findings = [
    ...pixelFindings(facts),
    contrastFinding(facts.contrastSign),
    sizeFinding(facts),
    ctfFinding(facts.defocusAngstrom),
    ...poseFindings(facts.poses),
  ];
  return findings.sort((a, b) => ORDER[a.level] - ORDER[b.level]);
}

function pixelFindings({ census }: CheckedFacts): Finding[] {
  const { notFinite, constant, duplicates, images } = census;
  const findings: Finding[] = [];
  const fault = (name: Finding["name"], text: string): number => findings.push({ level: "fault", name, text });
  if (notFinite.length > 0) fault("unfit images", `NaN or infinite pixels in ${particles(notFinite)}; remove them`);
  if (constant.length > 0)
    fault(
      "unfit images",
      `one value in every background pixel of ${particles(constant)}: blank, masked or without noise; remove them`,
    );
  if (findings.length === 0)
    findings.push({ level: "right", name: "unfit images", text: `${images} images are finite and vary` });
  if (duplicates.length > 0) {
    const text = `the same pixels in ${particles(duplicates[0]!)}${duplicates.length > 1 ? ` and ${duplicates.length - 1} more groups` : ""}`;
    fault("duplicate images", `${text}; half-maps of duplicates agree by themselves: keep one of each`);
  }
  return findings;
}

function contrastFinding({ sign, score }: ContrastSign): Finding {
  const by = `by ${Math.abs(score).toFixed(1)} standard errors`;
  if (sign === 1) return { level: "right", name: "contrast", text: `particles are bright ${by}` };
  if (sign === -1)
    return {
      level: "fault",
      name: "contrast",
      text: `particles are dark ${by}: inverted contrast; Iolaus inverts them itself (--dark says so), RELION does not`,
    };
  return {
    level: "note",
    name: "contrast",
    text: `bright or dark cannot be told (${score.toFixed(1)} standard errors)`,
  };
}

function sizeFinding({ pixelSizeAngstrom, headerSizes }: CheckedFacts): Finding {
  const other = headerSizes.find((size) => Math.abs(size / pixelSizeAngstrom - 1) > 0.01);
  if (other === undefined) return { level: "right", name: "pixel size", text: `${pixelSizeAngstrom} Å per pixel` };
  const text = `${pixelSizeAngstrom} Å by the metadata, ${Number(other.toFixed(4))} Å by a stack's header; the metadata is taken`;
  return { level: "note", name: "pixel size", text: `${text}: make sure that it is right (--pixel-size)` };
}

function ctfFinding(defocus: Float64Array | null): Finding {
  if (defocus === null) return { level: "note", name: "CTF", text: "no CTF: it is taken as 1 everywhere" };
  const sorted = defocus.toSorted();
  const [low, high] = [sorted[0]!, sorted.at(-1)!].map((d) => d / 1e4);
  const range = `defocus ${low!.toFixed(2)}–${high!.toFixed(2)} µm`;
  if (low! <= 0)
    return { level: "fault", name: "CTF", text: `${range}: overfocus; underfocus is positive, was the sign turned?` };
  if (high! > 10) return { level: "fault", name: "CTF", text: `${range}: is it in Å?` };
  if (low === high)
    return { level: "note", name: "CTF", text: `the same defocus, ${low!.toFixed(2)} µm, in every image` };
  return { level: "right", name: "CTF", text: range };
}

const ADVICE = {
  "transposed rotations":
    "the rotations fit when transposed: they are camera → object, or their Euler angles in another order",
  "wrong shift sign":
    "the shifts fit with their sign turned: origins were taken for displacements, or the other way round",
  "phase shift":
    "the images fit with the phase shift turned by 90°: rlnPhaseShift is missing, or is there and should not be",
} as const;

function poseFindings(poses: PoseCheck | undefined): Finding[] {
  if (poses === undefined) return [{ level: "note", name: "poses", text: "no poses in the file" }];
  const by = `${poses.fit.toFixed(1)} standard errors above poses of other images`;
  if (poses.verdict === "too few images")
    return [{ level: "note", name: "poses", text: "too few images to judge the poses" }];
  if (poses.verdict === "other images")
    return [
      {
        level: "fault",
        name: "wrong order",
        text: `the poses explain the images no better than those of other images (${poses.fit.toFixed(1)} standard errors): rows in another order, or no poses at all`,
      },
    ];
  if (poses.verdict === "fit") return [{ level: "right", name: "poses", text: `the poses fit their images, ${by}` }];
  return poses.faults.map((name) => ({ level: "fault", name, text: `${ADVICE[name]} (${by})` }));
}

/** "3 particles (0, 7, 12)", the first few of many. */
function particles(indices: readonly number[]): string {
  const few = indices.slice(0, 5).join(", ");
  const more = indices.length > 5 ? ", …" : "";
  return `${indices.length} particle${indices.length === 1 ? "" : "s"} (${few}${more})`;
}
