"""What the figures of a diagnosis are, one line each, Danish and English.

Their formulas stand in `diagnosands`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.wording import Language, said
from sibsim.core.words import Words

LEGEND: Mapping[str, Words] = {
    "bias": Words(da="estimat minus sandhed i gennemsnit", en="mean of estimate less truth"),
    "stated_bias": Words(
        da="det samme efter designets formel", en="the same by the formula of the design"
    ),
    "sd": Words(
        da="standardafvigelse af estimat minus sandhed",
        en="standard deviation of estimate less truth",
    ),
    "rmse": Words(
        da="typisk afstand mellem estimat og sandhed, skævhed og spredning tilsammen",
        en="typical distance of estimate and truth, bias and scatter together",
    ),
    "coverage": Words(
        da="andel af forløb, hvor det oplyste 95 %-interval rummer sandheden",
        en="share of simulations in which the stated 95 % interval holds the truth",
    ),
    "power": Words(
        da="andel af forløb med effekt, hvor testen finder den",
        en="share of simulations with an effect in which the test finds it",
    ),
    "false_positive": Words(
        da="andel af forløb uden effekt, hvor testen finder en",
        en="share of simulations without an effect in which the test finds one",
    ),
    "type_s": Words(
        da="andel af signifikante estimater med forkert fortegn",
        en="share of significant estimates with the wrong sign",
    ),
    "type_m": Words(
        da="signifikante estimaters gennemsnitlige størrelse som multiplum af sandhedens",
        en="mean size of significant estimates as a multiple of that of the truth",
    ),
    "not_measured": Words(
        da="andel af forløb uden estimat, fordi ingen er tilbage at måle eller sammenligne med",
        en="share of simulations without an estimate, as nobody is left to measure or compare with",
    ),
    "p_paid_for_nothing": Words(
        da="sandsynlighed for, at noget betales, hvis indsatsen ikke virker",
        en="chance that anything is paid if the intervention does nothing",
    ),
    "p_effect_unpaid": Words(
        da="sandsynlighed for, at intet betales, hvor indsatsen virker, også hvor effekten er for "
        "lille til at udløse betaling",
        en="chance that nothing is paid where the intervention works, also where the effect is "
        "too small to be paid for",
    ),
    "p_deserved_unpaid": Words(
        da="sandsynlighed for, at intet betales, hvor sandheden ville udløse betaling",
        en="chance that nothing is paid where the truth would have been paid for",
    ),
    "paid_for_nothing": Words(
        da="gennemsnitlig betaling, hvis indsatsen ikke virker",
        en="mean payment if the intervention does nothing",
    ),
    "unpaid_effect": Words(
        da="berettiget betaling, hvor intet betales, i gennemsnit over alle forløb, hvor indsatsen "
        "virker",
        en="payment deserved where nothing is paid, averaged over all simulations in which the "
        "intervention works",
    ),
    "overpaid": Words(
        da="gennemsnitlig betaling ud over den, sandheden berettiger til",
        en="mean payment beyond what the truth deserves",
    ),
    "underpaid": Words(
        da="gennemsnitlig betaling, der mangler i forhold til sandheden",
        en="mean payment missing from what the truth deserves",
    ),
    "paid": Words(da="gennemsnitlig betaling", en="mean payment"),
    "deserved": Words(
        da="gennemsnitlig betaling, sandheden berettiger til",
        en="mean payment that the truth deserves",
    ),
}
"""What each figure is, in the order of `DIAGNOSANDS`."""


def legend(lang: Language) -> tuple[str, ...]:
    """Return one line per figure that every diagnosis gives: its name and what it is."""
    return tuple(f"{name}: {said(words, lang)}" for name, words in LEGEND.items())
