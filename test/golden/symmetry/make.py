import json
import re
import subprocess
import sys

NAMES = ["C1", "C4", "C7", "D2", "D3", "D7", "T", "O", "I", "I1", "I2"]
number = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
groups = {}
for name in NAMES:
    out = subprocess.run(["relion_refine", "--print_symmetry_ops", "--sym", name], capture_output=True, text=True)
    blocks = re.split(r"R\(\d+\)=", out.stdout + out.stderr)[1:]
    groups[name] = [[float(v) for v in re.findall(number, block)[:9]] for block in blocks]
json.dump(dict(groups=groups), sys.stdout)
