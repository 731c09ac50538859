"""What mrcfile reads from maps and stacks of ../shared/data: shape, voxel size, a few numbers, sums."""

import json
import sys

import mrcfile
import numpy as np

SHARED = sys.argv[1]
FILES = [
    "mrcfile/EMD-3001.map",
    "mrcfile/EMD-3197.map",
    "cryosim/6vyb.64.mrc",
    "maven/vol_018.mrc",
    "recovar/vol0000.mrc",
    "derived_real/bgal10017/Falcon_2012_06_12-14_33_35_0.mrcs",
    "derived_real/apoferritin10146/May08_03.05.02.mrcs",
    "cryodrgn/hand.mrcs",
]
rng = np.random.default_rng(1)
cases = []
for name in FILES:
    with mrcfile.open(f"{SHARED}/{name}", permissive=True) as file:
        header = file.header
        # mrcfile leaves columns, rows and sections as they lie in the file; ours come out as [z][y][x].
        where = [int(header.maps), int(header.mapr), int(header.mapc)]
        data = np.transpose(file.data, np.argsort([-axis for axis in where])).astype(np.float32)
        samples = []
        for _ in range(20):
            at = [int(rng.integers(n)) for n in data.shape]
            samples.append([*at, float(data[tuple(at)])])
        voxel = [float(file.voxel_size[axis]) for axis in "xyz"]
        cases.append(
            dict(file=name, mode=int(header.mode), shape=list(data.shape), voxelSize=voxel, samples=samples)
            | dict(sum=float(data.sum(dtype=np.float64)), squares=float((data.astype(np.float64) ** 2).sum()))
        )
json.dump(dict(cases=cases), sys.stdout)
