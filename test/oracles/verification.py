"""Accuracy, ROC and TAR at FAR as Python computes them, for fixtures/golden/verification/metrics.json (stdout).

The k-fold accuracy follows what upstream's evaluation does (arcface_torch, eval/verification.py), written anew:
scikit-learn's KFold without shuffling, thresholds np.arange(0, 4, 0.01), the first best threshold of the training
folds, a pair accepted where its squared distance is below. ROC and area are scikit-learn's.
"""
import json

import numpy as np
from sklearn.metrics import auc, roc_curve
from sklearn.model_selection import KFold
from sklearn.preprocessing import normalize

THRESHOLDS = np.arange(0, 4, 0.01)


def accept_rates(distances, same, threshold):
    accepted = distances < threshold
    trues = np.sum(accepted & same) / max(1, np.sum(same))
    falses = np.sum(accepted & ~same) / max(1, np.sum(~same))
    return trues, falses, np.mean(accepted == same)


def k_fold(distances, same, splits):
    accuracies, used, trues, falses = [], [], [], []
    for train, test in splits:
        scores = [accept_rates(distances[train], same[train], t)[2] for t in THRESHOLDS]
        best = THRESHOLDS[int(np.argmax(scores))]
        rates = [accept_rates(distances[test], same[test], t) for t in THRESHOLDS]
        accuracies.append(accept_rates(distances[test], same[test], best)[2])
        used.append(best)
        trues.append([rate[0] for rate in rates])
        falses.append([rate[1] for rate in rates])
    return {
        "accuracy": np.mean(accuracies),
        "spread": np.std(accuracies),
        "threshold": np.mean(used),
        "foldAccuracies": accuracies,
        "foldThresholds": used,
        "truePositiveRates": np.mean(trues, 0),
        "falsePositiveRates": np.mean(falses, 0),
    }


def tar_at_far(distances, same):
    """The largest threshold t among the distances (or above all) with FAR(distance < t) at or below the target."""
    rows = []
    candidates = np.append(np.unique(distances[~same]), 5.0)
    for exponent in range(1, 7):
        far = 10.0**-exponent
        if np.sum(~same) * 10.0 ** (-exponent) < 10 - 1e-9:
            continue
        allowed = [t for t in candidates if np.mean(distances[~same] < t) <= far + 1e-12]
        threshold = max(allowed)
        rows.append({"far": far, "tar": np.mean(distances[same] < threshold), "threshold": threshold})
    return rows


def metrics(distances, same, folds):
    splits = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(folds.max() + 1)]
    falses, trues, thresholds = roc_curve(same, -distances)
    return {
        "kFold": k_fold(distances, same, splits),
        "roc": {
            "falsePositiveRates": falses,
            "truePositiveRates": trues,
            "distances": [-1, *(-thresholds[1:])],
        },
        "areaUnderCurve": auc(falses, trues),
        "tarAtFar": tar_at_far(distances, same),
    }


def contiguous(pairs):
    folds = np.zeros(pairs, dtype=int)
    for fold, (_, test) in enumerate(KFold(n_splits=10, shuffle=False).split(np.arange(pairs))):
        folds[test] = fold
    return folds


def unit_pairs():
    """Embeddings of image and mirror image of 47 pairs: folds of unequal length, some pairs on the wrong side."""
    random = np.random.default_rng(4)
    same = np.arange(47) % 2 == 0
    centres = random.normal(size=(47, 2, 6))
    centres[same, 1] = centres[same, 0]
    images = (centres[:, :, None, :] + 0.55 * random.normal(size=(47, 2, 2, 6))).astype(np.float32)
    images = np.round(images.astype(np.float64), 4).astype(np.float32)
    plain, mirrored = images[:, :, 0].reshape(94, 6), images[:, :, 1].reshape(94, 6)
    summed = normalize(plain.astype(np.float64) + mirrored.astype(np.float64))
    distances = np.sum(np.square(summed[0::2] - summed[1::2]), 1)
    return {
        "embeddings": plain,
        "mirrored": mirrored,
        "distances": distances,
        "same": same,
        "folds": contiguous(47),
        **metrics(distances, same, contiguous(47)),
    }


def distances_on_thresholds():
    """Distances that are thresholds to the last bit, many of them equal; folds dealt out in turn."""
    random = np.random.default_rng(7)
    same = random.random(240) < 0.5
    step = np.where(same, random.integers(0, 160, 240), random.integers(110, 399, 240))
    distances = THRESHOLDS[step]
    distances[:3] = [0.0, 4.0, 3.995]
    folds = np.arange(240) % 4
    return {"distances": distances, "same": same, "folds": folds, **metrics(distances, same, folds)}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_, int, np.integer)):
        return int(value)
    return float(value)


if __name__ == "__main__":
    cases = {"unit_pairs": unit_pairs(), "distances_on_thresholds": distances_on_thresholds()}
    print(json.dumps(plain(cases)))
