#!/usr/bin/env python3
"""Compares `backprop train FILE --test FILE` with scikit-learn's multi-layer perceptrons on the same splits.

    compare_tables.py BACKPROP FOLDER [SPLITS]

BACKPROP is the built command, FOLDER holds the tables (wine.csv, breast_cancer.csv, …). Each split gives 20 % of the
rows to the test part. scikit-learn's estimators have their defaults but for max_iter, which is raised to
5,000 (20,000 for values); their inputs are standardised. Prints mean and standard deviation over the splits: accuracy, or R².
Needs scikit-learn.
"""
import csv, json, os, subprocess, sys, tempfile, warnings
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TABLES = [("iris", True, []), ("wine", True, []), ("breast_cancer", True, []), ("digits", True, []),
          ("auto_mpg", False, ["car_name"]), ("diabetes", False, []), ("boston_housing", False, [])]


def write(path, head, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def ours(command, folder, head, parts, is_class, seed):
    names = [os.path.join(folder, name) for name in ("train.csv", "test.csv")]
    for name, rows in zip(names, parts):
        write(name, head, rows)
    task = "classification" if is_class else "regression"
    run = os.path.join(folder, f"run-{seed}")
    out = subprocess.run([command, "train", names[0], "--test", names[1], "--task", task, "--seed", str(seed),
                          "--json", "--output", run], capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    end = json.loads([line for line in out.stdout.splitlines() if '"end"' in line][-1])
    return end["test_accuracy" if is_class else "test_r2"]


def theirs(parts, is_class, seed, scaled_target):
    x, y = ([np.array([row[:-1] for row in rows], float) for rows in parts],
            [np.array([row[-1] for row in rows], str if is_class else float) for rows in parts])
    if is_class:
        model = make_pipeline(StandardScaler(), MLPClassifier(max_iter=5000, random_state=seed))
    else:
        model = make_pipeline(StandardScaler(), MLPRegressor(max_iter=20000, random_state=seed))
        if scaled_target:
            model = TransformedTargetRegressor(model, transformer=StandardScaler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # on some splits they never stop by themselves
        model.fit(x[0], y[0])
    return model.score(x[1], y[1])


def main():
    command, folder, splits = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10
    print(f"{'table':16} {'backprop':>18} {'scikit-learn':>18} {'same, scaled target':>20}")
    for name, is_class, drop in TABLES:
        head, *rows = list(csv.reader(open(os.path.join(folder, name + ".csv"))))
        keep = [i for i, column in enumerate(head) if column not in drop]
        head, rows = [head[i] for i in keep], [[row[i] for i in keep] for row in rows]
        scores = [[], [], []]
        for seed in range(1, splits + 1):
            parts = train_test_split(rows, test_size=0.2, random_state=seed,
                                     stratify=[row[-1] for row in rows] if is_class else None)
            with tempfile.TemporaryDirectory() as place:
                scores[0].append(ours(command, place, head, parts, is_class, seed))
            scores[1].append(theirs(parts, is_class, seed, False))
            if not is_class:
                scores[2].append(theirs(parts, is_class, seed, True))
        cells = [f"{np.mean(s):.4f} ± {np.std(s):.4f}" if s else "" for s in scores]
        print(f"{name:16} {cells[0]:>18} {cells[1]:>18} {cells[2]:>20}", flush=True)


main()
