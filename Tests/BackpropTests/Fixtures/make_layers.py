#!/usr/bin/env python3
"""Makes the reference numbers of single layers with PyTorch, in float64. README.md has the schema.

    VENV/bin/python make_layers.py            # writes the four files
    VENV/bin/python make_layers.py --check    # recomputes them, writes nothing

Torch as in make_fixtures.py, whose form of files is used too. Parameters are leaves in the layout of
this package; PyTorch's modules get them transposed and put together, so that the gradients arrive in
this package's layout by themselves. Channels and features are last here, and are moved for PyTorch.
"""
import json
import math
import os
import random
import sys

from make_fixtures import FOLDER, compare, plain, text
import torch
from torch import nn
from torch.func import functional_call
import torch.nn.functional as F


def numbers(generator, shape, scale=1.0):
    if not shape: return round(generator.uniform(-1.5, 1.5) * scale, 3)
    return [numbers(generator, shape[1:], scale) for _ in range(shape[0])]


def case(name, layer, compute, inputs, parameters, form="unary", indices=None, masks=(),
         gradient_of=None, variables=None):
    """Runs `compute(x, p)`, dictionaries of tensors, which gives a dictionary of outputs."""
    generator = random.Random(f"layers {name}")
    given = {k: v if isinstance(v, list) and not all(isinstance(s, int) for s in v)
             else numbers(generator, v) for k, v in inputs.items()}
    p = {k: numbers(generator, s, 0.5) for k, s in parameters.items()}
    for path in p:  # scales around 1, so that none is near 0
        if path.endswith("scale"): p[path] = [round(1 + v, 3) for v in p[path]] \
            if isinstance(p[path][0], float) else [[round(1 + v, 3) for v in r] for r in p[path]]
    x = {k: torch.tensor(v).requires_grad_(k not in masks) for k, v in given.items()}
    x.update({k: torch.tensor(v) for k, v in (indices or {}).items()})
    leaves = {k: torch.tensor(v).requires_grad_() for k, v in p.items()}
    outputs = compute(x, leaves)
    seeds = {k: numbers(generator, list(v.shape)) for k, v in outputs.items()}
    total = sum((outputs[k] * torch.tensor(s)).sum() for k, s in seeds.items())
    total.backward()
    gradients = {k: v.grad.tolist() for k, v in leaves.items()}
    result = dict(name=name, form=form, layer=json.dumps(layer) if layer else "", inputs=given, indices=indices or {},
                  masks=" ".join(masks), parameters=p, seeds=seeds,
                  outputs={k: v.tolist() for k, v in outputs.items()}, gradients=gradients,
                  inputGradients={k: x[k].grad.tolist() for k in given if k not in masks})
    if variables: result["variables"] = {k: v.tolist() for k, v in variables.items()}
    for k, g in result["inputGradients"].items():
        assert max(abs(v) for v in torch.tensor(g).flatten().tolist()) > 1e-3, (name, k)
    return result


first = lambda x: x.movedim(-1, 1)   # channels last → PyTorch's
last = lambda x: x.movedim(1, -1)


def unary(name, layer, module, shape, parameters, wrap=lambda f, x: f(x), names=None, **more):
    """A module with one input, whose parameters are `names` of ours by torch's name."""
    def compute(x, p):
        own = {theirs: make(p) for theirs, make in (names or {}).items()}
        return {"y": wrap(lambda v: functional_call(module, own, (v,)), x["x"])}
    return case(name, layer, compute, {"x": shape}, parameters, **more)


affine = {"weight": lambda p: p["layer.scale"], "bias": lambda p: p["layer.bias"]}


def normalizers():
    both = lambda *s: {"layer.scale": list(s), "layer.bias": list(s)}
    moved = lambda f, x: last(f(first(x)))
    cases = [
        unary("layer-norm", "layer-norm", nn.LayerNorm(5), [3, 5], both(5), names=affine),
        unary("layer-norm-sequence", {"layer-norm": {"epsilon": 1e-3}}, nn.LayerNorm(4, eps=1e-3),
              [2, 3, 4], both(4), names=affine),
        unary("layer-norm-two-axes", {"layer-norm": {"axes": 2}}, nn.LayerNorm([3, 4]),
              [2, 2, 3, 4], both(3, 4), names=affine),
        unary("layer-norm-plain", {"layer-norm": {"parameters": "none"}},
              nn.LayerNorm(4, elementwise_affine=False), [3, 4], {}),
        unary("layer-norm-scale", {"layer-norm": {"parameters": "scale"}},
              nn.LayerNorm(4, bias=False), [3, 4], {"layer.scale": [4]},
              names={"weight": affine["weight"]}),
        unary("rms-norm", {"rms-norm": 1e-5}, nn.RMSNorm(5, eps=1e-5), [2, 3, 5],
              {"layer.scale": [5]}, names={"weight": affine["weight"]}),
        unary("group-norm", {"group-norm": 2}, nn.GroupNorm(2, 6), [2, 3, 2, 6], both(6),
              wrap=moved, names=affine),
        unary("group-norm-vector", {"group-norm": {"groups": 3, "epsilon": 1e-2}},
              nn.GroupNorm(3, 6, eps=1e-2), [3, 6], both(6), names=affine),
        unary("instance-norm-image", "instance-norm", nn.InstanceNorm2d(3, affine=True),
              [2, 3, 2, 3], both(3), wrap=moved, names=affine),
        unary("instance-norm-sequence", {"instance-norm": {"parameters": "none"}},
              nn.InstanceNorm1d(3), [2, 4, 3], {}, wrap=moved),
    ]
    norm = nn.BatchNorm2d(3)
    cases.append(unary("batch-norm-image", "batch-norm", norm, [2, 3, 2, 3], both(3), wrap=moved,
                       names=affine, variables={"layer.running-mean": norm.running_mean,
                                                "layer.running-variance": norm.running_var}))
    return cases


def sinusoids(x, base=10000.0):
    time, size = x.shape[1], x.shape[2]
    t = torch.arange(time).unsqueeze(1)
    table = torch.zeros(time, size)
    rate = torch.exp(torch.arange(0, size, 2) * (-math.log(base) / size))
    table[:, 0::2] = torch.sin(t * rate)
    table[:, 1::2] = torch.cos(t * rate[:size // 2])
    return x + table


def turned_neighbors(x, base=10000.0):
    """As complex numbers: the pair (2i, 2i + 1) times e^{iθ}."""
    time, size = x.shape[-2:]
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], size // 2, 2))
    angle = torch.arange(time).unsqueeze(1) / base ** (torch.arange(0, size, 2) / size)
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).reshape(x.shape)


def turned_halves(x, base=10000.0):
    """x · cos + rotate_half(x) · sin, as the code of LLaMA has it."""
    time, size = x.shape[-2:]
    angle = torch.arange(time).unsqueeze(1) / base ** (torch.arange(0, size, 2) / size)
    angle = torch.cat([angle, angle], -1)
    half = torch.cat([-x[..., size // 2:], x[..., :size // 2]], -1)
    return x * angle.cos() + half * angle.sin()


def embeddings():
    table = {"layer.weight": [5, 3]}
    embed = lambda padding: lambda x, p: {
        "y": F.embedding(x["x"], p["layer.weight"], padding_idx=padding)}
    tokens = {"x": [[0, 3, 3, 1], [4, 0, 2, 2]]}

    def padded(x, p):
        weight = p["layer.weight"] * torch.tensor([[1.0], [1], [0], [1], [1]])  # the row is 0
        return {"y": F.embedding(x["x"], weight, padding_idx=2)}

    return [
        case("embedding", {"embedding": {"count": 5, "features": 3}}, embed(None), {}, table,
             indices=tokens),
        case("embedding-padding", {"embedding": {"count": 5, "features": 3, "padding": 2}}, padded,
             {}, table, indices=tokens),
        case("tied", None, lambda x, p: {"y": F.linear(
            torch.tanh(F.embedding(x["x"], p["shared.weight"])), p["shared.weight"])}, {},
            {"shared.weight": [5, 3]}, indices=tokens, form="tied"),
        case("learned-positions", {"learned-positions": 5},
             lambda x, p: {"y": x["x"] + p["layer.weight"][:3]}, {"x": [2, 3, 4]},
             {"layer.weight": [5, 4]}),
        case("sinusoidal-positions", "sinusoidal-positions",
             lambda x, p: {"y": sinusoids(x["x"])}, {"x": [2, 5, 6]}, {}),
        case("sinusoidal-positions-odd", {"sinusoidal-positions": 50.0},
             lambda x, p: {"y": sinusoids(x["x"], 50.0)}, {"x": [1, 4, 5]}, {}),
        case("rotary-halves", None, lambda x, p: {"y": turned_halves(x["x"])}, {"x": [2, 5, 6]}, {},
             form="rotary-halves"),
        case("rotary-neighbors", None, lambda x, p: {"y": turned_neighbors(x["x"])},
             {"x": [2, 2, 4, 4]}, {}, form="rotary-neighbors"),
    ]


GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def recurrent_case(kind, layers=1, both=False, output="sequence", function="tanh", state=False,
                   batch=2, time=4, features=3, units=2):
    directions = ["", "-reverse"] if both else [""]
    parameters, names = {}, {}
    for layer in range(layers):
        inputs = features if layer == 0 else units * len(directions)
        for direction in directions:
            place = f"layer.layer{layer + 1}{direction}"
            columns = GATES[kind] * units
            for ours, theirs, shape in (
                    ("weight-input", "weight_ih", [inputs, columns]),
                    ("weight-hidden", "weight_hh", [units, columns]),
                    ("bias-input", "bias_ih", [columns]), ("bias-hidden", "bias_hh", [columns])):
                path = f"{place}.{ours}"
                parameters[path] = shape
                name = f"{theirs}_l{layer}{direction.replace('-', '_')}"
                names[name] = lambda p, path=path: p[path].mT if p[path].dim() == 2 else p[path]
    options = dict(num_layers=layers, bidirectional=both, batch_first=True)
    module = {"rnn": lambda: nn.RNN(features, units, nonlinearity=function, **options),
              "lstm": lambda: nn.LSTM(features, units, **options),
              "gru": lambda: nn.GRU(features, units, **options)}[kind]()
    count = layers * len(directions)
    shapes = {"x": [batch, time, features]}
    if state:
        shapes |= {f"hidden{i}": [batch, units] for i in range(count)}
        if kind == "lstm": shapes |= {f"cell{i}": [batch, units] for i in range(count)}

    def compute(x, p):
        own = {theirs: make(p) for theirs, make in names.items()}
        start = None
        if state:
            start = torch.stack([x[f"hidden{i}"] for i in range(count)])
            if kind == "lstm": start = (start, torch.stack([x[f"cell{i}"] for i in range(count)]))
        sequence, ends = functional_call(module, own, (x["x"], start))
        hidden = ends[0] if kind == "lstm" else ends
        y = sequence if output == "sequence" else torch.cat(list(hidden[-len(directions):]), -1)
        result = {"y": y}
        if state:
            result |= {f"hidden{i}": hidden[i] for i in range(count)}
            if kind == "lstm": result |= {f"cell{i}": ends[1][i] for i in range(count)}
        return result

    layer = {kind: {"units": units, "layers": layers, "bidirectional": both, "output": output}}
    if kind == "rnn": layer[kind]["function"] = function
    label = "-".join([kind, function] * (kind == "rnn") or [kind])
    name = f"{label}-{layers}" + "-both" * both + f"-{output}" + "-state" * state
    return case(name, layer, compute, shapes, parameters, form="recurrent" if state else "unary")


def recurrent():
    cases = []
    for kind in ("rnn", "lstm", "gru"):
        cases += [recurrent_case(kind), recurrent_case(kind, both=True, output="last"),
                  recurrent_case(kind, layers=2, both=True, time=3),
                  recurrent_case(kind, layers=2, both=kind == "lstm", state=True, time=3)]
    return cases + [recurrent_case("rnn", function="relu"), recurrent_case("lstm", time=1)
                    | dict(name="lstm-one-time")]


def projections(place, size, key=None, value=None):
    shapes = {"query": [size, size], "key": [key or size, size], "value": [value or size, size],
              "output": [size, size]}
    result = {}
    for part, shape in shapes.items():
        result[f"{place}.{part}.weight"] = shape
        result[f"{place}.{part}.bias"] = [size]
    return result


def fused(place, separate=False):
    """PyTorch's names, from ours."""
    parts = ("query", "key", "value")
    names = {"in_proj_bias": lambda p: torch.cat([p[f"{place}.{q}.bias"] for q in parts]),
             "out_proj.weight": lambda p: p[f"{place}.output.weight"].mT,
             "out_proj.bias": lambda p: p[f"{place}.output.bias"]}
    if separate:
        for q, theirs in zip(parts, "qkv"):
            names[f"{theirs}_proj_weight"] = lambda p, q=q: p[f"{place}.{q}.weight"].mT
    else:
        names["in_proj_weight"] = lambda p: torch.cat(
            [p[f"{place}.{q}.weight"].mT for q in parts])
    return names


def block_parameters(size, hidden, norms, cross=None):
    result = projections("layer.attention", size)
    if cross: result |= projections("layer.cross-attention", size, cross, cross)
    result |= {"layer.hidden.weight": [size, hidden], "layer.hidden.bias": [hidden],
               "layer.output.weight": [hidden, size], "layer.output.bias": [size]}
    for k in range(1, norms + 1):
        result |= {f"layer.norm{k}.scale": [size], f"layer.norm{k}.bias": [size]}
    return result


def block_names(norms, cross=False):
    names = {f"self_attn.{k}": v for k, v in fused("layer.attention").items()}
    if cross:
        names |= {f"multihead_attn.{k}": v for k, v in fused("layer.cross-attention").items()}
    for theirs, ours in (("linear1", "hidden"), ("linear2", "output")):
        names[f"{theirs}.weight"] = lambda p, ours=ours: p[f"layer.{ours}.weight"].mT
        names[f"{theirs}.bias"] = lambda p, ours=ours: p[f"layer.{ours}.bias"]
    for k in range(1, norms + 1):
        names[f"norm{k}.weight"] = lambda p, k=k: p[f"layer.norm{k}.scale"]
        names[f"norm{k}.bias"] = lambda p, k=k: p[f"layer.norm{k}.bias"]
    return names


def attention():
    size, heads = 4, 2
    call = lambda module, names, p, *a, **k: functional_call(
        module, {theirs: make(p) for theirs, make in names.items()}, a, k)
    mha = nn.MultiheadAttention(size, heads, batch_first=True)
    causal = lambda n: torch.ones(n, n, dtype=torch.bool).triu(1)  # true: not to be seen
    options = {"heads": heads}

    def attend(q, k, v, **more):
        return F.scaled_dot_product_attention(q, k, v, **more)

    keep = [[1.0, 1, 1, 0], [1, 1, 0, 0]]
    cases = [
        case("dot-product", None, lambda x, p: {"y": attend(x["q"], x["k"], x["v"])},
             {"q": [2, 3, 4], "k": [2, 5, 4], "v": [2, 5, 3]}, {}, form="dot-product"),
        case("dot-product-causal", None,
             lambda x, p: {"y": attend(x["q"], x["k"], x["v"], is_causal=True)},
             {"q": [2, 2, 4, 3], "k": [2, 2, 4, 3], "v": [2, 2, 4, 3]}, {},
             form="dot-product-causal"),
        case("dot-product-mask", None,
             lambda x, p: {"y": attend(x["q"], x["k"], x["v"], attn_mask=x["mask"] > 0.5)},
             {"q": [2, 3, 4], "k": [2, 3, 4], "v": [2, 3, 2],
              "mask": [[1.0, 0, 1], [0, 1, 0], [1, 1, 1]]}, {}, form="dot-product",
             masks=["mask"]),
        case("self", {"multi-head-attention": options},
             lambda x, p: {"y": call(mha, fused("layer"), p, x["x"], x["x"], x["x"])[0]},
             {"x": [2, 3, size]}, projections("layer", size)),
        case("self-causal", {"multi-head-attention": options | {"causal": True}},
             lambda x, p: {"y": call(mha, fused("layer"), p, x["x"], x["x"], x["x"],
                                     attn_mask=causal(4))[0]},
             {"x": [2, 4, size]}, projections("layer", size)),
        case("self-masked", {"multi-head-attention": options | {"causal": True}},
             lambda x, p: {"y": call(mha, fused("layer"), p, x["x"], x["x"], x["x"],
                                     key_padding_mask=x["keep"] < 0.5, attn_mask=causal(4))[0]},
             {"x": [2, 4, size], "keep": keep}, projections("layer", size), form="self-masked",
             masks=["keep"]),
    ]
    other = nn.MultiheadAttention(size, heads, batch_first=True, kdim=3, vdim=5)
    cases.append(case(
        "cross", {"multi-head-attention": options},
        lambda x, p: {"y": call(other, fused("layer", True), p, x["q"], x["k"], x["v"])[0]},
        {"q": [2, 3, size], "k": [2, 4, 3], "v": [2, 4, 5]}, projections("layer", size, 3, 5),
        form="cross"))
    for first_, name in ((False, "behind"), (True, "before")):
        activation = "relu" if name == "behind" else "gelu"
        common = dict(dropout=0.0, activation=activation, batch_first=True, norm_first=first_)
        encoder = nn.TransformerEncoderLayer(size, heads, 6, **common)
        encoder.train()
        layer = {"transformer-block": {"heads": heads, "hidden": 6, "activation": activation,
                                       "normalization": name}}
        cases.append(case(
            f"encoder-{name}", layer,
            lambda x, p, m=encoder: {"y": call(m, block_names(2), p, x["x"])},
            {"x": [2, 3, size]}, block_parameters(size, 6, 2)))
        layer = {"transformer-block": layer["transformer-block"] | {"causal": True}}
        cases.append(case(
            f"encoder-{name}-masked", layer,
            lambda x, p, m=encoder: {"y": call(
                m, block_names(2), p, x["x"], src_mask=causal(4),
                src_key_padding_mask=x["keep"] < 0.5)},
            {"x": [2, 4, size], "keep": keep}, block_parameters(size, 6, 2),
            form="encoder-masked", masks=["keep"]))
        decoder = nn.TransformerDecoderLayer(size, heads, 6, **common)
        cases.append(case(
            f"decoder-{name}", layer,
            lambda x, p, m=decoder: {"y": call(
                m, block_names(3, True), p, x["x"], x["memory"], tgt_mask=causal(3),
                memory_key_padding_mask=x["keep"] < 0.5)},
            {"x": [2, 3, size], "memory": [2, 4, size], "keep": keep},
            block_parameters(size, 6, 3, size), form="decoder", masks=["keep"]))
    return cases


def main():
    torch.backends.mha.set_fastpath_enabled(False)
    for build in (normalizers, embeddings, recurrent, attention):
        cases = plain(build())
        assert len({c["name"] for c in cases}) == len(cases)
        path = os.path.join(FOLDER, f"{build.__name__}.json")
        content = "[\n" + ",\n".join(text(c) for c in cases) + "\n]\n"
        assert json.loads(content) == cases and len(content) <= 130_000, len(content)
        if "--check" in sys.argv[1:]:
            with open(path) as file: compare(build.__name__, json.load(file), cases)
        else:
            with open(path, "w") as file: file.write(content)
        print(f"{build.__name__}.json: {len(cases)} cases, {len(content)} bytes")


if __name__ == "__main__":
    main()
