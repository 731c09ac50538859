import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation, rotationsOf } from "../../../src/geometry/rotation.js";
import { formatCryodrgnCtfs, formatCryodrgnIndices, formatCryodrgnPoses } from "../../../src/io/cryodrgn.js";
import { writeCryodrgnLatents } from "../../../src/io/cryodrgn-latents.js";
import { openLatents } from "../../../src/io/open-latents.js";
import { answers, run } from "../../support/other-programs.js";
import { hasSharedData, sharedData } from "../../support/shared-data.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const at = temporaryFolder();
const random = seededRandom(6);
const COUNT = 10;
const images = { box: 64, pixelSizeAngstrom: 2 };
const keys = Array.from({ length: COUNT }, (_, i) => `${i + 1}@a.mrcs`);
const particles = { keys, ...images };
const poses = {
  rotations: rotationsOf(Array.from({ length: COUNT }, () => randomRotation(random))),
  shiftsAngstrom: Float64Array.from({ length: 2 * COUNT }, () => 20 * (random.uniform() - 0.5)),
};
const source = {
  ...images,
  optics: () => ({ voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 }),
  defocus: (i: number) => ({ uAngstrom: 1e4 + i, vAngstrom: 1e4, angleRad: 0.1, phaseShiftRad: 0 }),
};
const kept = [7, 2, 5];
writeFileSync(at("pose.pkl"), formatCryodrgnPoses(poses, images));
writeFileSync(at("ctf.pkl"), formatCryodrgnCtfs(source, [...keys.keys()]));
writeFileSync(at("ind.pkl"), formatCryodrgnIndices(kept));
writeCryodrgnLatents(
  at("z.pkl"),
  Float32Array.from({ length: 2 * COUNT }, (_, i) => i),
  2,
);
writeCryodrgnLatents(at("z.kept.pkl"), [0, 1, 2], 1);

test("latents, poses and CTF of a cryoDRGN run stand beside the keys of their particles", () => {
  const files = { poses: at("pose.pkl"), ctf: at("ctf.pkl"), particles };
  const found = openLatents(at("z.pkl"), files);
  expect([found.program, found.keys, found.K, found.zDim]).toEqual(["cryodrgn", keys, 1, 2]);
  expect([...found.assignments.z]).toEqual([...Array(2 * COUNT).keys()]);
  const shifts = found.assignments.poses!.shiftsAngstrom;
  shifts.forEach((s, i) => {
    expect(s).toBeCloseTo(poses.shiftsAngstrom[i]!, 4);
  });
  expect(found.assignments.poses!.rotations.matrices[80]).toBeCloseTo(poses.rotations.matrices[80]!, 6);
  expect(found.ctf!.defocus(3).uAngstrom).toBe(10_003);
});

test("a filtered run is joined through its ind.pkl, with files of all particles or of the kept ones", () => {
  const files = { poses: at("pose.pkl"), ctf: at("ctf.pkl"), indices: at("ind.pkl"), particles };
  const found = openLatents(at("z.kept.pkl"), files);
  expect(found.keys).toEqual(kept.map((i) => keys[i]));
  expect(found.ctf!.defocus(0).uAngstrom).toBe(10_007);
  kept.forEach((from, i) => {
    expect(found.assignments.poses!.shiftsAngstrom[2 * i]).toBeCloseTo(poses.shiftsAngstrom[2 * from]!, 4);
  });
  writeFileSync(at("ctf.kept.pkl"), formatCryodrgnCtfs(source, kept));
  const own = openLatents(at("z.kept.pkl"), { ctf: at("ctf.kept.pkl"), indices: at("ind.pkl") });
  expect(own.keys).toEqual(["row 7", "row 2", "row 5"]);
  expect(own.ctf!.defocus(1).uAngstrom).toBe(10_002);
});

test("files of other particles are refused, and say what to give", () => {
  const refused =
    (options: object): (() => void) =>
    () =>
      void openLatents(at("z.kept.pkl"), options);
  expect(refused({ particles })).toThrow("expected 10 rows, one per particle, got 3; give the ind.pkl");
  expect(refused({ ctf: at("ctf.pkl") })).toThrow("expected 3 rows, one per row of z, got 10; give the ind.pkl");
  expect(refused({ poses: at("pose.pkl") })).toThrow("poses: expected particles or a ctf.pkl beside it");
  writeFileSync(at("two.pkl"), formatCryodrgnIndices([1, 2]));
  expect(refused({ indices: at("two.pkl") })).toThrow("expected 3 indices, one per row of");
  writeFileSync(at("far.pkl"), formatCryodrgnIndices([1, 2, 99]));
  expect(refused({ indices: at("far.pkl"), particles })).toThrow("expected rows below 10, got 99");
  expect(() => openLatents(at("pose.pkl"))).toThrow("expected latents as an array of N×zdim, got something else");
  expect(() => openLatents("latents.h5")).toThrow("got latents.h5");
});

const python = "/usr/bin/python3";
test.skipIf(!answers(python, "-c", "import numpy"))("z.pkl as cryoDRGN writes it: two pickles in one file", () => {
  const script = `
import pickle, sys, numpy as np
z = np.arange(12, dtype=np.float32).reshape(4, 3) / 7
with open(sys.argv[1], "wb") as f:
    pickle.dump(z, f)
    pickle.dump(np.full((4, 3), -9, dtype=np.float32), f)`;
  run(python, ["-c", script, at("theirs.pkl")]);
  const { assignments, zDim, keys: rows } = openLatents(at("theirs.pkl"));
  expect([zDim, rows]).toEqual([3, ["row 0", "row 1", "row 2", "row 3"]]);
  expect([...assignments.z]).toEqual([...Array(12).keys()].map((i) => Math.fround(Math.fround(i) / 7)));
  const back = "import pickle, sys; z = pickle.load(open(sys.argv[1], 'rb')); print(z.shape, z.dtype, z[3, 1])";
  expect(run(python, ["-c", back, at("z.pkl")])).toBe("(10, 2) float32 7.0\n");
});

test.skipIf(!hasSharedData)("poses of a cryoDRGN project made from cryoSPARC's", () => {
  writeCryodrgnLatents(at("z.cs.pkl"), new Float32Array(2019), 1);
  const found = openLatents(at("z.cs.pkl"), {
    poses: sharedData("cryodrgn", "pose.cs.pkl"),
    particles: { keys: Array.from({ length: 2019 }, (_, i) => String(i)), box: 180, pixelSizeAngstrom: 1 },
  });
  expect(found.assignments.poses!.rotations.count).toBe(2019);
});

const DATA = `
# version 30001

data_optics

loop_
_rlnOpticsGroup #1
_rlnOpticsGroupName #2
_rlnVoltage #3
_rlnSphericalAberration #4
_rlnAmplitudeContrast #5
_rlnImagePixelSize #6
_rlnImageSize #7
1 a 300 2.7 0.1 2 64

# version 30001

data_particles

loop_
_rlnImageName #1
_rlnDefocusU #2
_rlnDefocusV #3
_rlnDefocusAngle #4
_rlnOpticsGroup #5
_rlnAngleRot #6
_rlnAngleTilt #7
_rlnAnglePsi #8
_rlnOriginXAngst #9
_rlnOriginYAngst #10
_rlnClassNumber #11
_rlnMaxValueProbDistribution #12
1@a.mrcs 10000 9000 20 1 0 0 0 4 -6 2 0.75
2@a.mrcs 11000 9000 20 1 0 90 0 0 0 3 1
3@a.mrcs 12000 9000 20 1 0 0 90 0 0 2 0.5
`;
const MODEL = `
data_model_general

_rlnReferenceDimensionality 3
_rlnNrClasses 3

data_model_classes

loop_
_rlnReferenceImage #1
_rlnClassDistribution #2
_rlnAccuracyRotations #3
_rlnEstimatedResolution #4
Class3D/job012/run_it025_class001.mrc 0.1 999 inf
Class3D/job012/run_it025_class002.mrc 0.6 2.5 12.8
Class3D/job012/run_it025_class003.mrc 0.3 2.5 16
`;

test("a RELION classification: classes from 1 become 0, certainties, poses in our signs, the model's shares", () => {
  writeFileSync(at("run_it025_data.star"), DATA);
  const alone = openLatents(at("run_it025_data.star"));
  expect([alone.K, alone.zDim, alone.classes[1]!.share]).toEqual([3, 0, 2 / 3]);
  writeFileSync(at("run_it025_model.star"), MODEL);
  writeFileSync(at("run_it025_class002.mrc"), "");
  const found = openLatents(at("run_it025_data.star"));
  expect([...found.assignments.classes]).toEqual([1, 2, 1]);
  expect([...found.assignments.certainty!]).toEqual([0.75, 1, 0.5]);
  expect([...found.assignments.poses!.shiftsAngstrom.subarray(0, 2)]).toEqual([-4, 6]);
  expect(found.ctf!.defocus(2).uAngstrom).toBe(12_000);
  expect(found.classes).toEqual([
    { share: 0.1, resolutionAngstrom: null, volumePath: null },
    { share: 0.6, resolutionAngstrom: 12.8, volumePath: at("run_it025_class002.mrc") },
    { share: 0.3, resolutionAngstrom: 16, volumePath: null },
  ]);
  writeFileSync(at("zero_data.star"), DATA.replace("2 0.75", "0 0.75"));
  expect(() => openLatents(at("zero_data.star"))).toThrow("expected classes from 1, got 0 for 1@a.mrcs");
  writeFileSync(at("none_data.star"), DATA.replace("_rlnClassNumber", "_rlnClassOther"));
  expect(() => openLatents(at("none_data.star"))).toThrow("particles without rlnClassNumber");
});
