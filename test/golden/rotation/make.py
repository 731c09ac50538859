import json
import sys

import numpy as np
from scipy.spatial.transform import Rotation

rng = np.random.default_rng(1)
angles = [[40, 70, 110], [0, 0, 35], [0, 180, 35], [25, 0, 35], [25, 180, 35]]
angles += [[rng.uniform(-180, 180), rng.uniform(0, 180), rng.uniform(-180, 180)] for _ in range(40)]
cases = []
for euler in angles:
    euler = [round(float(a), 6) for a in euler]
    p = Rotation.from_euler("ZYZ", euler, degrees=True)
    x, y, z, w = p.as_quat()
    cases.append(
        dict(
            eulerDeg=euler,
            matrix=np.round(p.as_matrix().T.ravel(), 12).tolist(),
            vector=np.round(p.as_rotvec(), 12).tolist(),
            quaternionWxyz=np.round([w, x, y, z], 12).tolist(),
        )
    )
json.dump(dict(cases=cases), sys.stdout)
