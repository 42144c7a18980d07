"""Prototype, then scale on measured effect and return: what the right to stop is worth, to whom.

The first cohort of a case is the prototype, the later ones the scale-up. Rules by which to go on
are weighed on the same luck: always scaling, always stopping, doing nothing (which is worth 0), the
contract's own level, thresholds of the measured result, and what all reports let one expect.

The value of the option is E[NB under the rule] less the highest of the three choices that look at
nothing. Sources: that a stage whose result can still change the decision has the value of an
option, Dixit and Pindyck (1994), Investment under Uncertainty, Princeton University Press; that the
value of a sample is what the best decision given it gains on the best without it, Raiffa and
Schlaifer (1961), Applied Statistical Decision Theory, Harvard University.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import BoolArray
from sibsim.core.spec import nearest
from sibsim.core.statistics import Estimate
from sibsim.core.validation import shown
from sibsim.core.wording import Language, language
from sibsim.decisions.showing import paragraphs
from sibsim.decisions.stages.courses import Courses
from sibsim.decisions.stages.decision import Decision
from sibsim.decisions.stages.rules import Sweep, Weighed, chances, mean_of, weighed
from sibsim.decisions.stages.sizes import Sized
from sibsim.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "do nothing"
"""The rule by which not even the first cohort is served: 0 throughout."""

NOT_COMPARED = Estimate(np.nan, mc_error=np.nan, undefined=np.nan)
"""Stands for what a chance is compared with."""


@dataclass(frozen=True, eq=False)
class Staging:
    """A first cohort, a decision, and what every rule for it comes to."""

    case: Case
    """The case."""

    decision: Decision
    """Who may stop, by what and when."""

    investor: str
    """Metric by which the investor decides."""

    municipality: str
    """Metric by which the municipality decides."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the run."""

    replications: int
    """Times that the same parameters were told again to know which programmes are good."""

    courses: Courses
    """Every draw scaled and stopped."""

    swept: Sweep
    """What every threshold leads to."""

    rules: Mapping[str, BoolArray]
    """Where each rule scales, (D,) each, by the name of the rule."""

    sized: tuple[Sized, ...]
    """What other sizes of the first cohort come to; empty if none were asked for."""

    def table(self) -> pd.DataFrame:
        """Return what every rule comes to.

        Returns
        -------
        DataFrame
            Rows (rule, figure). Rules: `scale always`, `stop always`, `do nothing` (0 throughout),
            `contract` (its own level, if it has one), `threshold <metric>` (the best for that
            metric), `reports <metric>` (scale where the expected gain given all reports is not
            below zero) and `reports both` (where that holds for both parties). Figures: metrics in
            money; `p_scale`; `p_stop_good.<metric>`, chance that a programme that is worth scaling
            by that metric is stopped; `p_scale_bad.<metric>`, that one that is not is scaled.
            Columns `value`; `against_scaling`, the value less that of always scaling; `option`,
            less that of the best of always scaling, always stopping and doing nothing; each with
            its Monte Carlo error (`mc_error`, `..._mc_error`), paired draw by draw.
        """
        import pandas as pd

        rows = {}
        for name, rule in self.rules.items():
            for metric in self.courses.scale:
                rows[name, metric] = _row(self.weighed(name, metric))
            for figure, often in chances(self.courses, rule).items():
                rows[name, figure] = _row(Weighed(often, NOT_COMPARED, NOT_COMPARED))
        for metric in self.courses.scale:
            rows[NOTHING, metric] = _row(self.weighed(NOTHING, metric))
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index = pd.MultiIndex.from_tuples(rows, names=["rule", "figure"])
        return frame

    def weighed(self, rule: str, metric: str) -> Weighed:
        """Return the mean of a metric under a rule, against always scaling, and as an option.

        Parameters
        ----------
        rule
            Name of a rule of the table.
        metric
            Name of a metric of the table.

        Raises
        ------
        ArgumentError
            If there is no such rule or metric.
        """
        _known(rule, among=(*self.rules, NOTHING), what="rule")
        _known(metric, among=self.courses.scale, what="metric")
        values = np.zeros(self.draws)
        if rule != NOTHING:
            values = self.courses.under(self.rules[rule], metric)
        return weighed(self.courses, values, metric=metric)

    def thresholds(self) -> pd.DataFrame:
        """Return what every threshold of the first cohort's result leads to.

        Returns
        -------
        DataFrame
            Index `threshold`, the least result with which to scale; infinite: stop wherever
            anything is reported. Columns `p_scale`, every metric's mean, `p_stop_good.<metric>` and
            `p_scale_bad.<metric>`, each followed by `<column>_mc_error`.
        """
        import pandas as pd

        swept, columns = self.swept, {}
        found = {"p_scale": swept.p_scale, **swept.means}
        found |= {f"p_stop_good.{party}": each for party, each in swept.p_stop_good.items()}
        found |= {f"p_scale_bad.{party}": each for party, each in swept.p_scale_bad.items()}
        for name, (value, error) in found.items():
            columns[name], columns[f"{name}_mc_error"] = value, error
        return pd.DataFrame(columns, index=pd.Index(swept.thresholds, name="threshold"))

    def best_threshold(self, metric: str) -> float:
        """Return the threshold with the highest mean of a metric; of several the lowest.

        Parameters
        ----------
        metric
            Name of a metric of the table.

        Raises
        ------
        ArgumentError
            If there is no such metric.
        """
        return self.swept.best(_known(metric, among=self.courses.scale, what="metric"))

    def sizes(self) -> pd.DataFrame:
        """Return what other sizes of the first cohort come to for each party.

        Returns
        -------
        DataFrame
            Rows (people, rule, party). Rules: `threshold` (the best of that size for the party),
            `reports`, and `contract` if it has a level. Columns `threshold` (NaN where the rule has
            none), `value`, `option`, `p_stop_good`, `p_scale_bad`, and `below_best`, the value less
            that of the size with the highest under the same rule; each with its Monte Carlo error.

        Raises
        ------
        ArgumentError
            If no sizes were asked for.
        """
        import pandas as pd

        self._check_sizes()
        rows = {}
        for each in self.sized:
            best = self.best_size(each.party, rule=each.rule)
            found = {
                "value": each.mean,
                "option": each.option,
                "p_stop_good": each.p_stop_good,
                "p_scale_bad": each.p_scale_bad,
                "below_best": mean_of(each.metric - best.metric),
            }
            threshold = np.nan if each.threshold is None else each.threshold
            row = {"threshold": threshold}
            for name, estimate in found.items():
                row |= {name: estimate.value, f"{name}_mc_error": estimate.mc_error}
            rows[each.people, each.rule, each.party] = row
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.index = pd.MultiIndex.from_tuples(rows, names=["people", "rule", "party"])
        return frame

    def best_size(self, party: str, *, rule: str = "threshold") -> Sized:
        """Return the size of the first cohort with the highest mean for a party.

        Parameters
        ----------
        party
            Metric by which the party decides.
        rule
            `threshold`, `reports` or `contract`.

        Raises
        ------
        ArgumentError
            If no sizes were asked for, or there is no such party or rule.
        """
        self._check_sizes()
        _known(rule, among=[each.rule for each in self.sized], what="rule")
        _known(party, among=(self.investor, self.municipality), what="party")
        fit = [each for each in self.sized if (each.rule, each.party) == (rule, party)]
        return max(fit, key=lambda each: each.mean.value)

    def _check_sizes(self) -> None:
        if not self.sized:
            message = "no sizes were asked for; state them, such as staging(case, sizes=[20, 60])"
            raise ArgumentError(message)

    def frame(self) -> pd.DataFrame:
        """Return the thresholds as one long frame that is ready to be drawn.

        Returns
        -------
        DataFrame
            Columns `threshold`, `figure`, `value`, `mc_error`, the infinite threshold left out.
        """
        import pandas as pd

        wide = self.thresholds()
        wide = wide[np.isfinite(wide.index)]
        figures = [str(name) for name in wide if not str(name).endswith("_mc_error")]
        parts = [
            pd.DataFrame(
                {
                    "threshold": wide.index,
                    "figure": name,
                    "value": wide[name].to_numpy(),
                    "mc_error": wide[f"{name}_mc_error"].to_numpy(),
                }
            )
            for name in figures
        ]
        return pd.concat(parts, ignore_index=True)

    def sentences(self, lang: Language = "en") -> list[str]:
        """Return what the decision is, how often it errs, what it is worth, and what is assumed.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        from sibsim.decisions.stages.words import sentences

        lang = language(lang)
        return [each.say(lang) for each in sentences(self)]

    def __repr__(self) -> str:
        """Return sentences and table as text."""
        table = self.table().to_string(float_format="{:,.3f}".format)
        return "\n".join([*self.sentences(), table])

    def _repr_html_(self) -> str:
        table = self.table().to_html(border=0, float_format="{:,.3f}".format)
        return f"{paragraphs(self.sentences())}{table}"


def _row(found: Weighed) -> dict[str, float]:
    """Return the columns of one row of the table."""
    row = {}
    for name, each in (
        ("value", found.mean),
        ("against_scaling", found.against_scaling),
        ("option", found.option),
    ):
        row[name] = each.value
        row["mc_error" if name == "value" else f"{name}_mc_error"] = each.mc_error
    return row


def _known(name: str, *, among: Collection[str], what: str) -> str:
    """Return a name that is known."""
    if name not in among:
        known = ", ".join(dict.fromkeys(among))
        message = f"{what}: got {shown(name)}{nearest(str(name), among)}; it is one of {known}"
        raise ArgumentError(message)
    return name
