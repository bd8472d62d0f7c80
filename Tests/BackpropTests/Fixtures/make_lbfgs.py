#!/usr/bin/env python3
"""Reference numbers of L-BFGS from PyTorch in float64: lbfgs.json, described in README.md.

    VENV/bin/python make_lbfgs.py            # writes the file
    VENV/bin/python make_lbfgs.py --check    # recomputes it, writes nothing

The environment is that of make_fixtures.py.
"""
import json
import os
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
CASES = [  # name, first length of a search, memory
    ("plain", 1.0, 10),
    ("short memory", 1.0, 2),
    ("a search that begins too far", 40.0, 10),
    ("a search that begins too near", 0.02, 10),
]
ITERATIONS = 8


def make(name, rate, memory):
    g = torch.Generator().manual_seed(7)
    inputs = torch.randn(20, 3, generator=g)
    targets = torch.randint(0, 3, (20,), generator=g)
    parameters = {
        path: torch.randn(*shape, generator=g).div(1.5).requires_grad_()
        for path, shape in [("hidden.weight", (3, 4)), ("hidden.bias", (4,)),
                            ("output.weight", (4, 3)), ("output.bias", (3,))]}
    start = {path: p.tolist() for path, p in parameters.items()}
    optimizer = torch.optim.LBFGS(
        list(parameters.values()), lr=rate, max_iter=1, max_eval=1000, history_size=memory,
        line_search_fn="strong_wolfe")

    def cost():
        z = torch.tanh(inputs @ parameters["hidden.weight"] + parameters["hidden.bias"])
        return F.cross_entropy(z @ parameters["output.weight"] + parameters["output.bias"], targets)

    def closure():
        optimizer.zero_grad()
        c = cost()
        c.backward()
        return c

    losses, after = [], []
    for _ in range(ITERATIONS):
        losses.append(optimizer.step(closure).item())
        after.append({path: p.tolist() for path, p in parameters.items()})
    state = optimizer.state[optimizer._params[0]]
    return {"name": name, "learningRate": rate, "memory": memory, "inputs": inputs.tolist(),
            "targets": targets.tolist(), "parameters": start, "losses": losses,
            "parametersAfter": after[-1], "parametersAfterFive": after[4], "evaluations": state["func_evals"]}


def main():
    cases = [make(*case) for case in CASES]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lbfgs.json")
    text = json.dumps(cases, separators=(",", ":")) + "\n"
    if "--check" in sys.argv:
        same = open(path).read() == text
        print(f"{path}: {'the same' if same else 'DIFFERENT'}")
        sys.exit(0 if same else 1)
    open(path, "w").write(text)
    print(f"{path}: {len(cases)} cases", [(c["evaluations"], c["losses"][-1]) for c in cases])


main()
