"""Similarity transforms of five points by Umeyama's singular values, for fixtures/golden/alignment/umeyama.json (stdout).

Written from the paper (S. Umeyama, 1991, equations 34 to 42), with numpy's SVD.
"""
import json

import numpy as np

TEMPLATE = np.array([
    [38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041],
])


def umeyama(source, target):
    mean_source, mean_target = source.mean(axis=0), target.mean(axis=0)
    x, y = source - mean_source, target - mean_target
    u, d, vt = np.linalg.svd(y.T @ x / len(x))
    s = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(s) @ vt
    scale = (d * s).sum() / x.var(axis=0).sum()
    return scale * rotation, mean_target - scale * rotation @ mean_source


def cases(random):
    yield TEMPLATE * 2 + 10
    for angle in (0.3, 2.5, -1.2):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        yield (TEMPLATE - 56) @ turn.T * random.uniform(0.2, 9) + random.uniform(0, 500, 2) + random.normal(0, 3, (5, 2))
    # Mirrored: the best proper rotation is no good fit, but must be found all the same.
    yield TEMPLATE * np.array([-1, 1]) + random.normal(0, 2, (5, 2))
    yield random.uniform(0, 250, (5, 2))


if __name__ == "__main__":
    out = []
    for points in cases(np.random.default_rng(7)):
        matrix, offset = umeyama(points, TEMPLATE)
        out.append({
            "from": points.ravel().round(6).tolist(),
            "to": TEMPLATE.ravel().tolist(),
            **dict(zip(("a", "b", "dx", "dy"), map(float, (matrix[0, 0], matrix[1, 0], *offset)))),
        })
    print(json.dumps(out, indent=1))
