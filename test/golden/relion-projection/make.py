"""One blob at a known place, projected by RELION: where does it land? One point at the centre: what is the CTF?"""

import json
import os
import subprocess
import sys
import tempfile

import mrcfile
import numpy as np

BOX, PIXEL = 48, 2.0
OPTICS = """
# version 30001

data_optics

loop_
_rlnOpticsGroup #1
_rlnOpticsGroupName #2
_rlnImagePixelSize #3
_rlnImageSize #4
_rlnImageDimensionality #5
_rlnVoltage #6
_rlnSphericalAberration #7
_rlnAmplitudeContrast #8
1 a 2.0 48 2 300 2.7 0.1
2 b 2.0 48 2 200 2.0 0.07

# version 30001

data_particles

loop_
"""


def project(volume, labels, rows, *options):
    with tempfile.TemporaryDirectory() as folder:
        with mrcfile.new(os.path.join(folder, "map.mrc")) as file:
            file.set_data(volume.astype(np.float32))
            file.voxel_size = PIXEL
        with open(os.path.join(folder, "in.star"), "w") as file:
            file.write(OPTICS)
            file.write("".join(f"_{label} #{i + 1}\n" for i, label in enumerate(labels)))
            file.write("".join(" ".join(str(v) for v in row) + "\n" for row in rows) + "\n")
        command = ["relion_project", "--i", "map.mrc", "--o", "out", "--ang", "in.star", "--angpix", str(PIXEL), *options]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with mrcfile.open(os.path.join(folder, "out.mrcs")) as file:
            return np.array(file.data, dtype=float)


rng = np.random.default_rng(1)
z, y, x = np.mgrid[:BOX, :BOX, :BOX] - BOX // 2

poses = []
labels = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnOriginXAngst", "rlnOriginYAngst", "rlnOpticsGroup", "rlnImageName"]
blob = np.array([5.0, -3.0, 2.0])
volume = np.exp(-((x - blob[0]) ** 2 + (y - blob[1]) ** 2 + (z - blob[2]) ** 2) / (2 * 2.0**2))
rows = [[0, 0, 0, 0, 0], [0, 0, 0, 6, 0], [0, 0, 0, 0, 6], [90, 0, 0, 0, 0], [0, 90, 0, 0, 0], [0, 0, 90, 0, 0]]
rows += [
    [rng.uniform(-180, 180), rng.uniform(0, 180), rng.uniform(-180, 180), rng.uniform(-8, 8), rng.uniform(-8, 8)]
    for _ in range(14)
]
rows = [[round(float(v), 4) for v in row] for row in rows]
images = project(volume, labels, [[*row, 1, f"{i + 1}@x.mrcs"] for i, row in enumerate(rows)])
for row, image in zip(rows, images):
    top = np.unravel_index(np.argmax(image), image.shape)
    window = np.clip(image, image.max() * 0.05, None) - image.max() * 0.05  # the blob alone, without ripples
    iy, ix = np.mgrid[:BOX, :BOX]
    near = window * (np.hypot(iy - top[0], ix - top[1]) < 8)
    centre = [float((near * i).sum() / near.sum()) for i in (ix, iy)]
    poses.append(dict(eulerDeg=row[:3], originAngstrom=row[3:], centrePixels=[round(c, 4) for c in centre]))

ctfs = []
labels = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi", "rlnDefocusU", "rlnDefocusV", "rlnDefocusAngle", "rlnPhaseShift"]
labels += ["rlnOpticsGroup", "rlnImageName"]
point = np.zeros((BOX,) * 3)
point[BOX // 2, BOX // 2, BOX // 2] = 1
rows = [[0, 0, 0, 15000, 14000, 30, 0, 1], [0, 0, 0, 12000, 9000, 75, 0, 2], [0, 0, 0, 10000, 10000, 0, 90, 1]]
rows += [[0, 0, 0, 14000, 15000, 30, 0, 1], [0, 0, 0, -2000, -2000, 0, 0, 2]]
named = [[*row, f"{i + 1}@x.mrcs"] for i, row in enumerate(rows)]
flat = project(point, labels, named)
seen = project(point, labels, named, "--ctf")
spectrum = lambda image: np.fft.fft2(np.fft.ifftshift(image)).real
for row, image, without in zip(rows, seen, flat):
    ratio = spectrum(image) / spectrum(without)
    samples = []
    for ky, kx in [(0, 0), (0, 4), (4, 0), (3, 5), (-3, 5), (7, -2), (0, 15), (-11, 8), (14, 14)]:
        samples.append([kx / BOX / PIXEL, ky / BOX / PIXEL, round(float(ratio[ky, kx]), 6)])
    optics = [[300, 2.7, 0.1], [200, 2.0, 0.07]][row[7] - 1]
    ctfs.append(dict(optics=optics, defocus=row[3:7], samples=samples))

json.dump(dict(box=BOX, pixelSizeAngstrom=PIXEL, blobPixels=blob.tolist(), poses=poses, ctfs=ctfs), sys.stdout)
