"""Makes tables.json: small tables, and what scikit-learn makes of them.

    python make_tables.py > tables.json     (scikit-learn 1.9.1, float64)

Numbers go through SimpleImputer and StandardScaler, texts through OneHotEncoder, all fitted to the
rows in "training" and applied to every row. Feature order: the columns of the table, levels sorted.
"""
import json
import random

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def case(name, seed, rows, columns, strategy, holes):
    rng = random.Random(seed)
    table = []
    for _ in range(rows):
        row = []
        for kind in columns:
            if kind == "text":
                row.append(rng.choice(["red", "green", "blue", "Azure"]))
            elif kind == "far":
                row.append(repr(1e6 + rng.gauss(0, 1)))
            elif kind == "whole":
                row.append(str(rng.randrange(-50, 50)))
            else:
                row.append(repr(rng.gauss(0, 3)))
            if kind != "text" and rng.random() < holes:
                row[-1] = ""
        table.append(row)
    training = sorted(rng.sample(range(rows), rows * 7 // 10))
    parts = []
    for index, kind in enumerate(columns):
        if kind == "text":
            values = np.array([[row[index]] for row in table], dtype=object)
            encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
            parts.append(encoder.fit(values[training]).transform(values))
        else:
            values = np.array([[float(row[index] or "nan")] for row in table])
            # The mean of the values that are there, so that filled ones do not narrow the scale.
            known = values[training][~np.isnan(values[training])].reshape(-1, 1)
            scaler = StandardScaler().fit(known)
            if strategy:
                values = SimpleImputer(strategy=strategy).fit(known).transform(values)
            parts.append(scaler.transform(values))
    header = ["c%d_%s" % (i, kind) for i, kind in enumerate(columns)] + ["target"]
    lines = [",".join(header)]
    lines += [",".join(row + [str(0.5 + i)]) for i, row in enumerate(table)]
    return {"name": name, "csv": "\n".join(lines) + "\n", "training": training,
            "missing": strategy or "error", "features": np.hstack(parts).tolist()}


print(json.dumps([
    case("numbers", 1, 40, ["real", "whole", "far"], None, 0),
    case("texts", 2, 30, ["text", "real", "text"], None, 0),
    case("mean", 3, 40, ["real", "text", "whole"], "mean", 0.2),
    case("median", 4, 41, ["whole", "real"], "median", 0.2),
]))
