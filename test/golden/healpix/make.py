import json
import sys

import healpy
import numpy as np

rng = np.random.default_rng(1)
cases = []
for order in [0, 1, 2, 3, 5, 6]:
    count = 12 * 4**order
    pixel = np.arange(count) if order <= 2 else np.sort(rng.choice(count, 40, replace=False))
    theta, phi = healpy.pix2ang(2**order, pixel, nest=True)
    cases.append(
        dict(order=order, pixel=pixel.tolist(), thetaRad=np.round(theta, 12).tolist(), phiRad=np.round(phi, 12).tolist())
    )
json.dump(dict(cases=cases), sys.stdout)
