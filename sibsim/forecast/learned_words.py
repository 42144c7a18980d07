"""What has been learned and what the data cannot tell, in plain Danish and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sibsim.core.amounts import chance
from sibsim.core.wording import Sentence, listing
from sibsim.core.words import Words
from sibsim.forecast.learned import OUTCOMES, Learned, Verdict

VERDICTS: Mapping[Verdict, Words] = {
    "learned": Words(da="lært", en="learned"),
    "a little": Words(da="lidt", en="a little"),
    "moved, not narrowed": Words(da="flyttet, ikke indsnævret", en="moved, not narrowed"),
    "not identified by these data": Words(
        da="kan ikke bestemmes af disse data", en="not identified by these data"
    ),
    "not touched by these data": Words(
        da="berøres ikke af disse data", en="not touched by these data"
    ),
}
"""What the data say of a quantity, in words."""

_NOTHING = Words(
    da="der er endnu intet kendt, som siger noget om de usikre størrelser",
    en="nothing is known yet that says anything about the uncertain quantities",
)
_SENTENCES: Mapping[Verdict, Words] = {
    "learned": Words(
        da="{they} har fjernet mindst halvdelen af usikkerheden om {names}",
        en="{they} have removed at least half of the uncertainty about {names}",
    ),
    "a little": Words(da="{they} siger lidt om {names}", en="{they} say a little about {names}"),
    "moved, not narrowed": Words(
        da="{they} flytter {names}, men gør ikke usikkerheden mindre",
        en="{they} move {names}, but leave as much uncertainty",
    ),
    "not identified by these data": Words(
        da="{they} afhænger af, men kan ikke bestemme {names}",
        en="{they} depend on, but do not identify {names}",
    ),
    "not touched by these data": Words(
        da="{they} siger intet om {names}", en="{they} say nothing about {names}"
    ),
}
_THESE_DATA = Words(da="disse data", en="these data")
_THEY = Words(da="de", en="they")
_TOGETHER = Words(
    da="hvad deltagerne opnår i {outcome}, er lært ({share} af variansen er væk), men disse data "
    "kan ikke skille ad, hvad det består af; kun samlet kendes {names}",
    en="what participants achieve in {outcome} is learned ({share} of its variance is gone), but "
    "these data cannot tell apart what it is made of; known together only: {names}",
)
_ONE_SHARE = Words(
    da="af variansen i hvad deltagerne opnår i {outcome}, er {share} væk, men uden en "
    "sammenligning kan disse data ikke skille ad, hvad det består af: hvad der er lært om hver af "
    "størrelserne {names}, afhænger af hvad planen antager om de andre",
    en="of the variance of what participants achieve in {outcome}, {share} is gone, but without a "
    "comparison these data cannot tell apart what it is made of: what is learned of each of "
    "{names} hangs on what the plan assumes of the others",
)
_LEARNED_GIVEN = Words(
    da="givet hvad planen antager om de andre dele af samme resultat, har {they} fjernet mindst "
    "halvdelen af usikkerheden om {names}",
    en="given what the plan assumes of the other parts of the same result, {they} have removed at "
    "least half of the uncertainty about {names}",
)


def sentences(learned: Learned) -> Iterator[Sentence]:
    """Yield what was learned of which quantities, then what is known together only."""
    if learned.method == "nothing":
        yield Sentence(_NOTHING, {})
        return
    subject = _THESE_DATA
    for pattern, paths in _told(learned):
        if paths:
            names = listing(_once([learned.called[path] for path in paths]))
            yield Sentence(pattern, {"they": subject, "names": names})
            subject = _THEY
    for each in learned.together:
        values: dict[str, Words | str] = {
            "outcome": learned.called[OUTCOMES + each.outcome],
            "share": chance(each.learned),
            "names": listing(_once([learned.called[path] for path in each.quantities])),
        }
        yield Sentence(_TOGETHER if each.compared else _ONE_SHARE, values)


def _told(learned: Learned) -> Iterator[tuple[Words, Sequence[str]]]:
    """Yield what is said of which quantities; what hangs on what the plan assumes says so."""
    hanging = {each.quantity for each in learned.changes if each.given}
    for verdict, pattern in _SENTENCES.items():
        paths = learned.of(verdict)
        if verdict == "learned":
            yield pattern, [path for path in paths if path not in hanging]
            yield _LEARNED_GIVEN, [path for path in paths if path in hanging]
        else:
            yield pattern, paths


def _once(names: Sequence[Words]) -> list[Words]:
    """Return names, each once."""
    return [each for at, each in enumerate(names) if each not in names[:at]]
