"""Golden vectors for nodule-eval, by scipy, scikit-learn and statsmodels.

    pip install -r tests/golden/requirements.txt
    python tests/golden/eval/make_golden.py

writes statistics.json, metrics.json, read_outs.json, representation.json, likeness.json, design.json, edges.json,
synthesis.json and versions.json beside this script.
"""

import json
import math
import platform
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import sklearn
import statsmodels
import statsmodels.formula.api as smf
from scipy import integrate, optimize, stats
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, balanced_accuracy_score, recall_score, roc_auc_score, silhouette_score
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid, NearestNeighbors
from sklearn.preprocessing import normalize
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import ttost_paired

HERE = Path(__file__).parent
random = np.random.default_rng(2021)


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=1) + "\n")


def differences():
    yield "three", random.normal(0.3, 1, 3)
    yield "twelve", random.normal(0.6, 1, 12)
    yield "eighteen", random.normal(0.4, 1, 18)
    yield "thirty", random.normal(0.2, 1, 30)
    yield "tied", np.round(random.normal(0.3, 1, 15), 1)
    yield "many tied", np.round(random.normal(0.3, 1, 40), 1)
    yield "zeros", np.array([0.0, 0.0, 1.0, -0.5, 2.0, 3.5, -0.25])


def paired(name, d):
    # Where there are ties scipy approximates, or draws: here every sign is tried instead.
    every = stats.PermutationMethod(n_resamples=np.inf) if name in ("tied", "zeros") else "auto"
    wilcoxon = stats.wilcoxon(d, method=every).pvalue
    out = {"name": name, "differences": d.tolist(), "wilcoxon": float(wilcoxon)}
    mean = lambda x, axis: np.mean(x, axis=axis)
    if len(d) <= 18:
        test = stats.permutation_test((d,), mean, permutation_type="samples", n_resamples=np.inf, vectorized=True)
        out["sign_flip"] = float(test.pvalue)
    boot = stats.bootstrap((d,), np.mean, method="percentile", n_resamples=200_000, rng=random)
    out["bootstrap"] = [float(boot.confidence_interval.low), float(boot.confidence_interval.high)]
    out["mean"], out["sd"] = float(d.mean()), float(d.std(ddof=1))
    return out


def correlation(n, digits):
    x = np.round(random.normal(size=n), digits)
    y = np.round(0.6 * x + random.normal(size=n), digits)
    return {
        "x": x.tolist(), "y": y.tolist(),
        "spearman": float(stats.spearmanr(x, y).statistic),
        "kendall": float(stats.kendalltau(x, y).statistic),
    }


def statistics():
    p = [0.01, 0.04, 0.03, 0.005, 0.8, 0.03]
    # statsmodels is not needed for Holm: its definition, step by step.
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1)).clip(max=1)
    corrected = np.empty(len(p))
    corrected[order] = stepped
    return {
        "paired": [paired(name, d) for name, d in differences()],
        "correlation": [correlation(3, 2), correlation(20, 3), correlation(40, 0)],
        "holm": {"p": p, "corrected": corrected.tolist()},
    }


def metric_case(n, digits):
    labels = random.integers(0, 2, n)
    scores = np.round(random.normal(size=n) + 0.8 * labels - 0.4, digits).astype(np.float32)
    predicted = scores > 0
    wilson = stats.binomtest(int((predicted == labels).sum()), n).proportion_ci(method="wilson")
    return {
        "scores": scores.tolist(), "labels": labels.tolist(),
        "accuracy": accuracy_score(labels, predicted),
        "accuracy_interval": [float(wilson.low), float(wilson.high)],
        "sensitivity": recall_score(labels, predicted),
        "specificity": recall_score(labels, predicted, pos_label=0),
        "balanced_accuracy": balanced_accuracy_score(labels, predicted),
        "auroc": roc_auc_score(labels, scores),
        "auroc_error": delong(scores.astype(float), labels),
    }


def delong(scores, labels):
    """DeLong et al. 1988, equation by equation: a kernel over all pairs."""
    x, y = scores[labels == 1], scores[labels == 0]
    psi = (x[:, None] > y[None]) + 0.5 * (x[:, None] == y[None])
    return float(np.sqrt(psi.mean(1).var(ddof=1) / len(x) + psi.mean(0).var(ddof=1) / len(y)))


def read_outs():
    d, n = 6, 90
    labels = np.arange(n) % 2
    centre = random.normal(size=d)
    training = (random.normal(size=(n, d)) + centre + 0.9 * labels[:, None] * np.eye(d)[0]).astype(np.float32)
    test = (random.normal(size=(25, d)) + centre).astype(np.float32)
    unit, unit_test = normalize(training.astype(float)), normalize(test.astype(float))
    probe = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, maxiter=1000).fit(unit, labels)
    knn = KNeighborsClassifier(15, algorithm="brute").fit(unit, labels)
    centroid = NearestCentroid().fit(unit, labels)
    distance = ((unit_test[:, None] - centroid.centroids_[None]) ** 2).sum(2)
    return {
        "training": training.tolist(), "labels": labels.tolist(), "test": test.tolist(),
        "probe": probe.decision_function(unit_test).tolist(),
        "knn": (knn.predict_proba(unit_test)[:, 1] - 0.5).tolist(),
        "centroid": (distance[:, 0] - distance[:, 1]).tolist(),
    }


def representation():
    own = np.random.default_rng(7)
    n, m, d = 40, 30, 60
    labels = np.arange(n) % 2
    direction = own.normal(size=d)
    training = (own.normal(size=(n, d)) + 0.5 * labels[:, None] * direction + 1).astype(np.float32)
    test = (own.normal(size=(m, d)) + 1).astype(np.float32)
    centred = training.astype(float) - training.astype(float).mean(0)
    alpha = 1e-2 * (centred**2).sum(1).mean()
    ridge = Ridge(alpha=alpha, solver="cholesky").fit(training.astype(float), labels)
    unit = normalize(training.astype(float))
    pca = PCA(2, svd_solver="full").fit(unit)
    points = pca.transform(unit)
    points *= np.sign(pca.components_[np.arange(2), np.abs(pca.components_).argmax(1)])
    means = np.array([unit[labels == c].mean(0) for c in (0, 1)])
    within = (unit - means[labels]).T @ (unit - means[labels]) / n
    between = (means - means.mean(0)).T @ (means - means.mean(0)) / 2
    return {
        "training": training.tolist(), "labels": labels.tolist(), "test": test.tolist(),
        "decoded": (ridge.predict(test.astype(float)) - labels.mean()).tolist(),
        "points": points.tolist(), "explained": pca.explained_variance_ratio_.tolist(),
        "silhouette": float(silhouette_score(unit, labels)),
        "collapse": float(np.trace(within @ np.linalg.pinv(between)) / 2),
    }


def likeness():
    """Kernel alignment by centring matrices, and neighbours by scikit-learn."""
    own = np.random.default_rng(11)
    n = 25
    labels = np.arange(n) % 2
    a = (own.normal(size=(n, 9)) + 0.8 * labels[:, None] + 2).astype(np.float32)
    b = (a[:, :4] * 3 + own.normal(size=(n, 4))).astype(np.float32)
    centre = np.eye(n) - 1 / n
    kernels = [centre @ (x @ x.T) @ centre for x in (a.astype(float), b.astype(float))]
    hsic = lambda k, l: np.trace(k @ l)
    nearest = NearestNeighbors(n_neighbors=2).fit(a).kneighbors(a, return_distance=False)[:, 1]
    return {
        "a": a.tolist(), "b": b.tolist(), "labels": labels.tolist(),
        "cka": float(hsic(*kernels) / np.sqrt(hsic(kernels[0], kernels[0]) * hsic(kernels[1], kernels[1]))),
        "precision_at_one": float((labels[nearest] == labels).mean()),
    }


def crossed(seed, deviations, levels):
    """Values of three crossed random factors, and REML's variance components (which are those of
    the analysis of variance where none is negative and every cell has one value)."""
    rng = np.random.default_rng(seed)
    a, b, c = levels
    main = [rng.normal(0, s, n) for s, n in zip(deviations[:3], levels)]
    pairs = [rng.normal(0, s, shape) for s, shape in zip(deviations[3:6], [(a, b), (a, c), (b, c)])]
    values = rng.normal(0, deviations[6], levels)
    values += main[0][:, None, None] + main[1][None, :, None] + main[2][None, None, :]
    values += pairs[0][:, :, None] + pairs[1][:, None, :] + pairs[2][None, :, :]
    i, j, k = np.meshgrid(*map(np.arange, levels), indexing="ij")
    frame = pd.DataFrame({"y": values.ravel(), "a": i.ravel(), "b": j.ravel(), "c": k.ravel()})
    names = {"a": "0 + C(a)", "b": "0 + C(b)", "c": "0 + C(c)", "ab": "0 + C(a):C(b)",
             "ac": "0 + C(a):C(c)", "bc": "0 + C(b):C(c)"}
    model = smf.mixedlm("y ~ 1", frame, groups=np.ones(len(frame)), vc_formula=names)
    fit = model.fit(reml=True, method="powell", ftol=1e-14, maxiter=20000)
    order = sorted(names)
    found = dict(zip(order, fit.vcomp))
    return {"values": values.tolist(), "components": [found[n] for n in ["a", "b", "c", "ab", "ac", "bc"]],
            "rest": float(fit.scale)}


def design():
    power = TTestPower()
    cases = [(0.2, 20, 0.05), (0.5, 8, 0.05), (1.0, 6, 0.05), (1.5, 3, 0.01), (0.1, 500, 0.05), (2.0, 2, 0.05)]
    needed = [(0.02, 0.07, 0.8, 0.05), (0.05, 0.07, 0.8, 0.05), (0.01, 0.07, 0.9, 0.01), (0.3, 0.1, 0.8, 0.05)]
    of_case = lambda d, n, alpha: power.power(d, n, alpha, alternative="two-sided")
    of_need = lambda d, sd, p, alpha: math.ceil(power.solve_power(d / sd, None, alpha, p, alternative="two-sided"))
    return {
        "power": [{"effect": d, "n": n, "alpha": alpha, "power": float(of_case(d, n, alpha))} for d, n, alpha in cases],
        "needed": [{"difference": d, "sd": sd, "power": p, "alpha": alpha, "n": of_need(d, sd, p, alpha)}
                   for d, sd, p, alpha in needed],
        "crossed": [crossed(3, [2.0, 1.5, 1.0, 0.8, 0.9, 0.7, 0.3], (6, 5, 7)),
                    crossed(8, [1.0, 2.0, 1.0, 1.0, 0.6, 0.8, 0.5], (4, 4, 4))],
    }


def pooled(effects, errors):
    """The random-effects model of statsmodels, with the variance of Paule and Mandel and the interval of Hartung and Knapp
    (never narrower than the usual one), and the prediction interval of Higgins et al. 2009."""
    effects, errors = np.array(effects), np.array(errors)
    found = combine_effects(effects, errors**2, method_re="iterated", atol=1e-14, maxiter=1000)
    k, tau2 = len(effects), found.tau2
    error = max(found.sd_eff_w_re_hksj, found.sd_eff_w_re)
    mean, half = found.mean_effect_re, stats.t.ppf(0.975, k - 1) * error
    out = {"effects": effects.tolist(), "errors": errors.tolist(), "mean": float(mean), "tau2": float(tau2),
           "low": float(mean - half), "high": float(mean + half), "i2": float(max(found.i2, 0)),
           "p": float(2 * stats.t.sf(abs(mean / error), k - 1))}
    if k > 2:
        reach = stats.t.ppf(0.975, k - 2) * math.sqrt(tau2 + error**2)
        out["prediction"] = [float(mean - reach), float(mean + reach)]
    return out


def equivalence(differences, margin):
    differences = np.array(differences)
    p = ttost_paired(differences, np.zeros(len(differences)), -margin, margin)[0]
    return {"differences": differences.tolist(), "margin": margin, "p": float(p)}


def equivalence_power(margin, n, alpha):
    """At a true difference of 0, in standard deviations: the integral over the sample standard deviation."""
    critical = stats.t.ppf(1 - alpha, n - 1)
    def given(s):
        density = stats.chi.pdf(s * math.sqrt(n - 1), n - 1) * math.sqrt(n - 1)
        return density * max(0.0, 2 * stats.norm.cdf(margin * math.sqrt(n) - critical * s) - 1)
    end = margin * math.sqrt(n) / critical
    power = integrate.quad(given, 0, end, epsabs=1e-12, limit=500)[0]
    return {"margin": margin, "n": n, "alpha": alpha, "power": float(power)}


def synthesis():
    own = np.random.default_rng(17)
    return {
        "pooled": [pooled([0.10, 0.31, -0.05, 0.22, 0.4], [0.05, 0.08, 0.04, 0.1, 0.06]),
                   pooled([0.2, 0.21, 0.19], [0.1, 0.2, 0.15]), pooled([0.3, -0.1], [0.05, 0.04]),
                   pooled(own.normal(0.1, 0.2, 12).tolist(), own.uniform(0.02, 0.2, 12).tolist())],
        "equivalence": [equivalence(own.normal(0.02, 0.1, n).tolist(), margin) for n, margin in [(20, 0.1), (8, 0.05), (3, 0.3)]],
        "power": [equivalence_power(*case) for case in [(1.0, 20, 0.05), (0.5, 20, 0.05), (0.3, 100, 0.05), (2.0, 4, 0.01)]],
    }


def edge_differences():
    own = np.random.default_rng(11)
    yield [0.7]
    yield [0.5, -0.25]
    yield [0.25, 0.25]
    yield [-1.0, 1.0]
    yield [0.0, 0.0, 0.0]
    yield [0.1] * 6
    yield [0.0, 0.0, 0.3]
    yield [1.0, 1.0, 1.0, -1.0, 2.0, 2.0]
    yield own.normal(0.5, 1, 10).tolist()
    yield np.round(own.normal(0.2, 1, 24), 1).tolist()
    yield own.normal(0.1, 1, 50).tolist()
    yield own.normal(0.1, 1, 51).tolist()
    yield np.arange(1.0, 13.0).tolist()


def edge_paired(base, scale):
    d = np.array(base)
    kept = np.abs(d[d != 0])
    tied = len(np.unique(kept)) < len(kept)
    every = stats.PermutationMethod(n_resamples=np.inf) if (tied or 0 in d) and len(kept) <= 20 else "auto"
    wilcoxon = float(stats.wilcoxon(d, method=every).pvalue) if len(kept) else None
    if len(d) == 1:
        flip = 1.0  # scipy refuses a single one: both of its signs are as far from 0.
    elif len(d) <= 12:
        mean = lambda x, axis: np.mean(x, axis=axis)
        test = stats.permutation_test((d,), mean, permutation_type="samples", n_resamples=np.inf, vectorized=True)
        flip = float(test.pvalue)
    else:
        flip = None
    constant = len(set(base)) == 1
    sd = None if len(d) < 2 else 0.0 if constant else float(d.std(ddof=1))
    # Effect and tests do not know a unit; mean and deviation are the unscaled ones.
    return {"differences": (d * scale).tolist(), "scale": scale, "wilcoxon": wilcoxon, "sign_flip": flip,
            "mean": float(d.mean()), "sd": sd, "dz": float(d.mean() / sd) if sd else None}


def edge_correlation(x, y):
    finite = lambda v: None if math.isnan(v) else float(v)
    return {"x": list(x), "y": list(y), "spearman": finite(stats.spearmanr(x, y).statistic),
            "kendall": finite(stats.kendalltau(x, y).statistic)}


def newcombe(area, n, m):
    """Newcombe 2006, method 5, as its equation: the areas whose own error reaches the one found."""
    z, others = stats.norm.isf(0.025), (n + m) / 2 - 1
    variance = lambda t: t * (1 - t) * (1 + others * (1 - t) / (2 - t) + others * t / (1 + t)) / (n * m)
    away = lambda t: (area - t) ** 2 - z**2 * variance(t)
    low = 0.0 if area == 0 else optimize.brentq(away, 0, area - 1e-12 if area < 1 else 1 - 1e-9, xtol=1e-15)
    high = 1.0 if area == 1 else optimize.brentq(away, area + 1e-12 if area > 0 else 1e-9, 1, xtol=1e-15)
    return [low, high]


def edge_metrics(scores, labels):
    scores, labels = np.array(scores, dtype=np.float32), np.array(labels)
    right = [int(((scores > 0) == labels)[labels == c].sum()) for c in (0, 1)]
    n = [int((labels == c).sum()) for c in (0, 1)]
    # The mean of p and q is half of one plus the difference of p and 1 - q: Newcombe 1998, method 10.
    low, high = confint_proportions_2indep(right[1], n[1], n[0] - right[0], n[0], compare="diff", method="newcomb")
    area, error = roc_auc_score(labels, scores), delong(scores.astype(float), labels)
    z = stats.norm.isf(0.025)
    ends = [area - z * error, area + z * error]
    if min(n) < 10 or error == 0 or ends[0] < 0 or ends[1] > 1:
        ends = newcombe(area, *n)
    wilson = lambda k, of: list(map(float, stats.binomtest(k, of).proportion_ci(method="wilson")))
    return {"scores": scores.astype(float).tolist(), "labels": labels.tolist(),
            "sensitivity": wilson(right[1], n[1]), "specificity": wilson(right[0], n[0]),
            "balanced_accuracy": [float(1 + low) / 2, float(1 + high) / 2],
            "auroc": [float(e) for e in ends], "area": float(area)}


def edges():
    own = np.random.default_rng(12)
    apart = lambda n, by: np.round(np.concatenate([own.normal(-by, 1, n), own.normal(by, 1, n)]), 2).tolist()
    halves = lambda n: [0] * n + [1] * n
    metrics = [
        ([-1, -2, 1, 2], halves(2)), ([1, 2, -1, -2], halves(2)), ([0.0] * 6, halves(3)),
        ([-1, 0.5, -0.5, 1], halves(2)), ([-3, -2, -1, 1], halves(2)),
        (list(range(-30, 30)), halves(30)), (list(range(30, -30, -1)), halves(30)),
        (apart(8, 0.4), halves(8)), (apart(10, 0.4), halves(10)), (apart(25, 1.5), halves(25)),
        (apart(40, 0.2), halves(40)), ((np.array(apart(12, 0.5)) * 1e30).tolist(), halves(12)),
    ]
    x, y = own.normal(size=9), own.normal(size=9)
    pairs = [
        ([1.0, 2.0], [3.0, 5.0]), ([1.0, 2.0], [3.0, -5.0]), ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]),
        ([1.0, 2.0, 3.0], [4.0, 4.0, 4.0]), ([1.0, 1.0, 2.0, 2.0], [1.0, 2.0, 1.0, 2.0]),
        ([0.0, -0.0, 1.0], [1.0, 2.0, 3.0]), (x * 1e300, y * 1e-300), (np.round(x, 0), np.round(y, 0)),
    ]
    power = TTestPower()
    cases = [(0.0, 2, 0.05), (1e-3, 5000, 0.05), (0.05, 100_000, 0.001), (3.0, 3, 0.001), (0.8, 4, 0.2), (10.0, 3, 0.01)]
    of_case = lambda d, n, alpha: float(power.power(d, n, alpha, alternative="two-sided"))
    ps = [[0.05], [1.0, 1.0], [0.0, 0.5], [0.02, 0.02, 0.02], [1e-300, 0.9, 1e-10]]
    lists = [[7.0], [1.0, 2.0], [-0.0, 0.0, 5.0], np.sort(own.normal(size=11)).tolist()]
    points = own.normal(size=(6, 3)).astype(np.float32)
    points[3:] = points[3]
    with np.errstate(all="ignore"):
        return {
            "paired": [edge_paired(d, scale) for d in edge_differences() for scale in (1.0, 1e-300, 1e300)],
            "correlation": [edge_correlation(x, y) for x, y in pairs],
            "metrics": [edge_metrics(s, l) for s, l in metrics],
            "power": [{"effect": d, "n": n, "alpha": alpha, "power": of_case(d, n, alpha)} for d, n, alpha in cases],
            "holm": [{"p": p, "corrected": multipletests(p, method="holm")[1].tolist()} for p in ps],
            "percentile": [{"sorted": v, "share": q, "value": float(np.quantile(v, q))}
                           for v in lists for q in (0.0, 0.025, 0.5, 0.9, 1.0)],
            "ranks": [{"values": v, "ranks": stats.rankdata(v).tolist()} for v in lists],
            "silhouette": {"points": points.tolist(), "labels": [0, 0, 0, 1, 1, 1],
                           "value": float(silhouette_score(normalize(points.astype(float)), [0, 0, 0, 1, 1, 1]))},
        }


def main():
    write("statistics.json", statistics())
    write("metrics.json", [metric_case(60, 6), metric_case(45, 1)])
    write("read_outs.json", read_outs())
    write("representation.json", representation())
    write("likeness.json", likeness())
    write("design.json", design())
    write("edges.json", edges())
    write("synthesis.json", synthesis())
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    versions |= {"scipy": scipy.__version__, "scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__}
    write("versions.json", versions)
    print(json.dumps(versions))


if __name__ == "__main__":
    main()
