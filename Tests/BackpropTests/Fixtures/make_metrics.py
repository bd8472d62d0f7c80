#!/usr/bin/env python3
"""Makes metrics.json: figures of classification and regression as scikit-learn computes them.

The file here was made with scikit-learn 1.9.1 and numpy 2.4.6 under Python 3.11 (Linux, x86-64):

    python3 -m venv VENV
    VENV/bin/pip install scikit-learn==1.9.1
    VENV/bin/python make_metrics.py            # writes metrics.json
    VENV/bin/python make_metrics.py --check    # recomputes it, writes nothing

Data come from Python's own generator (the same in every version). `--check` compares with a
tolerance of 1e-13.
"""
import json
import math
import os
import random
import sys
import warnings

import numpy as np
from sklearn import dummy, metrics

warnings.simplefilter("ignore")
PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.json")


def number(value):
    """A number as JSON has it; null for NaN, which scikit-learn gives where there is no figure."""
    return None if math.isnan(value) else float(value)


def classification(name, classes, actual, rows):
    """`rows` are probabilities, a list for each sample."""
    scores = np.array(rows)
    predicted = scores.argmax(axis=1)
    labels = list(range(classes))
    case = {
        "name": name, "classes": classes, "actual": actual, "predicted": predicted.tolist(),
        "probabilities": scores.ravel().tolist(),
        "accuracy": metrics.accuracy_score(actual, predicted),
        "balancedAccuracy": metrics.balanced_accuracy_score(actual, predicted),
        "logLoss": metrics.log_loss(actual, scores, labels=labels),
    }
    for figure, function in [("precision", metrics.precision_score),
                             ("recall", metrics.recall_score), ("f1", metrics.f1_score)]:
        for average in ["macro", "weighted"]:
            case[f"{figure}-{average}"] = function(
                actual, predicted, average=average, zero_division=0)
        case[f"{figure}-each"] = function(
            actual, predicted, labels=labels, average=None, zero_division=0).tolist()
    if classes == 2:
        area = metrics.roc_auc_score(actual, scores[:, 1]) if len(set(actual)) == 2 else math.nan
    elif set(actual) == set(labels):
        area = metrics.roc_auc_score(actual, scores, multi_class="ovr", average="macro")
    else:
        area = math.nan
    case["rocAUC"] = number(area)
    guess = dummy.DummyClassifier(strategy="most_frequent").fit(np.zeros((len(actual), 1)), actual)
    case["baselineClass"] = int(guess.predict([[0]])[0])
    case["baselineAccuracy"] = guess.score(np.zeros((len(actual), 1)), actual)
    return case


def regression(name, outputs, actual, predicted, training):
    y, p, t = (np.array(v, dtype=float).reshape(-1, outputs) for v in (actual, predicted, training))
    guess = dummy.DummyRegressor(strategy="mean").fit(np.zeros((len(t), 1)), t)
    means = guess.predict(np.zeros((len(y), 1))).reshape(-1, outputs)
    return {
        "name": name, "outputs": outputs, "actual": y.ravel().tolist(),
        "predicted": p.ravel().tolist(), "training": t.ravel().tolist(),
        "explainedVariance": metrics.explained_variance_score(y, p),
        "r2": metrics.r2_score(y, p),
        "baselineMeans": means[0].tolist(),
        "baselineRMSE": float(np.sqrt(metrics.mean_squared_error(y.ravel(), means.ravel()))),
        "baselineR2": metrics.r2_score(y, means),
    }


def probabilities(generator, classes, digits):
    """A row of the sum 1; few digits make equal scores frequent."""
    raw = [round(generator.random(), digits) + 10.0 ** -digits for _ in range(classes)]
    return [value / sum(raw) for value in raw]


def make():
    generator = random.Random(20)
    cases = []
    for classes, samples, digits in [(2, 30, 3), (2, 40, 1), (3, 45, 3), (3, 40, 1), (5, 60, 2)]:
        actual = [generator.randrange(classes) for _ in range(samples)]
        rows = [probabilities(generator, classes, digits) for _ in range(samples)]
        for label, row in zip(actual, rows):  # better than chance
            if generator.random() < 0.5:
                row[label] += 1
                row[:] = [value / 2 for value in row]
        cases.append(classification(f"{classes} classes, {digits} digits", classes, actual, rows))
    certain = {0: [1.0, 0.0], 1: [0.0, 1.0]}
    cases.append(classification(
        "certain, and wrong once", 2, [0, 1, 1, 0], [certain[k] for k in [0, 1, 0, 0]]))
    cases.append(classification(
        "all scores equal", 2, [0, 1, 1, 0, 1], [[0.5, 0.5]] * 5))
    cases.append(classification(
        "one class only", 2, [1, 1, 1], [[0.25, 0.75], [0.75, 0.25], [0.5, 0.5]]))
    cases.append(classification(
        "a class that never occurs, and one never predicted", 4, [0, 1, 3, 3, 0, 1],
        [[.7, .1, .1, .1], [.1, .7, .1, .1], [.1, .7, .1, .1], [.7, .1, .1, .1], [.4, .2, .2, .2],
         [.25, .5, .125, .125]]))
    cases.append(classification(
        "a class that is only predicted", 3, [0, 1, 0, 1],
        [[.7, .2, .1], [.1, .2, .7], [.6, .2, .2], [.2, .5, .3]]))

    values = []
    for outputs, samples in [(1, 25), (3, 20)]:
        actual = [round(generator.gauss(3, 10), 2) for _ in range(outputs * samples)]
        predicted = [round(v + generator.gauss(1, 4), 2) for v in actual]
        training = [round(generator.gauss(4, 10), 2) for _ in range(outputs * 30)]
        values.append(regression(f"{outputs} outputs", outputs, actual, predicted, training))
    values.append(regression("a constant shift", 1, [1, 2, 4], [3, 4, 6], [1, 2]))
    values.append(regression("constant targets, missed", 1, [2, 2, 2], [1, 2, 3], [2, 3]))
    values.append(regression("constant targets, shifted", 1, [2, 2, 2], [3, 3, 3], [2, 2]))
    values.append(regression("one of two outputs constant", 2, [1, 5, 2, 5, 4, 5],
                             [1.5, 5, 2, 5, 3, 5], [1, 5, 3, 6]))
    return {"classification": cases, "regression": values}


def same(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-13, abs_tol=1e-13)
    return a == b


if __name__ == "__main__":
    made = make()
    if "--check" in sys.argv:
        with open(PATH) as file:
            sys.exit(0 if same(made, json.load(file)) else "metrics.json differs")
    with open(PATH, "w") as file:
        for index, (key, cases) in enumerate(made.items()):
            file.write(("{" if index == 0 else ",\n") + json.dumps(key) + ": [\n")
            file.write(",\n".join(json.dumps(case) for case in cases) + "]")
        file.write("}\n")
