#!/usr/bin/env python3
"""Makes images.json: layers over images and sequences as PyTorch computes them, in float64.

    VENV/bin/python make_images.py            # writes the file
    VENV/bin/python make_images.py --check    # recomputes it, writes nothing

README.md says how the environment was made and what the file holds. PyTorch has channels second and other orders of
weights; everything here is turned to ours: channels last, kernels [height, width, inputs, outputs].
"""
import json
import math
import os
import random
import sys

os.environ.setdefault("ATEN_CPU_CAPABILITY", "default")  # one code path on every x86-64 processor

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
FOLDER = os.path.dirname(os.path.abspath(__file__))
STEPS, RATE = 5, 0.1


def numbers(*shape):
    count = math.prod(shape)
    return torch.tensor([round(RANDOM.uniform(-1, 1), 3) for _ in range(count)]).reshape(shape)


def first(x):
    """Channels second, as PyTorch has them."""
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


# What PyTorch's weights are in our order.
KERNEL_2D = lambda w: w.permute(2, 3, 1, 0)
KERNEL_1D = lambda w: w.permute(2, 1, 0).unsqueeze(0)
TRANSPOSED_2D = lambda w: w.permute(0, 2, 3, 1)
SAME = lambda b: b


def case(name, layer, module, x, turn=None):
    """One case: `layer` in our text form, `module` in PyTorch, `x` with channels last."""
    for p in module.parameters():
        p.data = numbers(*p.shape)
    ours = {"weight": turn or SAME, "bias": SAME}
    state = lambda of: {n: ours[n](of(p)).tolist() for n, p in module.named_parameters()}
    start = state(lambda p: p.detach())
    target = numbers(*last(module(first(x))).shape)

    def run():
        module.zero_grad()
        leaf = x.clone().requires_grad_()
        y = last(module(first(leaf)))
        cost = ((y - target) ** 2).mean()
        cost.backward()
        return leaf, y, cost

    leaf, y, cost = run()
    gradients = {"input": leaf.grad.tolist(), **state(lambda p: p.grad)}
    result = dict(name=name, layer=json.dumps([layer]), input=x.tolist(), target=target.tolist(), parameters=start,
                  outputs=y.detach().tolist(), cost=cost.item(), gradients=gradients)
    for _ in range(STEPS):
        run()
        for p in module.parameters():
            p.data -= RATE * p.grad
    result["parametersAfter"] = state(lambda p: p.detach())
    return result


class Same(nn.Module):
    """A convolution with a stride, padded for ⌈length / stride⌉ windows: PyTorch has `same` for stride 1 alone."""

    def __init__(self, module, kernel, stride):
        super().__init__()
        self.weight, self.bias, self.kernel, self.stride = module.weight, module.bias, kernel, stride

    def forward(self, x):
        pads = []
        for length, k, s in zip(reversed(x.shape[2:]), reversed(self.kernel), reversed(self.stride)):
            missing = max((-(-length // s) - 1) * s + k - length, 0)
            pads += [missing // 2, missing - missing // 2]
        return F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride)


def cases():
    conv, deconv = nn.Conv2d, nn.ConvTranspose2d
    image = lambda: numbers(2, 5, 6, 2)
    yield case("conv-2d", {"conv-2d": {"channels": 3, "kernel": 3}}, conv(2, 3, 3), image(), KERNEL_2D)
    yield case(
        "conv-2d, all options",
        {"conv-2d": {"channels": 4, "kernel": [3, 2], "stride": [2, 1], "padding": [2, 1], "dilation": [1, 2],
                     "groups": 2, "bias": "none"}},
        conv(2, 4, (3, 2), (2, 1), (2, 1), (1, 2), 2, bias=False), image(), KERNEL_2D)
    yield case("conv-2d, a channel each", {"conv-2d": {"channels": 3, "kernel": 2, "groups": 3}},
               conv(3, 3, 2, groups=3), numbers(2, 4, 3, 3), KERNEL_2D)
    yield case("conv-2d, same", {"conv-2d": {"channels": 2, "kernel": [2, 4], "padding": "same"}},
               conv(2, 2, (2, 4), padding="same"), image(), KERNEL_2D)
    yield case("conv-2d, same with a stride",
               {"conv-2d": {"channels": 2, "kernel": [4, 3], "stride": [2, 4], "padding": "same"}},
               Same(conv(2, 2, (4, 3)), (4, 3), (2, 4)), image(), KERNEL_2D)
    yield case("conv-2d, single places", {"conv-2d": {"channels": 3, "kernel": 1}}, conv(2, 3, 1), image(), KERNEL_2D)
    yield case(
        "conv-1d", {"conv-1d": {"channels": 3, "kernel": 3, "stride": 2, "padding": 2, "dilation": 2}},
        nn.Conv1d(2, 3, 3, 2, 2, 2), numbers(2, 7, 2), KERNEL_1D)
    yield case("conv-transposed-2d", {"conv-transposed-2d": {"channels": 3, "kernel": 3}}, deconv(2, 3, 3),
               numbers(2, 3, 4, 2), TRANSPOSED_2D)
    yield case(
        "conv-transposed-2d, all options",
        {"conv-transposed-2d": {"channels": 3, "kernel": [3, 2], "stride": [2, 3], "padding": [1, 2], "extra": [1, 2],
                                "dilation": [2, 1], "bias": "none"}},
        deconv(2, 3, (3, 2), (2, 3), (1, 2), (1, 2), bias=False, dilation=(2, 1)), numbers(2, 3, 4, 2), TRANSPOSED_2D)

    yield case("max-pool-2d", {"max-pool-2d": 2}, nn.MaxPool2d(2), image())
    yield case(
        "max-pool-2d, all options",
        {"max-pool-2d": {"size": [3, 2], "stride": [1, 2], "padding": [1, 1], "dilation": [2, 1]}},
        nn.MaxPool2d((3, 2), (1, 2), (1, 1), (2, 1)), image())
    yield case("max-pool-1d", {"max-pool-1d": {"size": 3, "stride": 2, "padding": 1}}, nn.MaxPool1d(3, 2, 1),
               numbers(2, 6, 3))
    yield case("average-pool-2d", {"average-pool-2d": 2}, nn.AvgPool2d(2), image())
    yield case(
        "average-pool-2d, padded", {"average-pool-2d": {"size": [3, 2], "stride": [2, 1], "padding": 1}},
        nn.AvgPool2d((3, 2), (2, 1), 1), image())
    yield case(
        "average-pool-2d, padding does not count",
        {"average-pool-2d": {"size": [3, 2], "stride": [2, 1], "padding": 1, "count-padding": False}},
        nn.AvgPool2d((3, 2), (2, 1), 1, count_include_pad=False), image())
    yield case("average-pool-1d", {"average-pool-1d": {"size": 3, "stride": 2, "padding": 1}}, nn.AvgPool1d(3, 2, 1),
               numbers(2, 6, 3))
    yield case("adaptive-pool-2d", {"adaptive-pool-2d": [3, 4]}, nn.AdaptiveAvgPool2d((3, 4)), image())
    yield case("adaptive-pool-2d, side by side", {"adaptive-pool-2d": {"size": [5, 2], "pooling": "max"}},
               nn.AdaptiveMaxPool2d((5, 2)), image())
    yield case("adaptive-pool-2d, greatest", {"adaptive-pool-2d": {"size": [2, 4], "pooling": "max"}},
               nn.AdaptiveMaxPool2d((2, 4)), image())
    yield case("pad-2d", {"pad-2d": {"places": [1, 2], "value": 0.25}}, nn.ConstantPad2d((2, 2, 1, 1), 0.25), image())
    yield case("pad-2d, mirrored", {"pad-2d": {"places": [2, 1], "filling": "reflect"}},
               nn.ReflectionPad2d((1, 1, 2, 2)), image())
    yield case("pad-2d, repeated", {"pad-2d": {"places": [2, 1], "filling": "replicate"}},
               nn.ReplicationPad2d((1, 1, 2, 2)), image())
    yield case("pad-2d, round", {"pad-2d": {"places": [2, 1], "filling": "circular"}}, nn.CircularPad2d((1, 1, 2, 2)),
               image())


def differences(a, b, path=""):
    if isinstance(a, dict):
        assert a.keys() == b.keys(), path
        return [d for k in a for d in differences(a[k], b[k], f"{path}/{k}")]
    if isinstance(a, list):
        assert len(a) == len(b), path
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in differences(x, y, f"{path}/{i}")]
    if isinstance(a, float) and isinstance(b, float):
        return [] if math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-13) else [f"{path}: {a} is not {b}"]
    return [] if a == b else [f"{path}: {a} is not {b}"]


RANDOM = random.Random(20)
made = list(cases())
path = os.path.join(FOLDER, "images.json")
if "--check" in sys.argv:
    wrong = differences(json.loads(json.dumps(made)), json.load(open(path)))
    print("\n".join(wrong) or f"images.json: {len(made)} cases, as stored")
    sys.exit(1 if wrong else 0)
with open(path, "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in made) + "\n]\n")
print(f"images.json: {len(made)} cases, {os.path.getsize(path)} bytes")
