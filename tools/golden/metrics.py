#!/usr/bin/python3
"""Golden numbers of the metrics and of the linear probe, made by NumPy, SciPy and scikit-learn in float64.

    /usr/bin/python3 tools/golden/metrics.py > tests/Golden/metrics.json

Made with scikit-learn 1.2.1, NumPy 1.24.2 and SciPy 1.10.1. Inputs are rounded, so that float32 holds them well and
some of them are equal.
"""
import json
import sys

import numpy as np
from scipy.optimize import minimize
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score, f1_score, matthews_corrcoef
from sklearn.neighbors import KNeighborsClassifier

random = np.random.default_rng(20)


def classification(rows=60, classes=4):
    labels = random.integers(0, classes, rows)
    logits = (random.normal(size=(rows, classes)) + 1.5 * np.eye(classes)[labels]).round(3)
    found = logits.argmax(1)
    return {
        "logits": logits.ravel(), "labels": labels,
        "macro_f1": f1_score(labels, found, average="macro"), "mcc": matthews_corrcoef(labels, found),
    }


def multi_label(rows=50, width=4):
    targets = (random.uniform(size=(rows, width)) < [0.5, 0.3, 0.2, 0.1]).astype(int)
    logits = (random.normal(size=(rows, width)) + 1.2 * targets - 0.6).round(1)      # one decimal: many are equal
    found = logits > 0
    return {
        "logits": logits.ravel(), "targets": targets.ravel(), "width": width,
        "macro_auprc": average_precision_score(targets, logits, average="macro"),
        "micro_auprc": average_precision_score(targets, logits, average="micro"),
        "macro_f1": f1_score(targets, found, average="macro"), "micro_f1": f1_score(targets, found, average="micro"),
        "bce": np.mean(np.logaddexp(0, logits) - targets * logits),
    }


def regression(rows=40):
    targets = random.normal(size=rows).round(1)
    values = (0.6 * targets + random.normal(size=rows)).round(1)
    return {
        "values": values, "targets": targets, "mse": np.mean((values - targets) ** 2),
        "pearson": pearsonr(values, targets)[0], "spearman": spearmanr(values, targets)[0],
    }


def clouds(rows, centres, spread):
    labels = np.arange(rows) % len(centres)
    return (centres[labels] + spread * random.normal(size=(rows, centres.shape[1]))).round(2), labels


def embedding(classes=3, width=5, wide=7):
    centres = random.normal(size=(classes, width))
    training, training_labels = clouds(90, centres, 1.1)
    test, labels = clouds(60, centres, 1.1)
    teacher = (test @ random.normal(size=(width, wide)) + random.normal(size=(60, wide))).round(2)
    nearest = KNeighborsClassifier(1, metric="cosine").fit(training, training_labels)
    return {
        "training": training.ravel(), "training_labels": training_labels, "test": test.ravel(), "labels": labels,
        "teacher": teacher.ravel(), "width": width, "teacher_width": wide, "classes": classes,
        "knn_1": nearest.score(test, labels), "cka": cka(test, teacher),
        "linear_probe": probe(training, training_labels, test, labels, classes),
    }


def cka(x, y):
    """HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) of the Gram matrices (arXiv:1905.00414, eq. 3 and 4)."""
    centre = np.eye(len(x)) - 1 / len(x)
    k, l = centre @ x @ x.T @ centre, centre @ y @ y.T @ centre
    return np.sum(k * l) / np.sqrt(np.sum(k * k) * np.sum(l * l))


def probe(training, training_labels, test, labels, classes, penalty=1e-4):
    """The minimum of mean cross-entropy + penalty / 2 |W|^2 by L-BFGS; bias and its penalty included."""
    mean, deviation = training.mean(0), training.std(0) + 1e-6

    def features(x):
        return np.hstack([(x - mean) / deviation, np.ones((len(x), 1))])

    x, targets = features(training), np.eye(classes)[training_labels]

    def loss(flat):
        weights = flat.reshape(x.shape[1], classes)
        logits = x @ weights
        logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        gradient = x.T @ (np.exp(logs) - targets) / len(x) + penalty * weights
        return -np.sum(targets * logs) / len(x) + penalty / 2 * np.sum(weights ** 2), gradient.ravel()

    start, options = np.zeros(x.shape[1] * classes), dict(maxiter=5000, ftol=1e-15)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    logits = features(test) @ best.x.reshape(-1, classes)
    first, second = np.sort(logits, axis=1)[:, -1], np.sort(logits, axis=1)[:, -2]
    print(f"smallest margin {np.min(first - second):.4f}", file=sys.stderr)
    return np.mean(logits.argmax(1) == labels)


def plain(value):
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


cases = {
    "classification": classification(), "multi_label": multi_label(),
    "regression": regression(), "embedding": embedding(),
}
cases = {name: {key: plain(value) for key, value in case.items()} for name, case in cases.items()}
print(json.dumps(cases, separators=(",", ":")))
