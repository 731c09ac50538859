"""FSC of two random maps with NumPy's transforms, after cryoDRGN's and RELION's definitions. Run: python3 make.py > values.json"""
import json
import numpy as np

random = np.random.RandomState(3)


def fsc(a, b, shell, count):
    fa, fb = (np.fft.fftshift(np.fft.fftn(np.fft.fftshift(v))) for v in (a, b))
    out = [1.0]
    for i in range(1, count):
        s = shell == i
        out.append(float((np.vdot(fb[s], fa[s]) / np.sqrt(np.vdot(fa[s], fa[s]).real * np.vdot(fb[s], fb[s]).real)).real))
    return out


cases = []
for box in (8, 10):
    k = np.arange(box) - box // 2
    z, y, x = np.meshgrid(k, k, k, indexing="ij")
    radius = np.sqrt(x**2 + y**2 + z**2)
    common = random.randn(box, box, box)
    a = np.round(common + 0.5 * random.randn(box, box, box) + 0.3, 3)
    b = np.round(common + 0.8 * random.randn(box, box, box), 3)
    mask = np.round(np.exp(-(radius**2) / box), 4)
    upper = np.zeros_like(radius, dtype=int)
    for i in range(1, box // 2):  # cryoDRGN: i - 1 <= r < i
        upper[(radius >= i - 1) & (radius < i)] = i
    nearest = np.floor(radius + 0.5).astype(int)  # RELION: ROUND(r), over the half of the transform that FFTW stores
    nearest[(x < 0) & (x > -box // 2)] = -1
    flat = lambda v: v.ravel().tolist()
    cases.append({"box": box, "a": flat(a), "b": flat(b), "mask": flat(mask),
                  "cryodrgn": fsc(a, b, upper, box // 2), "relion": fsc(a, b, nearest, box // 2),
                  "masked": fsc(a * mask, b * mask, upper, box // 2)})
print(json.dumps({"cases": cases}))
