import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.js";
import type { Poses } from "../../src/core/types.js";
import { IDENTITY, type Matrix3, randomRotation, rotationFromEuler, rotationsOf } from "../../src/geometry/rotation.js";
import { formatCryodrgnPoses, readCryodrgnPoses } from "../../src/io/cryodrgn.js";
import { joinCs } from "../../src/io/cs-join.js";
import { csAlignments, csPoseColumns } from "../../src/io/cs-poses.js";
import { readCs, writeCs } from "../../src/io/cs-table.js";
import { exportStar } from "../../src/io/export-star.js";
import { formatNpyHeader } from "../../src/io/npy.js";
import { parseStar, readStar, type StarFile } from "../../src/io/star.js";
import { poseColumns, readPoses } from "../../src/io/star-poses.js";
import { writeStar } from "../../src/io/star-write.js";
import { answers, pythonsWithNumpy, run } from "../support/other-programs.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const COUNT = 1000;
const IMAGES = { box: 128, pixelSizeAngstrom: 1.7 };
const python = pythonsWithNumpy.find((name) => answers(name, "-c", "import scipy.spatial.transform"));

/** Random poses, the poles and half turns among them. */
function randomPoses(seed: number): Poses {
  const random = seededRandom(seed);
  const special: Matrix3[] = [
    IDENTITY,
    rotationFromEuler(0, Math.PI, 0),
    rotationFromEuler(1, Math.PI, 0.5),
    rotationFromEuler(1, 0, 0.5),
    rotationFromEuler(0, Math.PI / 2, Math.PI),
    [1, 0, 0, 0, -1, 0, 0, 0, -1],
  ];
  const matrices = Array.from({ length: COUNT }, (_, i) => special[i] ?? randomRotation(random));
  const width = IMAGES.box * IMAGES.pixelSizeAngstrom;
  const shiftsAngstrom = Float64Array.from({ length: 2 * COUNT }, () => 0.2 * width * (random.uniform() - 0.5));
  return { rotations: rotationsOf(matrices), shiftsAngstrom };
}

/** Each writes poses as a file of another program and reads them back. */
const routes: Readonly<Record<string, (poses: Poses) => Poses>> = {
  "RELION 3.1": (poses) => throughStar(poses, "data_optics\nloop_\n_rlnOpticsGroup\n1\n"),
  "RELION 3.0": (poses) => throughStar(poses, ""),
  cryoSPARC: (poses) => {
    writeCs(folder("route.cs"), uidTable(), { added: csPoseColumns(poses, IMAGES.pixelSizeAngstrom) });
    return csAlignments(joinCs(readCs(folder("route.cs"))), 99)!.poses;
  },
  cryoDRGN: (poses) => {
    writeFileSync(folder("route.pkl"), formatCryodrgnPoses(poses, IMAGES));
    return readCryodrgnPoses(folder("route.pkl"), IMAGES);
  },
};

function throughStar(poses: Poses, optics: string): Poses {
  const rows = Array.from({ length: COUNT }, (_, i) => `${i + 1}@a.mrcs`).join("\n");
  const star: StarFile = parseStar(`${optics}data_particles\nloop_\n_rlnImageName\n${rows}\n`);
  const source = { star, pixelSizeAngstrom: IMAGES.pixelSizeAngstrom };
  writeStar(folder("route.star"), exportStar(source, { added: poseColumns(source, poses) }));
  return readPoses({ ...source, star: readStar(folder("route.star")) })!;
}

/** A table of uids and nothing else. */
function uidTable(): ReturnType<typeof readCs> {
  const type = { kind: "u", bytes: 8, littleEndian: true } as const;
  const rows = Buffer.from(BigUint64Array.from({ length: COUNT }, (_, i) => 2n ** 62n + BigInt(i)).buffer);
  writeFileSync(folder("uids.cs"), Buffer.concat([formatNpyHeader([{ name: "uid", type, shape: [] }], COUNT), rows]));
  return readCs(folder("uids.cs"));
}

/** Largest difference of a matrix element, and of a shift in Å. */
function expectSame(a: Poses, b: Poses): void {
  const largest = (x: Float64Array, y: Float64Array): number =>
    x.reduce((most, v, i) => Math.max(most, Math.abs(v - y[i]!)), 0);
  expect(b.rotations.count).toBe(COUNT);
  expect(largest(a.rotations.matrices, b.rotations.matrices)).toBeLessThan(1e-5);
  expect(largest(a.shiftsAngstrom, b.shiftsAngstrom)).toBeLessThan(1e-5);
}

describe("1,000 poses", () => {
  const names = Object.keys(routes);
  const pairs = names.flatMap((first) => names.map((second): [string, string] => [first, second]));

  test.each(pairs)("by way of %s and then %s are the same to 1e-5", (first, second) => {
    const poses = randomPoses(1 + names.indexOf(first));
    expectSame(poses, routes[second]!(routes[first]!(poses)));
  });
});

/** Python's own conversions: P = ZYZ(rot, tilt, psi) intrinsic; matrix A = Pᵀ; rotation vector of P. */
const SCRIPT = `
import sys, json, pickle, numpy as np
from scipy.spatial.transform import Rotation
out, box, px = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
rng = np.random.default_rng(3)
N = 1000
P = Rotation.random(N, random_state=3)
angles = P.as_euler("ZYZ", degrees=True)
origin = rng.uniform(-20, 20, (N, 2))  # Å
with open(f"{out}/theirs.star", "w") as f:
    f.write("data_optics\\nloop_\\n_rlnOpticsGroup\\n1\\ndata_particles\\nloop_\\n_rlnImageName\\n_rlnAngleRot\\n_rlnAngleTilt\\n_rlnAnglePsi\\n_rlnOriginXAngst\\n_rlnOriginYAngst\\n")
    for i in range(N):
        f.write(f"{i+1}@a.mrcs " + " ".join(f"{x:.9f}" for x in [*angles[i], *origin[i]]) + "\\n")
table = np.zeros(N, [("uid", "<u8"), ("alignments3D/pose", "<f4", (3,)), ("alignments3D/shift", "<f4", (2,)), ("alignments3D/psize_A", "<f4")])
table["uid"] = np.arange(N) + 2**62
table["alignments3D/pose"] = P.as_rotvec()
table["alignments3D/psize_A"] = 2 * px  # pixels of another job's
table["alignments3D/shift"] = origin / (2 * px)
np.save(open(f"{out}/theirs.cs", "wb"), table)
A = P.as_matrix().transpose(0, 2, 1)
pickle.dump((A.astype("f4"), origin / (box * px)), open(f"{out}/theirs.pkl", "wb"))
A.tofile(f"{out}/matrices.f64"); (-origin).tofile(f"{out}/shifts.f64")
`;

describe.skipIf(python === undefined)("1,000 poses written by SciPy", () => {
  let truth: Poses;
  beforeAll(() => {
    run(python!, ["-c", SCRIPT, folder(), String(IMAGES.box), String(IMAGES.pixelSizeAngstrom)]);
    const doubles = (name: string): Float64Array =>
      new Float64Array(Uint8Array.from(readFileSync(folder(name))).buffer);
    truth = {
      rotations: { kind: "rotations", count: COUNT, matrices: doubles("matrices.f64") },
      shiftsAngstrom: doubles("shifts.f64"),
    };
  });

  test("as RELION's angles are ours to 1e-5", () => {
    expectSame(truth, readPoses({ star: readStar(folder("theirs.star")), pixelSizeAngstrom: 9 })!);
  });

  test("as cryoSPARC's rotation vectors are ours to 1e-5, whatever the pixels of their job", () => {
    expectSame(truth, csAlignments(joinCs(readCs(folder("theirs.cs"))), IMAGES.pixelSizeAngstrom)!.poses);
  });

  test("as cryoDRGN's pickle are ours to 1e-5", () => {
    expectSame(truth, readCryodrgnPoses(folder("theirs.pkl"), IMAGES));
  });
});
