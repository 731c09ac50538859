/** @file Sound inputs of every reader, small, from which the fuzzer makes damaged ones. */
import { gzipSync } from "node:zlib";
import { formatNpyFloats, formatNpyHeader } from "../../src/io/npy.js";
import { pickleArray, picklePair } from "../../src/io/pickle-write.js";
import { mrcBytes } from "../support/mrc-bytes.js";

/** Made by Python: (float32[1 3 3], float64[1 2]) in protocols 2 and 3, (float32[1 3 3], int64[2 2] in Fortran's order) in 5. */
const PYTHON_PICKLES = [
  "gAJjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxAGNudW1weQpuZGFycmF5CnEBSwCFcQJjX2NvZGVjcwplbmNvZGUKcQNYAQAAAGJxBFgGAAAAbGF0aW4xcQWGcQZScQeHcQhScQkoSwFLAUsDSwOHcQpjbnVtcHkKZHR5cGUKcQtYAgAAAGY0cQyJiIdxDVJxDihLA1gBAAAAPHEPTk5OSv////9K/////0sAdHEQYoloA1gnAAAAAADCgD8AAAAAAAAAAAAAAAAAAMKAPwAAAAAAAAAAAAAAAAAAwoA/cRFoBYZxElJxE3RxFGJoAGgBSwCFcRVoB4dxFlJxFyhLAUsBSwKGcRhoC1gCAAAAZjhxGYmIh3EaUnEbKEsDaA9OTk5K/////0r/////SwB0cRxiiWgDWB8AAADCmsKZwpnCmcKZwpnCuT/CmsKZwpnCmcKZwpnDicK/cR1oBYZxHlJxH3RxIGKGcSEu",
  "gANjbnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxAGNudW1weQpuZGFycmF5CnEBSwCFcQJDAWJxA4dxBFJxBShLAUsBSwNLA4dxBmNudW1weQpkdHlwZQpxB1gCAAAAZjRxCImIh3EJUnEKKEsDWAEAAAA8cQtOTk5K/////0r/////SwB0cQxiiUMkAACAPwAAAAAAAAAAAAAAAAAAgD8AAAAAAAAAAAAAAAAAAIA/cQ10cQ5iaABoAUsAhXEPaAOHcRBScREoSwFLAUsChnESaAdYAgAAAGY4cROJiIdxFFJxFShLA2gLTk5OSv////9K/////0sAdHEWYolDEJqZmZmZmbk/mpmZmZmZyb9xF3RxGGKGcRku",
  "gAWV/AAAAAAAAACMEm51bXB5LmNvcmUubnVtZXJpY5SMC19mcm9tYnVmZmVylJOUKJYkAAAAAAAAAAAAgD8AAAAAAAAAAAAAAAAAAIA/AAAAAAAAAAAAAAAAAACAP5SMBW51bXB5lIwFZHR5cGWUk5SMAmY0lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGJLAUsDSwOHlIwBQ5R0lFKUaAIoliAAAAAAAAAAAQAAAAAAAAABAAAAAAAAAAEAAAAAAAAAAQAAAAAAAACUaAaMAmk4lImIh5RSlChLA2gKTk5OSv////9K/////0sAdJRiSwJLAoaUjAFGlHSUUpSGlC4=",
];

const STARS = [
  "# version 30001\n\ndata_optics\n\nloop_\n_rlnOpticsGroup #1\n_rlnVoltage #2\n_rlnSphericalAberration #3\n_rlnAmplitudeContrast #4\n" +
    "_rlnImagePixelSize #5\n1 300 2.7 0.1 1.5\n2 200 2.7 0.1 1.5\n\n# version 30001\n\ndata_particles\n\nloop_\n_rlnImageName #1\n" +
    "_rlnDefocusU #2\n_rlnOpticsGroup #3\n_rlnAngleRot #4\n_rlnAngleTilt #5\n_rlnAnglePsi #6\n_odd #7\n" +
    "000001@a.mrcs 10000.5 1 10 20 30 \"x y\"\n000002@a.mrcs 11000.0 2 -10 120 3e1 ''\n\n",
  "data_\n_item 5\nloop_\n_rlnImageName\n_rlnVoltage\n_rlnDefocusU\n_rlnSphericalAberration\n_rlnAmplitudeContrast\n_rlnMagnification\n" +
    "_rlnDetectorPixelSize\n_rlnOriginX\n1@a.mrcs 300 1e4 2.7 0.1 10000 5 1.25\r\n2@a.mrcs\t300 1e4 2.7 0.1 10000 5 -1\n",
];

const U8 = { kind: "u", bytes: 8, littleEndian: true } as const;
const F4 = { kind: "f", bytes: 4, littleEndian: true } as const;
const S12 = { kind: "S", bytes: 12, littleEndian: true } as const;

/** Two particles of cryoSPARC's, in both containers, the streaming one packed (LZ4 blocks of literals alone). */
function csTables(): Uint8Array[] {
  const uid = Buffer.from(BigUint64Array.of(2n ** 63n + 1n, 7n).buffer);
  const pose = Buffer.from(Float32Array.of(0.1, 0.2, 0.3, 1, 2, 3).buffer);
  const path = Buffer.from("J1/a.mrcs\0\0\0>J1/b.mrcs\0\0", "latin1");
  const fields = [
    { name: "uid", type: U8, shape: [] },
    { name: "blob/path", type: S12, shape: [] },
    { name: "alignments3D/pose", type: F4, shape: [3] },
  ];
  const rows = [0, 1].map((i) =>
    Buffer.concat([
      uid.subarray(8 * i, 8 * i + 8),
      path.subarray(12 * i, 12 * i + 12),
      pose.subarray(12 * i, 12 * i + 12),
    ]),
  );
  const sized = (piece: Uint8Array): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(piece.length);
    return Buffer.concat([head, piece]);
  };
  const dtype = [
    ["uid", "<u8"],
    ["blob/path", "|O"],
    ["alignments3D/pose", "<f4", [3]],
  ];
  const header = Buffer.from(
    JSON.stringify({ length: 2, dtype, compression: "lz4", compressed_fields: ["alignments3D/pose"] }),
  );
  const offsets = Buffer.from(BigUint64Array.of(0n, 10n).buffer);
  const block = Buffer.concat([Buffer.of(0xf0, pose.length - 15), pose]);
  const heap = Buffer.from("J1/a.mrcs\0>J1/b.mrcs\0");
  const stream = [Buffer.from("\x95CSDAT", "latin1"), sized(header), sized(uid), sized(offsets), sized(block), heap];
  return [Buffer.concat([formatNpyHeader(fields, 2), ...rows]), Buffer.concat(stream)];
}

const MRC = mrcBytes({ n: [4, 4, 2], values: Float32Array.from({ length: 32 }, (_, i) => i) });

type Format = "star" | "mrc" | "mrcGz" | "npy" | "cs" | "pickle" | "txt";

/** By reader. */
export const samples: Readonly<Record<Format, readonly Uint8Array[]>> = {
  star: STARS.map((text) => Buffer.from(text)),
  mrc: [
    MRC,
    mrcBytes({ n: [3, 4, 2], values: new Uint8Array(24), mode: 0, axes: [3, 1, 2] }),
    mrcBytes({ n: [4, 4, 2], values: new Uint8Array(32), mode: 12, little: false, extendedBytes: 16 }),
  ],
  mrcGz: [gzipSync(MRC)],
  npy: [formatNpyFloats(Float32Array.of(1, 2, 3, 4), [2, 2])],
  cs: csTables(),
  pickle: [
    ...PYTHON_PICKLES.map((text) => Buffer.from(text, "base64")),
    pickleArray({ values: Int32Array.of(1, 2, 3), shape: [3] }),
    pickleArray({ values: Float32Array.of(4, 2, 12000, 11000, 30, 300, 2.7, 0.1, 0), shape: [1, 9] }),
    picklePair(
      { values: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), shape: [1, 3, 3] },
      { values: Float32Array.of(0, 0), shape: [1, 2] },
    ),
  ],
  txt: [Buffer.from("a.mrcs\n# note\nb/c.mrc\r\n")],
};
