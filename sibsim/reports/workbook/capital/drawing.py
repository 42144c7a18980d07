"""Step 1 of a period: what pays its costs, level by level of drawing, and what is beyond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sibsim.reports.workbook.capital import words
from sibsim.reports.workbook.capital.lines import Setting
from sibsim.reports.workbook.capital.terms import scheduled
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    largest,
    lift,
    smallest,
    where,
)


@dataclass(frozen=True, eq=False)
class Drawing:
    """Writes what is drawn."""

    setting: Setting
    """What the account is written from."""

    @property
    def as_agreed(self) -> tuple[str, ...]:
        """The tranches that are drawn up front or by schedule."""
        tranches = self.setting.agreed.tranches.items()
        return tuple(
            name for name, each in tranches if each.is_drawn and each.drawdown != "as_needed"
        )

    def foresee(self) -> None:
        """Write what is known of all periods before the first: when payments end, costs, plans."""
        each, lines, periods = self.setting, self.setting.lines, self.setting.periods
        last_day = each.live.inputs["contract.last_payment"]
        for t in range(periods.number):
            runs = where(periods.first_day.at(t) <= last_day, 1, 0)
            lines.put("open", t, runs, title=words.OPEN, note=words.OPEN_NOTE, kind="count")
        for t in range(periods.number):
            now = lines.at("open", t)
            is_last = now - lines.at("open", t + 1) if t + 1 < periods.number else now
            lines.put("last", t, is_last, title=words.LAST, note=words.LAST_NOTE, kind="count")
        for t in range(periods.number):
            self._cost(t)
        for name in self.as_agreed:
            self._agreed(name)
        if each.agreed.recycle or self.as_agreed:
            self._later()

    def _cost(self, t: int) -> None:
        each, lines = self.setting, self.setting.lines
        cost = each.costs.financed.at(t)
        if "called" in each.fixed:
            called = float(each.fixed["called"][t])
            cost = cost + lines.put("called", t, called, title=words.CALLED, style="fixed")
        lines.put("cost", t, cost, title=words.COST)

    def _agreed(self, name: str) -> None:
        """Write what a tranche draws up front or by schedule."""
        each = self.setting
        for t in range(each.periods.number):
            if each.agreed.tranches[name].drawdown == "by_schedule":
                drawn = scheduled(each.live, name, t, periods=each.periods)
            else:
                drawn = lift(0) if t else each.terms.commitment[name]
            title = words.of(words.AGREED, name)
            each.lines.put(f"drawn.{name}", t, drawn, title=title)

    def _later(self) -> None:
        """Write from the last period to the first what the costs still to come need."""
        each, lines, last = self.setting, self.setting.lines, self.setting.periods.number - 1
        by_schedule = [
            name for name in self.as_agreed if each.agreed.tranches[name].drawdown == "by_schedule"
        ]
        lines.put("later", last, 0, title=words.LATER, note=words.LATER_NOTE)
        for t in range(last - 1, -1, -1):
            needed = lines.at("later", t + 1) + lines.at("cost", t + 1)
            for name in by_schedule:
                needed = needed - lines.at(f"drawn.{name}", t + 1)
            lines.put("later", t, largest(0, needed), title=words.LATER)

    def period(self, t: int) -> None:
        """Write what pays the costs of a period."""
        lines, cost = self.setting.lines, self.setting.lines.at("cost", t)
        need = cost
        if self.setting.agreed.recycle:
            taken = smallest(lines.before("held", t), need)
            need = need - lines.put("from_held", t, taken, title=words.FROM_HELD)
        if self.as_agreed:
            drawn = added([lines.at(f"drawn.{name}", t) for name in self.as_agreed])
            there = lines.put(
                "unspent_before",
                t,
                lines.before("unspent", t) + drawn,
                title=words.UNSPENT_BEFORE,
            )
            taken = smallest(there, need)
            need = need - lines.put("from_unspent", t, taken, title=words.FROM_UNSPENT)
        for number, level in enumerate(self.setting.agreed.draw_levels):
            on_call = self._on_call(level)
            if not on_call:
                continue
            if need is not cost:
                need = lines.put(f"need.{number}", t, need, title=words.NEXT_LEVEL)
            need = need - self._level(t, on_call, need=need)
        beyond = lines.put("overrun", t, need, title=words.OVERRUN)
        lines.put("funded", t, cost - beyond, title=words.FUNDED)

    def _on_call(self, level: Sequence[str]) -> tuple[str, ...]:
        tranches = self.setting.agreed.tranches
        return tuple(name for name in level if tranches[name].drawdown == "as_needed")

    def _level(self, t: int, names: tuple[str, ...], *, need: Formula) -> Formula:
        """Write what the tranches of one level give and return it."""
        lines = self.setting.lines
        if len(names) == 1:
            return self._drawn(t, names[0], smallest(need, self._room(t, names)))
        if any(self.setting.agreed.tranches[name].revolving for name in names):
            weights = [self._room(t, (name,)) for name in names]
            room = added(weights)
        else:
            weights = [self.setting.terms.commitment[name] for name in names]
            room = self._room(t, names)
        title = words.of(words.LEVEL_DRAWN, ", ".join(names))
        called = lines.put(f"called.{names[0]}", t, smallest(need, room), title=title)
        whole = added(weights)
        for name, weight in zip(names, weights, strict=True):
            self._drawn(t, name, where(whole > 0, called * weight / whole, 0))
        return called

    def _drawn(self, t: int, name: str, amount: Formula) -> Formula:
        title = words.of(words.DRAWN, name)
        lines = self.setting.lines
        return lines.put(f"drawn.{name}", t, amount, title=title, note=words.DRAWN_NOTE)

    def _room(self, t: int, names: tuple[str, ...]) -> Formula:
        """Write what tranches can still be called for together."""
        each, lines = self.setting, self.setting.lines
        most = added([each.terms.commitment[name] for name in names])
        if each.agreed.tranches[names[0]].revolving:
            used = [lines.before(f"principal.after.{names[0]}", t)]
        else:
            used = [lines.so_far(f"drawn.{name}", t) for name in names]
        left = largest(0, most - added(used)) if t else most
        title = words.of(words.ROOM, ", ".join(names))
        return lines.put(f"room.{names[0]}", t, left, title=title, note=words.ROOM_NOTE)
