"""Breaks against R, on series that no worked example has.

`strucchange_expected.csv`: R 4.2.2 with strucchange 1.5-3 on R's data sets LakeHuron, airmiles, discoveries and
JohnsonJohnson (`strucchange_series.csv`), on their mean (m) and on a line (t), by h:
`bp <- breakpoints(y ~ 1, h = h)` (`y ~ time`), `summary(bp)$RSS` (rss0 …, bic0 …), `bp$breakpoints` (bp1 …),
`confint(bp)` (lo1, hi1 …), the number of breaks by LWZ from those RSS; `sctest(Fstats(…, from = h), type = "supF")`;
`sctest(efp(…, type = "OLS-MOSUM", h = h))`. `bfast_expected.csv`: the published steps of bfast, bfast01, bfastlite and
bfastmonitor, put together from `stl(y, "periodic")`, `efp`, `breakpoints`, `confint(het.err = FALSE)`, `Fstats`, `mefp`
and `monitor`, on generated series with and without gaps (`bfast_series.csv`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from indicators import breaks

HERE = Path(__file__).parent
EXPECTED = pd.read_csv(HERE / "strucchange_expected.csv")
SERIES = pd.read_csv(HERE / "strucchange_series.csv")
SEASONAL = pd.read_csv(HERE / "bfast_series.csv")
SEASONAL_EXPECTED = pd.read_csv(HERE / "bfast_expected.csv")


@pytest.mark.parametrize("case", EXPECTED["case"].unique())
def test_partitions_and_tests_are_those_of_strucchange(case: str) -> None:
    name, design, share = case.split("_")
    r = EXPECTED[EXPECTED["case"] == case].set_index("key")["value"]
    y = SERIES.loc[SERIES["series"] == name, "value"].reset_index(drop=True)
    n, h = len(y), float(share)
    x = np.column_stack([np.ones(n), np.arange(1, n + 1)])[:, : 2 if design == "t" else 1]
    if "nb" in r:
        found = breaks.breakpoints(y, x, h, None)
        table = found.breaks
        assert len(table) == r["nb"]
        tried = range(min(sum(key.startswith("rss") for key in r.index), len(found.rss)))
        assert found.rss[list(tried)].to_numpy() == pytest.approx([r[f"rss{m}"] for m in tried], rel=1e-7)
        assert found.bic[list(tried)].to_numpy() == pytest.approx([r[f"bic{m}"] for m in tried], rel=1e-7)
        for i, row in table.reset_index(drop=True).iterrows():
            assert row["index"] == r[f"bp{i + 1}"]
            for key, column in ((f"lo{i + 1}", "low_index"), (f"hi{i + 1}", "high_index")):
                if key in r:
                    assert row[column] == np.clip(r[key], 1, n)
        assert len(breaks.breakpoints(y, x, h, None, "lwz").breaks) == r["nlwz"]
    for key, test in (("supF", breaks.sup_f), ("aveF", breaks.ave_f), ("expF", breaks.exp_f)):
        assert test(y, x, h).statistic == pytest.approx(r[key], rel=1e-7)
    assert breaks.sup_f(y, x, h).p == pytest.approx(r["supF_p"], rel=1e-4)
    # of values numbered from 0, the first after the break has the number of those before it
    assert breaks.sup_f(y, x, h).date == r["f_at"]
    for key, result in (
        ("OLS-CUSUM", breaks.cusum(y, x)),
        ("OLS-MOSUM", breaks.mosum(y, x, h)),
        ("Rec-CUSUM", breaks.cusum(y, x, recursive=True)),
    ):
        assert result.statistic == pytest.approx(r[key], rel=1e-7)
        assert result.p == pytest.approx(r[f"{key}_p"], rel=1e-6, abs=1e-12)


def seasonal(name: str) -> tuple[pd.Series, pd.Series, int]:
    part = SEASONAL[SEASONAL["series"] == name]
    r = SEASONAL_EXPECTED[SEASONAL_EXPECTED["series"] == name].set_index("key")["value"]
    return pd.Series(part["value"].to_numpy(), part["time"].to_numpy()), r, int(part["frequency"].iloc[0])


NAMES = SEASONAL["series"].unique()


@pytest.mark.parametrize("name", NAMES)
def test_bfast_is_its_steps_in_r(name: str) -> None:
    series, r, _ = seasonal(name)
    for key in [key for key in r.index if key.startswith("bf_") and key.endswith("_it")]:
        start = key.removesuffix("it")
        season = start.split("_")[1].rstrip("0123456789.")
        found = breaks.bfast(series, None if season == "none" else season, float(start[3 + len(season) : -1]))
        assert found.iterations == r[key]
        assert (len(found.trend_breaks), len(found.season_breaks)) == (r[f"{start}nt"], r[f"{start}ns"])
        assert found.trend_p == pytest.approx(r[f"{start}pt"], rel=1e-5)
        for i, row in found.trend_breaks.reset_index(drop=True).iterrows():
            assert row["index"] == r[f"{start}tb{i + 1}"]
            assert row["low_index"] == max(r[f"{start}tl{i + 1}"], 1)
            assert row["high_index"] == min(r[f"{start}th{i + 1}"], len(series))
        for i, place in enumerate(found.season_breaks["index"]):
            assert place == r[f"{start}sb{i + 1}"]
        ends = found.components[["trend", "season"]].iloc[[4, -4]].to_numpy().ravel()
        assert ends == pytest.approx([r[start + key] for key in ("T5", "S5", "Tn", "Sn")], abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_one_break_and_the_light_form_are_their_steps_in_r(name: str) -> None:
    series, r, _ = seasonal(name)
    if "b01_bp" in r:
        found = breaks.bfast01(series)
        assert found.candidate["index"] == r["b01_bp"]
        assert found.breaks == int(r["b01_mosum_p"] < 0.05)
        for test, key in (("sup_f", "supF"), ("ave_f", "aveF"), ("exp_f", "expF")):
            assert breaks.bfast01(series, test=test).breaks == int(r[f"b01_{key}"] < 0.05)
        assert breaks.bfast01(series, test="bic").breaks == r["b01_bic"]
    if "lite_nb" in r:
        light = breaks.bfastlite(series).breaks["index"].tolist()
        assert light == [r[f"lite_bp{i + 1}"] for i in range(int(r["lite_nb"]))]


@pytest.mark.parametrize("name", NAMES)
def test_monitoring_is_its_steps_in_r(name: str) -> None:
    series, r, frequency = seasonal(name)
    keys = [key.removesuffix("_bp") for key in r.index if key.startswith("mon_") and key.endswith("_bp")]
    assert len(keys) >= 6
    for key in keys:
        history, level = key.removeprefix("mon_").split("_")
        kind = history.rstrip("0123456789.")
        h = float(history[len(kind) :])
        found = breaks.monitor(series, r["mon_start"], h=h, history=kind.lower(), level=float(level))
        alarm = -1 if found.break_time is None else found.time
        assert alarm == pytest.approx(r[f"{key}_bp"], abs=0.1 / frequency)
        assert found.history[0] == pytest.approx(r[f"{key}_hist"], abs=0.1 / frequency)
        assert found.magnitude == pytest.approx(r[f"{key}_mag"], rel=1e-6)
