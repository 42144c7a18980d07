"""Steps 2 to 4 of a period: what claims grow to, and how the money goes down their ranks."""

from __future__ import annotations

from dataclasses import dataclass, field

from sibsim.capital.checks import COSTS, split
from sibsim.capital.tranche import Tranche
from sibsim.core.words import Words
from sibsim.reports.workbook.capital import words
from sibsim.reports.workbook.capital.lines import Setting
from sibsim.reports.workbook.capital.terms import coupon_rate, fee_earned, path_of
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    largest,
    smallest,
    total,
    where,
)

COMMON = ""
"""The money that no tranche has for itself, where a payment line would be named."""


@dataclass(frozen=True, eq=False)
class Waterfall:
    """Writes what the claims are, what is paid on them and what is left."""

    setting: Setting
    """What the account is written from."""

    paid_columns: dict[str, list[str]] = field(default_factory=dict)
    """Keys of the columns with what is paid, by claim."""

    @property
    def reserved(self) -> tuple[str, ...]:
        """The payment lines that some tranche alone is paid from."""
        tranches = self.setting.agreed.tranches.values()
        return tuple(dict.fromkeys(line for each in tranches for line in each.paid_from))

    def period(self, t: int) -> None:
        """Write the payments of a period, the claims, what is paid on them and what is left."""
        gross = {line: self._line(line, t) for line in self.reserved}
        common = self._common(t, reserved=list(gross.values()))
        money = {line: self._less_set_off(line, t, paid=paid) for line, paid in gross.items()}
        owed = self._claims(t)
        for number, level in enumerate(self.setting.agreed.levels, start=1):
            for line in self._lines_of(level):
                paid = self._pay(t, level, number=number, line=line, free=money[line], owed=owed)
                money[line] = money[line] - paid
        free = self._to_share(t, common=common, joins=list(money.values()))
        for number, level in enumerate(self.setting.agreed.levels, start=1):
            if not self._lines_of(level):
                free = free - self._pay(t, level, number=number, line=COMMON, free=free, owed=owed)
        self._after(t, owed=owed)
        self._left(t, free=free)

    def _lines_of(self, level: tuple[str, ...]) -> tuple[str, ...]:
        first = level[0]
        return () if first == COSTS else self.setting.agreed.tranches[split(first)[0]].paid_from

    def _line(self, line: str, t: int) -> Formula:
        """Write what a line pays that some tranche alone is paid from."""
        each = self.setting
        parts = [column.at(t) for (name, _), column in each.payments.paid.items() if name == line]
        return each.lines.put(
            f"line.{line}", t, added(parts), title=words.of(words.LINE_PAID, line)
        )

    def _less_set_off(self, line: str, t: int, *, paid: Formula) -> Formula:
        """Return what is left of a line after set-off, which is written where there is any."""
        key = f"set_off.{line}"
        if key not in self.setting.fixed:
            return paid
        title, amount = self._from(words.SET_OFF, line), float(self.setting.fixed[key][t])
        return paid + self.setting.lines.put(key, t, amount, title=title, style="fixed")

    def _common(self, t: int, *, reserved: list[Formula]) -> list[Formula]:
        """Write what all other lines pay and what else comes in; return its parts."""
        each, lines = self.setting, self.setting.lines
        paid = each.payments.total.at(t)
        for line in reserved:
            paid = paid - line
        found = [lines.put("paid_in", t, paid, title=words.PAID_IN)]
        for key, title in (("set_off", words.SET_OFF), ("compensation", words.COMPENSATION)):
            if key in each.fixed:
                amount = float(each.fixed[key][t])
                found.append(lines.put(key, t, amount, title=title, style="fixed"))
        if "unspent_before" in lines.columns:
            spare = lines.at("unspent_before", t) - lines.at("from_unspent", t)
            given_up = lines.at("last", t) * largest(0, spare - lines.at("later", t))
            found.append(lines.put("given_up", t, given_up, title=words.GIVEN_UP))
            lines.put("unspent", t, spare - found[-1], title=words.UNSPENT)
        return found

    def _to_share(self, t: int, *, common: list[Formula], joins: list[Formula]) -> Formula:
        """Write the money that goes down the claims on the common money."""
        lines = self.setting.lines
        held = lines.before("held", t)
        if "from_held" in lines.columns:
            held = held - lines.at("from_held", t)
        money = added([*common, *joins, held] if t else [*common, *joins])
        if self.setting.agreed.recycle:
            money = where(lines.at("open", t), money, 0)
        return lines.put("to_share", t, money, title=words.TO_SHARE, note=words.TO_SHARE_NOTE)

    def _claims(self, t: int) -> dict[str, Formula]:
        """Write what every claim has grown to."""
        owed = {}
        for name, tranche in self.setting.agreed.tranches.items():
            if tranche.is_investment:
                owed[f"{name}.principal"] = self._before(
                    t,
                    name,
                    "principal",
                    self._open(t, name, "principal") + self.setting.lines.at(f"drawn.{name}", t),
                )
            if tranche.return_cap:
                owed[f"{name}.return"] = self._before(
                    t, name, "return", self._return(t, name, tranche, owed[f"{name}.principal"])
                )
            if tranche.coupon:
                owed[f"{name}.coupon"] = self._before(
                    t, name, "coupon", self._coupon(t, name, tranche, owed[f"{name}.principal"])
                )
            if tranche.fee:
                owed[f"{name}.fee"] = self._before(t, name, "fee", self._fee(t, name, tranche))
        return owed

    def _open(self, t: int, name: str, part: str) -> Formula:
        return self.setting.lines.before(f"{part}.after.{name}", t)

    def _before(self, t: int, name: str, part: str, amount: Formula) -> Formula:
        title = words.of(words.BEFORE[part], name)
        note = words.BEFORE_NOTE[part]
        return self.setting.lines.put(f"{part}.before.{name}", t, amount, title=title, note=note)

    def _return(self, t: int, name: str, tranche: Tranche, principal: Formula) -> Formula:
        opened, earns = self._open(t, name, "return"), self.setting.terms.earns[name]
        basis = tranche.return_cap.basis if tranche.return_cap else None
        if basis == "multiple":
            return opened + self.setting.lines.at(f"drawn.{name}", t) * earns
        earning = principal if basis == "simple" else opened + principal
        return opened + self.setting.lines.at("open", t) * earning * earns

    def _coupon(self, t: int, name: str, tranche: Tranche, principal: Formula) -> Formula:
        each, coupon = self.setting, tranche.coupon
        assert coupon is not None  # noqa: S101 - asked only of tranches with one
        until = None
        if coupon.until is not None:
            until = each.live.inputs[f"{path_of(name)}.coupon.until"]
        cell = each.terms.coupon[name]
        rate = coupon_rate(coupon, cell, t, until=until, periods=each.periods)
        opened = self._open(t, name, "coupon")
        earning = principal if coupon.basis == "simple" else opened + principal
        return opened + each.lines.at("open", t) * earning * rate

    def _fee(self, t: int, name: str, tranche: Tranche) -> Formula:
        each = self.setting
        assert tranche.fee is not None  # noqa: S101 - asked only of tranches with one
        ends = each.standing.ends
        earned = fee_earned(each.live, name, tranche.fee, t, periods=each.periods, ends=ends)
        most = each.terms.commitment[name] - each.lines.so_far(f"earned.{name}", t)
        title = words.of(words.EARNED, name)
        cell = each.lines.put(f"earned.{name}", t, smallest(earned, most), title=title)
        return self._open(t, name, "fee") + each.lines.at("open", t) * cell

    def _pay(
        self,
        t: int,
        level: tuple[str, ...],
        *,
        number: int,
        line: str,
        free: Formula,
        owed: dict[str, Formula],
    ) -> Formula:
        """Write what the claims of a rank are paid out of some money; return it in all."""
        if self.setting.agreed.is_unlimited(level[0]):
            due = [
                total(self.setting.lines.columns[f"drawn.{split(claim)[0]}"].up_to(t))
                for claim in level
            ]
        else:
            due = [self._due(t, claim, owed=owed) for claim in level]
        whole = added(due)
        if self.setting.agreed.is_unlimited(level[0]):
            goes = where(whole > 0, free, 0)
        else:
            goes = smallest(free, whole)
        if len(level) == 1:
            return self._paid(t, level[0], goes, line=line, owed=owed)
        title = self._from(words.of(words.RANK_PAID, str(number)), line)
        goes = self.setting.lines.put(f"rank.{number}.{line}", t, goes, title=title)
        for claim, each in zip(level, due, strict=True):
            share = where(whole > 0, goes * each / whole, 0)
            self._paid(t, claim, share, line=line, owed=owed)
        return goes

    def _due(self, t: int, claim: str, *, owed: dict[str, Formula]) -> Formula:
        """Return what a claim can take now."""
        if claim == COSTS:
            lines = self.setting.lines
            later = lines.at("later", t)
            return (
                largest(0, later - lines.at("unspent", t)) if "unspent" in lines.columns else later
            )
        name, part = split(claim)
        if part == "coupon" and f"{name}.return" in owed:
            return smallest(owed[claim], owed[f"{name}.return"])
        return owed[claim]

    def _paid(
        self, t: int, claim: str, amount: Formula, *, line: str, owed: dict[str, Formula]
    ) -> Formula:
        """Write what one claim is paid, and take it from what is owed."""
        key = f"paid.{claim}.{line}"
        if claim == COSTS:
            return self.setting.lines.put(key, t, amount, title=words.SET_ASIDE)
        name, part = split(claim)
        title = self._from(words.of(words.PAID[part], name), line)
        cell = self.setting.lines.put(key, t, amount, title=title, note=words.PAID_NOTE)
        if not t:
            self.paid_columns.setdefault(claim, []).append(key)
        if claim in owed:
            owed[claim] = owed[claim] - cell
        if part == "coupon" and f"{name}.return" in owed:
            owed[f"{name}.return"] = owed[f"{name}.return"] - cell
        return cell

    def _from(self, title: Words, line: str) -> Words:
        if line == COMMON:
            return title
        return Words(
            da=words.of(words.FROM_LINE, title.da or "", line).da,
            en=words.of(words.FROM_LINE, title.en or "", line).en,
        )

    def _after(self, t: int, *, owed: dict[str, Formula]) -> None:
        for claim, amount in owed.items():
            name, part = split(claim)
            title = words.of(words.AFTER[part], name)
            self.setting.lines.put(f"{part}.after.{name}", t, amount, title=title)

    def _left(self, t: int, *, free: Formula) -> None:
        """Write what is left after all claims, what of it is released and what stays held."""
        lines, agreed = self.setting.lines, self.setting.agreed
        left = lines.put("left", t, free, title=words.LEFT)
        released = left if agreed.surplus_at == "as_it_arises" else lines.at("last", t) * left
        surplus = lines.put("surplus", t, released, title=words.SURPLUS, note=words.SURPLUS_NOTE)
        held = left - surplus
        if COSTS in {claim for level in agreed.levels for claim in level}:
            held = held + lines.at(f"paid.{COSTS}.{COMMON}", t)
        if agreed.recycle:
            kept = lines.before("held", t) - lines.at("from_held", t)
            held = where(lines.at("open", t), held, kept)
        lines.put("held", t, held, title=words.HELD)
