"""The steps of test/support/training-steps.ts in PyTorch, timed on request: one line in ("run"), one line out (ms, first loss).

Where PyTorch can do the same in several ways, the one that is fastest here is timed.

usage: torch_steps.py FOLDER NAME THREADS; FOLDER holds NAME.json (input name -> shape) and NAME.<input>.f32.
"""
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

folder, name, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
shapes = json.load(open(f"{folder}/{name}.json"))
x = {
    key: torch.from_numpy(np.fromfile(f"{folder}/{name}.{key}.f32", np.float32).reshape(shape))
    for key, shape in shapes.items()
}


def field():
    w = {key: value for key, value in x.items() if key not in ("k", "gain", "target", "weight", "basis")}
    for value in w.values():
        value.requires_grad_(True)
    depth = sum(key.startswith("residual") and key.endswith("weight") for key in w)
    basis = 2 * np.pi * x["basis"]

    points = len(x["weight"])

    def part(rows, total):
        phase = x["k"][rows] @ basis.T
        waves = torch.cat([torch.cos(phase), torch.sin(phase)], 1)
        h = torch.addmm(w["input.bias"], waves, w["input.weight"])
        if "z" in w:
            h = h + w["z"][rows] @ w["input.latent"]
        h = torch.relu_(h)
        for i in range(depth):
            h = torch.relu_(torch.addmm(w[f"residual.{i}.bias"], h, w[f"residual.{i}.weight"]))
        f = torch.addmm(w["output.bias"], h, w["output.weight"])[:, 0]
        loss = (x["weight"][rows] * (x["gain"][rows] * f - x["target"][rows]) ** 2).sum() / total
        loss.backward()
        return loss.detach()

    def step_in(size):
        def step():
            for value in w.values():
                value.grad = None
            total = x["weight"].sum()
            return sum(part(slice(at, at + size), total) for at in range(0, points, size))

        return step

    # In one piece or in pieces that stay in the cache, as ours.
    return fastest([step_in(size) for size in (points, points // 2, points // 4, points // 8)])


def fastest(steps):
    def seconds(step):
        times = []
        for _ in range(4):
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        return min(times)

    return min(steps, key=seconds)


def encoder():
    formats = (torch.contiguous_format, torch.channels_last)
    return fastest([encoder_in(memory_format) for memory_format in formats])


def encoder_in(memory_format):
    w = {key: value for key, value in x.items() if key not in ("image", "target")}
    for key, value in list(w.items()):
        if key.startswith("filter"):
            w[key] = value.permute(3, 2, 0, 1).contiguous(memory_format=memory_format)
        w[key] = w[key].detach()
        w[key].requires_grad_(True)
    blocks = sum(key.startswith("filter") for key in w)
    image = x["image"].permute(0, 3, 1, 2).contiguous(memory_format=memory_format)

    def step():
        for value in w.values():
            value.grad = None
        h = image
        for i in range(blocks):
            h = F.conv2d(h, w[f"filter{i}"], padding=1)
            h = torch.relu_(F.group_norm(h, h.shape[1] // 8, w[f"scale{i}"], w[f"offset{i}"], 1e-5))
            h = F.avg_pool2d(h, 2)
        y = h.mean((2, 3)) @ w["head"]
        loss = ((y - x["target"]) ** 2).mean()
        loss.backward()
        return loss

    return step


def score():
    images = x["squares"].shape[0]
    tiles = sum(key.startswith("slices") for key in x)
    pairs = [(x[f"slices{t}"], x[f"power{t}"]) for t in range(tiles)]
    whole = [tuple(torch.cat([pair[k] for pair in pairs], 1).contiguous() for k in (0, 1))]

    def best(pairs):
        with torch.no_grad():
            return torch.cat(
                [
                    (x["shifted"] @ slices).reshape(images, -1, slices.shape[1]).amax(1) + x["squares"] @ power
                    for slices, power in pairs
                ],
                1,
            ).flatten()[0]

    # In tiles or in one piece.
    return fastest([lambda: best(pairs), lambda: best(whole)])


step = {"field": field, "encoder": encoder, "score": score}[name]()
for _ in sys.stdin:
    start = time.perf_counter()
    value = step()
    elapsed = 1e3 * (time.perf_counter() - start)
    print(elapsed, float(value), flush=True)
