"""FID, KID and PRDC in float64 with NumPy and SciPy, as their usual implementations compute them."""

import time

import numpy as np
import scipy.linalg

K = 5


def fid(x, y):
    m1, m2 = x.mean(0), y.mean(0)
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = scipy.linalg.sqrtm(s1 @ s2).real
    difference = m1 - m2
    return {"fid": difference @ difference + np.trace(s1) + np.trace(s2) - 2 * np.trace(root)}


def cubic_sum(x, y, diagonal):
    kernel = x @ y.T
    kernel /= x.shape[1]
    kernel += 1
    cube = kernel * kernel
    cube *= kernel
    return cube.sum() if diagonal else cube.sum() - np.trace(cube)


def kid(x, y):
    n, m = len(x), len(y)
    own = cubic_sum(x, x, False) / (n * (n - 1)) + cubic_sum(y, y, False) / (m * (m - 1))
    return {"kid": own - 2 * cubic_sum(x, y, True) / (n * m)}


def distances2(x, y):
    d = x @ y.T
    d *= -2
    d += np.einsum("ij,ij->i", x, x)[:, None]
    d += np.einsum("ij,ij->i", y, y)[None]
    return d


def radii2(x):
    d = distances2(x, x)
    np.fill_diagonal(d, 0)
    d.partition(K, axis=1)
    return d[:, K].copy()


def prdc(x, y):
    real, synthetic = radii2(x), radii2(y)
    d = distances2(x, y)
    in_real = d < real[:, None]
    return {
        "precision": in_real.any(0).mean(),
        "recall": (d < synthetic[None]).any(1).mean(),
        "density": in_real.sum() / (K * len(y)),
        "coverage": (d.min(1) < real).mean(),
    }


class Metrics:
    def __init__(self, path, rows, columns):
        both = np.fromfile(path, dtype=np.float64).reshape(2, rows, columns)
        self.sets = (both[0], both[1])

    def run(self, metric):
        start = time.perf_counter()
        values = {"fid": fid, "kid": kid, "prdc": prdc}[metric](*self.sets)
        return {"seconds": time.perf_counter() - start, "values": {k: float(v) for k, v in values.items()}}
