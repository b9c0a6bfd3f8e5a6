"""An independent oracle for runner/analysis: the same inputs to scipy, statsmodels and ruptures.

    pip install numpy scipy statsmodels ruptures
    npx tsx bench/verdicts/oracle-cases.ts | python3 bench/verdicts/oracle.py

`npm run bench:verdicts -- --only oracle` does the same where python3 has them; oracle-results.md is what came out last.

Prints the largest difference of each kind, and ends with 1 where one is above what is allowed.
"""

import json
import sys

import numpy as np
import ruptures
from scipy import linalg, optimize, stats
from statsmodels.regression.linear_model import GLS
from statsmodels.tsa.stattools import acf

cases = json.load(sys.stdin)
failed = False


def row(what, cases_of, worst, allowed):
    global failed
    is_kept = worst <= allowed
    failed |= not is_kept
    print(f"| {what} | {cases_of} | {worst:.2g} | {allowed:g} | {'kept' if is_kept else 'MISSED'} |")


print("| what | cases | largest difference | allowed | |")
print("| --- | ---: | ---: | ---: | --- |")

worst = 0.0
for case in cases["limits"]:
    events, n = case["share"] * case["n"], case["n"]
    low = stats.beta.ppf(0.025, events, n - events + 1)
    high = stats.beta.ppf(0.975, events + 1, n - events)
    worst = max(worst, abs(low - case["low"]) / low, abs(high - case["high"]) / high)
row("limits of a share: scipy's Beta quantiles (relative)", len(cases["limits"]), worst, 1e-6)

worst = worst_r = 0.0
for case in cases["drifts"]:
    values = np.array(case["values"])
    slope = stats.theilslopes(values, np.arange(len(values))).slope
    worst = max(worst, abs(slope - case["slope"]))
    worst_r = max(worst_r, abs(acf(values, nlags=1, fft=False)[1] - case["r1"]))
row("slope of a drift: scipy.stats.theilslopes", len(cases["drifts"]), worst, 1e-9)
row("lag-1 autocorrelation: statsmodels acf", len(cases["drifts"]), worst_r, 1e-9)

found = different = 0
for case in cases["steps"]:
    if "at" not in case:
        continue
    found += 1
    search = ruptures.Dynp(model="l2", min_size=5, jump=1).fit(np.array(case["values"]))
    different += abs(search.predict(n_bkps=1)[0] - case["at"]) > 3
row("steps: places more than 3 values from those of ruptures.Dynp(l2)", found, different, 0)

worst = different = 0
for case in cases["correlatedSteps"]:
    y, n, r = np.array(case["values"]), len(case["values"]), case["r"]
    covariance = linalg.toeplitz(r ** np.arange(n))
    best = None
    for at in range(6, n - 5):
        x = np.column_stack([np.ones(n), np.arange(n) >= at])
        fit = GLS(y, x, sigma=covariance).fit()
        if best is None or fit.ssr < best[1].ssr:
            best = (at, fit)
    at, fit = best
    different += at != case["at"]
    # Ours counts the place as a parameter, too.
    clarity = abs(fit.params[1] / fit.bse[1]) * np.sqrt((n - 3) / (n - 2))
    worst = max(worst, abs(clarity / case["clarity"] - 1))
row("steps in correlated noise: other places than statsmodels GLS", len(cases["correlatedSteps"]), different, 0)
row("their size over its standard error: statsmodels GLS (relative)", len(cases["correlatedSteps"]), worst, 1e-6)

worst = agreeing = 0
for case in cases["pooled"]:
    if not case["agrees"]:
        continue
    agreeing += 1
    y = np.log([run["value"] for run in case["runs"]])
    within = np.mean([(np.log(run["high"] / run["value"]) / 1.96) ** 2 for run in case["runs"]])
    k = len(y)
    variance = max(within, (4 * (within + 0.08**2) + (k - 1) * np.var(y, ddof=1)) / (3 + k))
    low, high = np.exp(stats.t.interval(0.95, 3 + k, loc=np.mean(y), scale=np.sqrt(variance / k)))
    worst = max(worst, abs(low / case["low"] - 1), abs(high / case["high"] - 1))
row("interval over several runs: scipy.stats.t.interval (relative)", agreeing, worst, 1e-6)

misses = worst = 0
for case in cases["quantiles"]:
    values = np.sort(case["values"])
    for found in case["found"]:
        n, q = len(values), found["q"]
        low = values[int(stats.binom.ppf(0.025, n, q)) - 1]
        high = values[min(n - 1, int(stats.binom.ppf(0.975, n, q)))]
        # Ours counts correlation and the price of six cosines: it holds the binomial one, up to the width of a bucket.
        misses += found["low"] > low * 1.002 or found["high"] < high * 0.998
        worst = max(worst, (found["high"] - found["low"]) / (high - low))
row("intervals of percentiles that do not hold the binomial one", 3 * len(cases["quantiles"]), misses, 0)
row("their width over that of the binomial one, independent requests", 3 * len(cases["quantiles"]), worst, 2.5)

worst = 0.0
for case in cases["scalability"]:
    vus = np.array([level["vus"] for level in case["levels"]], float)
    rate = np.array([level["perSecond"] for level in case["levels"]])

    def law(n, lam, sigma, kappa):
        return lam * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))

    found, _ = optimize.curve_fit(law, vus, rate, p0=[1, 0.1, 0.001], bounds=(0, np.inf), sigma=rate)
    ours = law(vus, case["lambda"], case["sigma"], case["kappa"])
    worst = max(worst, float(np.max(np.abs(ours / law(vus, *found) - 1))))
row("throughput by the scalability law: scipy.optimize.curve_fit (relative)", len(cases["scalability"]), worst, 0.02)

sys.exit(1 if failed else 0)
