"""The tables that answer a case's questions in order: achieved, paid, earned, saved, what if.

Each is a small frame of text, made in one place for the terminal, the notebook and the repr.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sibsim.core.wording import party_words
from sibsim.figures import is_probability
from sibsim.results import Results

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("base case", "mean", "p5", "median", "p95")
"""Columns of a table of amounts."""

BAD_ENDINGS = {
    "p_investor_loss": "the investor loses money, before own costs",
    "p_total_loss": "the investor loses everything",
    "p_irr_undefined": "the rate of return is undefined",
    "p_municipality_loss": "the municipality ends below zero",
    "p_terminated": "the contract ends early",
}
"""The endings nobody wants, by their metric."""

_AMOUNTS = {
    "what is paid": {
        "payments_due": "owed before limits",
        "payments_total": "paid",
        "payments_lapsed": "lapsed after the last payment date",
        "surplus": "surplus beyond the return cap",
        "overrun": "costs beyond the commitments",
    },
    "what the investor earns": {
        "investor_irr": "internal rate of return a year",
        "investor_multiple": "multiple of the money drawn",
        "investor_profit": "profit before own costs",
        "investor_profit_after_costs": "profit after own costs",
        "investor_npv": "present value",
        "investor_peak_capital": "peak capital",
        "investor_payback_years": "years to payback",
    },
    "what public budgets gain": {
        "municipality_net": "municipality, net of all it pays",
        "municipality_npv": "municipality, present value",
        "municipality_realisable": "municipality, savings it can realise",
        "municipality_beyond_horizon": "the same after the end, in no net",
        "state_net": "state",
        "region_net": "region",
        "public_net": "public sector",
        "break_even_year": "municipality breaks even in",
    },
}
"""Rows of the tables of amounts, by table and metric."""


_FORMS = {
    "irr": ".1%",
    "measurement_bias": ",.3f",
    "multiple": ".2f",
    "payback_years": ".1f",
    "break_even_year": ".0f",
    "achieved": ",.1f",
    "additional": ",.1f",
    "measured": ",.1f",
    "participants": ",.1f",
    "turned_away": ",.1f",
    "people": ",.1f",
}
"""How values are written, by a part of the metric's name; all else is money, in whole units."""


def tables(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables of a run by their title, every cell as text."""
    summary = results.summary()
    found = {}
    if "participants" in summary.index:
        found["what is achieved"] = _goals(results, summary)
    for title, rows in _AMOUNTS.items():
        frame = _amounts(summary, {**rows, **_parts(results, title)})
        if len(frame):
            found[title] = frame
    found["what can go wrong"] = _probabilities(results, summary)
    return found


def report(results: Results) -> str:
    """Return the tables of a run as text."""
    parts = [results.case.head.title.in_language("en"), one_line(results)[1:-1]]
    parts += [f"\n{title}\n{frame.to_string()}" for title, frame in tables(results).items()]
    if results.postings is not None:
        parts += ["", *results.answers()["answer"]]
    return "\n".join(parts)


def _parts(results: Results, title: str) -> dict[str, str]:
    """Return the rows of single payment lines, or of tranches where there are several."""
    contract = results.case.contract
    if title == "what is paid" and len(contract.payments) > 1:
        return {f"payments.{name}": f"  {_line(results, name)}" for name in contract.payments}
    tranches = contract.capital.tranches if contract.capital else {}
    if title == "what the investor earns" and len(tranches) > 1:
        return {f"tranche.{name}.irr": f"  {name}, rate of return" for name in tranches}
    return {}


def _line(results: Results, name: str) -> str:
    """Return the title of a payment line, with its name where two lines share the title."""
    titles = [_line_title(results, other) for other in results.case.contract.payments]
    title = _line_title(results, name)
    return title if titles.count(title) == 1 else f"{title} ({name})"


def _line_title(results: Results, name: str) -> str:
    line = results.case.contract.payments[name]
    if line.title:
        return line.title.in_language("en")
    if not line.readings:
        return name
    return _title(results, results.case.measures[line.readings[0].measure].outcome)


def _title(results: Results, outcome: str) -> str:
    stated = results.case.outcomes[outcome]
    title = stated.title.in_language("en") if stated.title else outcome
    unit = f"({stated.counted_in})"
    return f"{title} {unit}" if stated.counted_in and unit not in title else title


def _goals(results: Results, summary: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = [("participants who start", _amount_row(summary, "participants") | _no_goal())]
    if "turned_away" in summary.index:
        rows.append(("  turned away", _amount_row(summary, "turned_away") | _no_goal()))
    for segment in _segments(results):
        part = _amount_row(summary, f"participants.{segment}") | _no_goal()
        rows.append((f"  of whom {segment}", part))
    for name, outcome in results.case.outcomes.items():
        rows.append((_title(results, name), dict.fromkeys((*COLUMNS, *_no_goal()), "")))
        last = outcome.follow_up_months[-1]
        for months in outcome.follow_up_months:
            metric = f"achieved.{name}" if months == last else f"achieved.{name}.{months}"
            row = _amount_row(summary, metric) | _no_goal()
            goal = outcome.goal
            if goal is not None and months == goal.at_months:
                # Rounded as sentences round it, so that both say the same.
                reached = round(float(summary["mean"][f"p_goal.{name}"]), 2)
                row |= {"goal": str(goal), "P(goal)": f"{reached:.0%}"}
            rows.append((f"  after {months} months", row))
        extra = _amount_row(summary, f"additional.{name}") | _no_goal()
        rows.append((f"  additional after {last} months", extra))
        rows += _by_segment(results, summary, outcome=name)
        for measure, design in results.case.measures.items():
            if design.outcome == name:
                reported = _amount_row(summary, f"measured.{measure}") | _no_goal()
                rows.append((f"  reported after {last} months", reported))
    return pd.DataFrame([row for _, row in rows], index=[label for label, _ in rows])


def _by_segment(
    results: Results, summary: pd.DataFrame, *, outcome: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what each segment of the target group contributes, where they differ."""
    for segment in _segments(results):
        if f"achieved.{outcome}.{segment}" in summary.index:
            for what in ("achieved", "additional"):
                part = _amount_row(summary, f"{what}.{outcome}.{segment}") | _no_goal()
                yield f"    {what} by {segment}", part


def _segments(results: Results) -> tuple[str, ...]:
    """Return the names of the segments of the target group."""
    target = results.case.target_group
    return tuple(target.segments) if target else ()


def _no_goal() -> dict[str, str]:
    return {"goal": "", "P(goal)": ""}


def _amounts(summary: pd.DataFrame, rows: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    found = {
        title: _amount_row(summary, name) for name, title in rows.items() if name in summary.index
    }
    return pd.DataFrame.from_dict(found, orient="index")


def _amount_row(summary: pd.DataFrame, metric: str) -> dict[str, str]:
    shown = [float(summary[column][metric]) for column in ("base", "mean", "p5", "p50", "p95")]
    return {
        column: text(value, metric=metric) for column, value in zip(COLUMNS, shown, strict=True)
    }


def _probabilities(results: Results, summary: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    names = {metric: title for metric, title in BAD_ENDINGS.items() if metric in summary.index}
    for metric in summary.index:
        if metric.startswith("limit_bound."):
            names[metric] = _limit(results, metric.removeprefix("limit_bound."))
        elif metric.startswith("p_goal."):
            names[metric] = f"goal missed: {_title(results, metric.removeprefix('p_goal.'))}"
    rows = {
        title: {
            "probability": f"{_bad_share(summary, metric):.1%}",
            "Monte Carlo error": text(float(summary["mc_error"][metric]), metric=metric),
        }
        for metric, title in names.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _limit(results: Results, limit: str) -> str:
    """Return a limit in words: `line.job` is the limit of the line `job`."""
    scope, _, name = limit.partition(".")
    of = {
        "person": "a person",
        "year": "a year",
        "contract": "the contract",
        "netting": "other public money",
    }
    if scope == "payer":
        return f"limit binds: what {party_words(name).en} pays"
    return f"limit binds: {of.get(scope) or _line(results, name)}"


def _bad_share(summary: pd.DataFrame, metric: str) -> float:
    """Return the probability of the ending that nobody wants."""
    share = float(summary["mean"][metric])
    return 1.0 - share if metric.startswith("p_goal.") else share


def text(value: float, *, metric: str) -> str:
    """Return a metric's value as people write it: money in whole units, rates in per cent."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "never"
    if is_probability(metric):
        return f"{value:.1%}"
    form = next((form for part, form in _FORMS.items() if part in metric), ",.0f")
    return f"{value:{form}}"


def one_line(results: Results) -> str:
    """Return which run this is and what it found first."""
    run = f"{results.draws:,} draws, seed {results.seed}"
    how = run if results.kind == "run" else results.kind
    unit = results.case.head.currency
    found = {"paid": "payments_total", "municipality net": "municipality_net"}
    means = [
        f"{title} {unit} {results.metric(name).mean():,.0f}"
        for title, name in found.items()
        if name in results.metrics
    ]
    return f"<Results {results.case.name}: {how}; {', '.join(means)}>"


def results_html(results: Results) -> str:
    """Return the tables of a run for a notebook."""
    parts = [f"<b>{html.escape(results.case.head.title.in_language('en'))}</b>"]
    parts += [
        f"<h4>{title}</h4>{frame.to_html(border=0)}" for title, frame in tables(results).items()
    ]
    return "".join(parts)
