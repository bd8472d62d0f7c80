#!/usr/bin/env python3
"""Makes the reference numbers of this folder with PyTorch, in float64. README.md has the schema.

The files here were made with torch 2.13.0+cpu and numpy 2.4.6 under Python 3.11 (Linux, x86-64):

    python3 -m venv VENV
    VENV/bin/pip install 'torch==2.13.0+cpu' numpy
    VENV/bin/python make_fixtures.py            # writes the five files
    VENV/bin/python make_fixtures.py --check    # recomputes them, writes nothing

Inputs and initial parameters come from Python's own generator (the same in every version) and are
rounded to three decimals. Results may differ in the last bits on another processor or version of
torch, so `--check` compares with a relative tolerance of 1e-12 and an absolute one of 1e-13.

PyTorch makes the numbers. `Oracle` below, backpropagation written by hand in numpy without any
automatic differentiation, then reads every finished case and must come to the same results. The
factors of the costs are held against the worked examples of the project's system description.
"""
import json
import math
import os
import random
import sys

os.environ.setdefault("ATEN_CPU_CAPABILITY", "default")  # one code path on every x86-64 processor

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
FOLDER = os.path.dirname(os.path.abspath(__file__))
STEPS = 5

# -------------------------------------------------------------- PyTorch: the source of the numbers

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky-relu": lambda z, slope=0.01: F.leaky_relu(z, slope),
    "elu": lambda z, alpha=1.0: F.elu(z, alpha),
    "gelu": F.gelu,
    "gelu-tanh": lambda z: F.gelu(z, approximate="tanh"),
    "silu": F.silu,
    "softplus": F.softplus,  # linear above 20: `run` asserts that no z comes near
}

LOSSES = {
    "half-squared-error": lambda a, t: F.mse_loss(a, t, reduction="sum") / (2 * len(a)),
    "squared-error": lambda a, t: F.mse_loss(a, t, reduction="sum") / len(a),
    "mean-squared-error": F.mse_loss,
    "root-mean-squared-error": lambda a, t: F.mse_loss(a, t).sqrt(),
    "mean-absolute-error": F.l1_loss,
    "huber": lambda a, t, delta: F.huber_loss(a, t, delta=delta),
    "cross-entropy": lambda a, t: F.binary_cross_entropy(a, t, reduction="sum") / len(a),
    "binary-cross-entropy": F.binary_cross_entropy,
    "sigmoid-cross-entropy": F.binary_cross_entropy_with_logits,
    "softmax-cross-entropy": F.cross_entropy,  # class indices or distributions
}


def layer_names(sizes):
    hidden = len(sizes) - 2
    return (["hidden"] if hidden == 1 else [f"hidden{i + 1}" for i in range(hidden)]) + ["output"]


def forward(case, parameters, x, running=None, training=True):
    """Outputs and every z. In training mode `running` [mean, variance] is updated in place."""
    names, zs = layer_names(case["sizes"]), []
    for name in names:
        x = x @ parameters[f"{name}.weight"] + parameters[f"{name}.bias"]
        if "normalization" in case and name == "hidden":
            options = case["normalization"]["options"]
            x = F.batch_norm(x, *running, parameters["norm.scale"], parameters["norm.bias"],
                             training, options["momentum"], options["epsilon"])
        zs.append(x.detach())
        last = name == "output"
        kind = case["outputActivation"] if last else case["activation"]
        x = ACTIVATIONS[kind](x, **({} if last else case.get("activationOptions", {})))
    return x, zs


def learning_rate(case, t):
    """The closed forms; `assert_schedules` holds them against PyTorch's own schedulers."""
    base, o = case["optimizer"]["options"]["learningRate"], case["schedule"]["options"]
    low = o.get("minimum")
    match case["schedule"]["name"]:
        case "constant": return base
        case "step": return base * o["factor"] ** (t // o["every"])
        case "exponential": return base * o["factor"] ** t
        case "cosine":
            t = min(t, o["steps"])
            return low + (base - low) * (1 + math.cos(math.pi * t / o["steps"])) / 2
        case "warm-up": return base * min(1, (t + 1) / o["steps"])


def make_optimizer(case, parameters):
    """Two groups, since every decay here is on the weights alone."""
    name, o = case["optimizer"]["name"], case["optimizer"]["options"]
    weights = [p for path, p in parameters.items() if path.endswith(".weight")]
    others = [p for path, p in parameters.items() if not path.endswith(".weight")]
    l2 = o["lambda"] / o["samples"] if "lambda" in o else 0.0
    decay = o["weightDecay"] if name == "adamw" else l2
    groups = [dict(params=weights, weight_decay=decay), dict(params=others, weight_decay=0.0)]
    lr = o["learningRate"]
    if name in ("sgd", "momentum", "nesterov"):
        return torch.optim.SGD(groups, lr=lr, momentum=o.get("momentum", 0.0), dampening=0,
                               nesterov=name == "nesterov")
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]
    return kind(groups, lr=lr, betas=(o["beta1"], o["beta2"]), eps=o["epsilon"])


def clip(case, parameters):
    """Not `clip_grad_norm_`, which divides by the norm + 1e-6. Returns the norm before clipping."""
    o, gradients = case["optimizer"]["options"], [p.grad for p in parameters.values()]
    norm = math.sqrt(sum(float((g * g).sum()) for g in gradients))
    for g in gradients:
        if "clipValue" in o: g.clamp_(-o["clipValue"], o["clipValue"])
        if "clipNorm" in o: g.mul_(min(1.0, o["clipNorm"] / norm))
    return norm


def run(case):
    """Trains for five steps on the whole batch and fills in `results`."""
    tensor = lambda v: torch.tensor(v, dtype=None if case["targetKind"] == "classes" and v is
                                    case["targets"] else torch.float64)
    x, t = tensor(case["inputs"]), tensor(case["targets"])
    p = {k: tensor(v).requires_grad_() for k, v in case["parameters"].items()}
    running = [tensor(v) for v in case.get("variables", {}).values()] or None
    options, optimizer = case["optimizer"]["options"], make_optimizer(case, p)
    results, losses, norms, observed = {}, [], [], []
    means, variances = [], []
    for index in range(STEPS):
        optimizer.zero_grad()
        a, zs = forward(case, p, x, running)
        cost = LOSSES[case["loss"]](a, t, **case["lossOptions"])
        cost.backward()
        losses.append(cost.item())
        observed.append((a.detach(), zs, {k: v.grad.clone() for k, v in p.items()}))
        if index == 0:
            results = dict(outputs=a.tolist(), loss=cost.item(),
                           gradients={k: v.grad.tolist() for k, v in p.items()})
        if running:
            means.append(running[0].tolist())
            variances.append(running[1].tolist())
        norms.append(clip(case, p))
        if index == 0 and ("clipValue" in options or "clipNorm" in options):
            results["gradientsClipped"] = {k: v.grad.tolist() for k, v in p.items()}
        rate = learning_rate(case, index)
        for group in optimizer.param_groups: group["lr"] = rate
        if case["optimizer"]["name"] == "sgd" and "weightDecay" in options:  # decoupled
            with torch.no_grad():
                for path, v in p.items():
                    if path.endswith(".weight"): v.mul_(1 - rate * options["weightDecay"])
        optimizer.step()
    results["losses"] = losses
    results["parametersAfter"] = {k: v.tolist() for k, v in p.items()}
    if "clipNorm" in options: results["gradientNorms"] = norms
    if running:
        results["runningMeans"], results["runningVariances"] = means, variances
        results["evaluationOutputs"] = forward(case, p, x, running, training=False)[0].tolist()
    case["results"] = results
    assert_tells_apart(case, t, observed)
    return case


def assert_tells_apart(case, t, observed):
    """A case must exercise what it is named after, and stay clear of kinks, where bits decide."""
    r = case["results"]
    hidden = torch.cat([z.flatten() for _, zs, _ in observed for z in zs[:-1]])
    assert hidden.min() < -0.3 and hidden.max() > 0.3 and hidden.abs().max() < 15, case["name"]
    if case["activation"] in ("relu", "leaky-relu", "elu"):
        assert hidden.abs().min() > 1e-3, case["name"]
    if case["loss"] in ("mean-absolute-error", "huber"):
        errors = torch.stack([(a - t).abs() for a, _, _ in observed])
        delta = case["lossOptions"].get("delta", 0.0)
        assert (errors - delta).abs().min() > 1e-3, case["name"]
        assert errors.max() > delta and (delta == 0 or errors[0].min() < delta), case["name"]
    if case["targetKind"] == "classes": assert len(set(case["targets"])) > 1, case["name"]
    if case["optimizer"]["name"].startswith("adam"):
        assert min(g.abs().min() for _, _, gs in observed for g in gs.values()) > 1e-4, case["name"]
    if "clipValue" in case["optimizer"]["options"]:
        flat, limit = torch.cat([g.flatten() for g in observed[0][2].values()]).abs(), 0.05
        assert 5 <= (flat > limit).sum() <= len(flat) - 5, case["name"]
    assert r["losses"][-1] < r["losses"][0], case["name"]


# ---------------------------------------------------------------------- numpy: written by hand

ERF = np.vectorize(math.erf)
C = math.sqrt(2 / math.pi)
sigma = lambda z: np.exp(-np.logaddexp(0, -z))
gelu_u = lambda z: np.tanh(C * (z + 0.044715 * z**3))
cdf = lambda z: 0.5 * (1 + ERF(z / math.sqrt(2)))
HAND = {  # activation, derivative
    "identity": (lambda z: z, np.ones_like),
    "sigmoid": (sigma, lambda z: sigma(z) * sigma(-z)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "leaky-relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1, 0.01)),
    "elu": (lambda z: np.where(z > 0, z, np.exp(z) - 1), lambda z: np.where(z > 0, 1, np.exp(z))),
    "gelu": (lambda z: z * cdf(z),
             lambda z: cdf(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)),
    "gelu-tanh": (lambda z: 0.5 * z * (1 + gelu_u(z)),
                  lambda z: 0.5 * (1 + gelu_u(z)) + 0.5 * z * (1 - gelu_u(z) ** 2) * C
                  * (1 + 3 * 0.044715 * z * z)),
    "silu": (lambda z: z * sigma(z), lambda z: sigma(z) * (1 + z * sigma(-z))),
    "softplus": (lambda z: np.logaddexp(0, z), sigma),
}


def hand_loss(name, a, t, options):
    """The cost and ∂C/∂a, a the outputs [m, k] after the output activation."""
    m, k = a.shape
    if name == "softmax-cross-entropy":
        if t.ndim == 1: t = np.eye(k)[t]
        logs = a - np.logaddexp.reduce(a, axis=1)[:, None]
        return -(t * logs).sum() / m, (np.exp(logs) - t) / m
    e = a - t
    match name:
        case "half-squared-error": return 0.5 * (e * e).sum() / m, e / m
        case "squared-error": return (e * e).sum() / m, 2 * e / m
        case "mean-squared-error": return (e * e).mean(), 2 * e / (m * k)
        case "root-mean-squared-error":
            root = math.sqrt((e * e).mean())
            return root, e / (m * k * root)
        case "mean-absolute-error": return abs(e).mean(), np.sign(e) / (m * k)
        case "huber":
            d = options["delta"]
            value = np.where(abs(e) <= d, 0.5 * e * e, d * (abs(e) - 0.5 * d))
            return value.mean(), np.clip(e, -d, d) / (m * k)
        case "cross-entropy" | "binary-cross-entropy":
            count = m if name == "cross-entropy" else m * k
            value = -(t * np.log(a) + (1 - t) * np.log(1 - a)).sum() / count
            return value, e / (a * (1 - a)) / count
        case "sigmoid-cross-entropy":
            return (np.logaddexp(0, a) - t * a).mean(), (sigma(a) - t) / (m * k)


class Oracle:
    """Recomputes a finished case from its description alone."""

    def __init__(self, case):
        self.case, self.p = case, {k: np.array(v) for k, v in case["parameters"].items()}
        self.x, self.t = np.array(case["inputs"]), np.array(case["targets"])
        self.names = layer_names(case["sizes"])
        self.slots = {}
        self.running = [np.array(v) for v in case.get("variables", {}).values()]

    def propagate(self):
        case, p, m = self.case, self.p, len(self.x)
        a, tape = self.x, []
        for name in self.names:
            z, normalized = a @ p[f"{name}.weight"] + p[f"{name}.bias"], None
            if "normalization" in case and name == "hidden":
                o, mean, variance = case["normalization"]["options"], z.mean(0), z.var(0)
                root = np.sqrt(variance + o["epsilon"])
                normalized = ((z - mean) / root, root)
                z = p["norm.scale"] * normalized[0] + p["norm.bias"]
                for i, batch in enumerate((mean, variance * m / (m - 1))):
                    self.running[i] = (1 - o["momentum"]) * self.running[i] + o["momentum"] * batch
            kind = HAND[case["outputActivation" if name == "output" else "activation"]]
            tape.append((name, a, z, kind[1], normalized))
            a = kind[0](z)
        value, adjoint = hand_loss(case["loss"], a, self.t, case["lossOptions"])
        gradients = {}
        for name, before, z, derivative, normalized in reversed(tape):
            delta = adjoint * derivative(z)
            if normalized:
                unit, root = normalized
                gradients["norm.scale"] = (delta * unit).sum(0)
                gradients["norm.bias"] = delta.sum(0)
                g = delta * p["norm.scale"]
                delta = (g - g.mean(0) - unit * (g * unit).mean(0)) / root
            gradients[f"{name}.weight"], gradients[f"{name}.bias"] = before.T @ delta, delta.sum(0)
            adjoint = delta @ p[f"{name}.weight"].T
        return a, value, gradients

    def evaluate(self):
        c, p, o = self.case, self.p, self.case["normalization"]["options"]
        z = self.x @ p["hidden.weight"] + p["hidden.bias"]
        z = (z - self.running[0]) / np.sqrt(self.running[1] + o["epsilon"])
        a = HAND[c["activation"]][0](p["norm.scale"] * z + p["norm.bias"])
        return HAND[c["outputActivation"]][0](a @ p["output.weight"] + p["output.bias"])

    def clipped(self, gradients):
        o = self.case["optimizer"]["options"]
        if "clipValue" in o:
            return {k: np.clip(g, -o["clipValue"], o["clipValue"]) for k, g in gradients.items()}
        if "clipNorm" in o:
            norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients.values()]))
            return {k: g * min(1, o["clipNorm"] / norm) for k, g in gradients.items()}
        return gradients

    def update(self, gradients, step):
        name, o = self.case["optimizer"]["name"], self.case["optimizer"]["options"]
        rate = learning_rate(self.case, step)
        for path, g in self.clipped(gradients).items():
            w, weight = self.p[path], path.endswith(".weight")
            if weight and "lambda" in o: g = g + o["lambda"] / o["samples"] * w
            if weight and "weightDecay" in o: w = w * (1 - rate * o["weightDecay"])
            m, v = self.slots.get(path, (np.zeros_like(g), np.zeros_like(g)))
            if name == "sgd": change = g
            elif name in ("momentum", "nesterov"):
                m = o["momentum"] * m + g
                change = m if name == "momentum" else g + o["momentum"] * m
            else:
                m = o["beta1"] * m + (1 - o["beta1"]) * g
                v = o["beta2"] * v + (1 - o["beta2"]) * g * g
                mean = m / (1 - o["beta1"] ** (step + 1))
                square = v / (1 - o["beta2"] ** (step + 1))
                change = mean / (np.sqrt(square) + o["epsilon"])
            self.slots[path], self.p[path] = (m, v), w - rate * change

    def results(self):
        r = dict(losses=[], runningMeans=[], runningVariances=[])
        for step in range(STEPS):
            a, value, gradients = self.propagate()
            r["losses"].append(value)
            if step == 0:
                r.update(outputs=a, loss=value, gradients=gradients)
                r["gradientsClipped"] = self.clipped(gradients)
            if self.running:
                r["runningMeans"].append(self.running[0])
                r["runningVariances"].append(self.running[1])
            self.update(gradients, step)
        r["parametersAfter"] = self.p
        if self.running: r["evaluationOutputs"] = self.evaluate()
        return r


def assert_close(name, a, b, tolerance=1e-12):
    if isinstance(a, dict):
        assert set(a) == set(b), (name, set(a) ^ set(b))
        for key in a: assert_close(f"{name} {key}", a[key], b[key], tolerance)
    else:
        np.testing.assert_allclose(np.array(a), np.array(b), rtol=tolerance, atol=tolerance / 10,
                                   err_msg=name)


def verify(case):
    found = Oracle(case).results()
    for key, value in case["results"].items():
        if key != "gradientNorms":  # `optimizers` looks at those
            assert_close(f"{case['name']}: {key}", value, found[key])


def assert_schedules(cases):
    """PyTorch's own schedulers; its cosine rises again after the last step, ours stays."""
    make = {
        "constant": lambda o, s: torch.optim.lr_scheduler.ConstantLR(o, 1.0),
        "step": lambda o, s: torch.optim.lr_scheduler.StepLR(o, s["every"], s["factor"]),
        "exponential": lambda o, s: torch.optim.lr_scheduler.ExponentialLR(o, s["factor"]),
        "cosine": lambda o, s: torch.optim.lr_scheduler.CosineAnnealingLR(
            o, s["steps"], s["minimum"]),
        "warm-up": lambda o, s: torch.optim.lr_scheduler.LinearLR(
            o, 1 / s["steps"], total_iters=s["steps"] - 1),
    }
    for case in cases:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
        scheduler = make[case["schedule"]["name"]](optimizer, case["schedule"]["options"])
        rates = []
        for _ in range(12):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        if case["schedule"]["name"] == "cosine": rates[11] = 0.01
        assert_close(case["name"], rates, case["results"]["learningRates"], 1e-14)


def assert_system():
    """The two worked examples of the system description, through the parts that `run` uses."""
    def first(loss, sizes, parameters, x, t, steps=1):
        case = dict(sizes=sizes, activation="sigmoid", outputActivation="sigmoid")
        p = {k: torch.tensor(v).requires_grad_() for k, v in parameters.items()}
        for step in range(steps):
            cost = LOSSES[loss](forward(case, p, torch.tensor(x))[0], torch.tensor(t))
            g = dict(zip(p, torch.autograd.grad(cost, list(p.values()))))
            if step < steps - 1:
                p = {k: (v - 0.5 * g[k]).detach().requires_grad_() for k, v in p.items()}
        return cost.item(), g
    worked = {"hidden.weight": [[.15, .25], [.20, .30]], "hidden.bias": [.35, .35],
              "output.weight": [[.40, .50], [.45, .55]], "output.bias": [.60, .60]}
    cost, g = first("half-squared-error", [2, 2, 2], worked, [[.05, .10]], [[.01, .99]])
    assert_close("worked cost", cost, 0.2983711087600027)
    assert_close("worked w1, w2", g["hidden.weight"][:, 0].tolist(),
                 [0.0004385677344743465, 0.000877135468948693])
    cost, _ = first("half-squared-error", [2, 2, 2], worked, [[.05, .10]], [[.01, .99]], 2)
    assert_close("worked, after one step", cost, 0.28047144679143016)
    sizes, deep = [2, 3, 3, 3, 3], {}
    for l, name in enumerate(layer_names(sizes), 1):
        deep[f"{name}.weight"] = [[0.1 * l + 0.2 * j - 0.3 * k for j in range(sizes[l])]
                                  for k in range(sizes[l - 1])]
        deep[f"{name}.bias"] = [0.05 * l - 0.1 * j for j in range(sizes[l])]
    for loss, value, gradient in [
            ("half-squared-error", 0.5084002531874172, -0.0001842237142880661),
            ("squared-error", 1.0168005063748344, -0.0003684474285761322),
            ("mean-squared-error", 0.33893350212494483, -0.00012281580952537742),
            ("root-mean-squared-error", 0.5821799568217243, -0.00010547924923065171),
            ("cross-entropy", 2.6454721005259927, -0.0008631159161098011)]:
        cost, g = first(loss, sizes, deep, [[.05, .10], [.90, -.40]], [[0., 1, 0], [1., 0, 0]])
        assert_close(f"deep {loss}", [cost, g["hidden1.weight"][0, 1].item()], [value, gradient])


# -------------------------------------------------------------------------------------- the cases

def draw(generator, *shape, low=-1.0, high=1.0):
    if not shape: return round(generator.uniform(low, high), 3)
    return [draw(generator, *shape[1:], low=low, high=high) for _ in range(shape[0])]


def draw_targets(g, m, k, kind):
    """`kind`: reals, bits (the last sample soft), classes or distribution (the last one-hot)."""
    match kind:
        case "reals": return draw(g, m, k, low=-2, high=2)
        case "bits": return ([[float(g.random() < 0.5) for _ in range(k)] for _ in range(m - 1)]
                             + [draw(g, k, low=0.1, high=0.9)])
        case "classes": return [g.randrange(k) for _ in range(m)]
        case "distribution":
            rows = []
            for _ in range(m - 1):
                cuts = sorted(g.sample(range(1, 100), k - 1))
                rows.append([(b - a) / 100 for a, b in zip([0] + cuts, cuts + [100])])
            return rows + [[0.0] * (k - 1) + [1.0]]


def make(name, sizes, batch, seed, *, activation="tanh", output="identity",
         loss="half-squared-error", targets="reals", optimizer="sgd", options=None, schedule=None,
         activation_options=None, loss_options=None, hidden_scale=0.8, output_scale=0.8,
         normalization=None):
    g, parameters = random.Random(f"swift-backprop {seed}"), {}
    for layer, rows, columns in zip(layer_names(sizes), sizes, sizes[1:]):
        scale = output_scale if layer == "output" else hidden_scale
        parameters[f"{layer}.weight"] = draw(g, rows, columns, low=-scale, high=scale)
        parameters[f"{layer}.bias"] = draw(g, columns, low=-0.5, high=0.5)
        if normalization and layer == "hidden":
            parameters["norm.scale"] = draw(g, columns, low=0.5, high=1.5)
            parameters["norm.bias"] = draw(g, columns, low=-0.5, high=0.5)
    case = dict(name=name, sizes=sizes, parameters=parameters, activation=activation,
                activationOptions=activation_options or {}, outputActivation=output, loss=loss,
                lossOptions=loss_options or {},
                optimizer=dict(name=optimizer, options=options or dict(learningRate=0.1)),
                schedule=dict(name=(schedule or ["constant"])[0], options=(schedule or [0, {}])[1]),
                inputs=draw(g, batch, sizes[0], low=-1.5, high=1.5),
                targetKind="classes" if targets == "classes" else "values",
                targets=draw_targets(g, batch, sizes[-1], targets))
    if normalization:
        width = sizes[1]
        case["normalization"] = dict(name="batch-norm", path="norm", after="hidden",
                                     options=normalization)
        case["variables"] = {"norm.runningMean": [0.0] * width,
                             "norm.runningVariance": [1.0] * width}
    case = run(case)
    verify(case)
    return case


def activations():
    options = {"leaky-relu": dict(slope=0.01), "elu": dict(alpha=1.0)}
    return [make(a, [3, 5, 4, 2], 6, "activations 1", activation=a, hidden_scale=1.6,
                 activation_options=options.get(a))
            for a in ACTIVATIONS]


def losses():
    shapes, cases = {1: [4, 3, 1], 2: [2, 3, 2], 5: [2, 3, 5]}, []

    def add(label, loss, width, **more):
        cases.append(make(label, shapes[width], 4, f"losses {width} 46", loss=loss, **more))
    for loss in list(LOSSES)[:5]:
        for width in shapes: add(f"{loss}-{width}", loss, width)
    for delta in (1.0, 0.5):
        for width in shapes:
            add(f"huber-delta-{delta:g}-{width}", "huber", width, loss_options=dict(delta=delta))
    for loss in list(LOSSES)[:4]:
        add(f"{loss}-2-sigmoid", loss, 2, output="sigmoid", activation="sigmoid")
    for loss, output in (("cross-entropy", "sigmoid"), ("binary-cross-entropy", "sigmoid"),
                         ("sigmoid-cross-entropy", "identity")):
        for width in shapes: add(f"{loss}-{width}", loss, width, output=output, targets="bits")
    for targets in ("classes", "distribution"):
        for width in (2, 5):
            add(f"softmax-cross-entropy-{targets}-{width}", "softmax-cross-entropy", width,
                targets=targets)
    large = dict(output_scale=900.0, options=dict(learningRate=0.001))  # exp(z) would overflow
    add("sigmoid-cross-entropy-2-large-logits", "sigmoid-cross-entropy", 2, targets="bits", **large)
    add("softmax-cross-entropy-classes-5-large-logits", "softmax-cross-entropy", 5,
        targets="classes", **large)
    for case in cases[-2:]: assert np.abs(case["results"]["outputs"]).max() > 720
    return cases


def optimizers():
    adam = dict(learningRate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8)
    table = [
        ("sgd", "sgd", dict(learningRate=0.5)),
        ("momentum", "momentum", dict(learningRate=0.1, momentum=0.9)),
        ("nesterov", "nesterov", dict(learningRate=0.1, momentum=0.9)),
        ("adam", "adam", adam),
        ("adam-other-betas", "adam", dict(learningRate=0.02, beta1=0.8, beta2=0.95, epsilon=1e-6)),
        ("adamw", "adamw", dict(adam, learningRate=0.02, weightDecay=0.05)),
        ("sgd-decoupled-weight-decay", "sgd", dict(learningRate=0.5, weightDecay=0.05)),
        ("sgd-l2", "sgd", {"learningRate": 0.5, "lambda": 0.5, "samples": 20}),
        ("sgd-clip-value", "sgd", dict(learningRate=0.5, clipValue=0.05)),
        ("sgd-clip-norm", "sgd", dict(learningRate=0.5, clipNorm=0.1)),
        ("sgd-clip-norm-sometimes", "sgd", dict(learningRate=0.5, clipNorm=0.8)),
    ]
    cases = [make(label, [3, 4, 2], 5, "optimizers 3", optimizer=name, options=more)
             for label, name, more in table]
    assert min(cases[-2]["results"]["gradientNorms"]) > 0.1  # clips at every step
    norms = cases[-1]["results"]["gradientNorms"]
    assert max(norms) > 0.85 and min(norms) < 0.75, norms  # clips at some steps and not at others
    return cases


def schedules():
    table = [("constant", {}), ("step", dict(factor=0.5, every=3)),
             ("exponential", dict(factor=0.9)), ("cosine", dict(steps=10, minimum=0.01)),
             ("warm-up", dict(steps=4))]
    cases = [make(s[0], [3, 4, 2], 5, "optimizers 3", options=dict(learningRate=0.5), schedule=s)
             for s in table]
    for case in cases:
        case["results"]["learningRates"] = [learning_rate(case, i) for i in range(12)]
    assert_schedules(cases)
    return cases


def normalization():
    return [make("batch-norm", [3, 4, 2], 6, "normalization",
                 normalization=dict(epsilon=1e-5, momentum=0.1)),
            make("batch-norm-other-options", [2, 5, 3], 7, "normalization",
                 normalization=dict(epsilon=1e-3, momentum=0.25))]


# --------------------------------------------------------------------------------------- the files

def plain(value):
    """Floats without a negative zero; everything else as it is."""
    if isinstance(value, dict): return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list): return [plain(v) for v in value]
    return value + 0.0 if isinstance(value, float) else value


def text(value, indent=""):
    """JSON with a line for every key, arrays on one line, floats as the shortest exact decimal."""
    if not isinstance(value, dict) or not any(isinstance(v, (dict, list)) for v in value.values()):
        return json.dumps(value, allow_nan=False)
    lines = [f"{indent}  {json.dumps(k)}: {text(v, indent + '  ')}" for k, v in value.items()]
    return "{\n" + ",\n".join(lines) + "\n" + indent + "}"


def compare(name, old, new):
    if isinstance(new, dict):
        assert list(old) == list(new), (name, list(old), list(new))
        for key in new: compare(f"{name} {key}", old[key], new[key])
    elif isinstance(new, list) and any(isinstance(v, dict) for v in new):
        assert len(old) == len(new), name
        for a, b in zip(old, new): compare(f"{name} {b['name']}", a, b)
    elif isinstance(new, str) or new == []: assert old == new, name
    else: assert_close(name, old, new)


def main():
    assert_system()
    total = 0
    for build in (activations, losses, optimizers, schedules, normalization):
        cases = plain(build())
        assert len({c["name"] for c in cases}) == len(cases)
        path = os.path.join(FOLDER, f"{build.__name__}.json")
        content = "[\n" + ",\n".join(text(c) for c in cases) + "\n]\n"
        assert json.loads(content) == cases and len(content) <= 100_000, len(content)
        total += len(content)
        if "--check" in sys.argv[1:]:
            with open(path) as file: compare(build.__name__, json.load(file), cases)
        else:
            with open(path, "w") as file: file.write(content)
        print(f"{build.__name__}.json: {len(cases)} cases, {len(content)} bytes")
    assert total <= 600_000


if __name__ == "__main__":
    main()
