"""The table of results: rows with ratios within one run, as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One comparison."""

    what: str
    service: float
    """Of this service, in the unit that `what` names."""
    other: float | None
    """Of what it is compared with; None without a comparison."""
    compared_with: str = ""
    target: str = ""
    """The ratio to reach, such as `≤ 0.25`; empty without one."""
    spread: str = ""
    """What the single runs were between, such as `448–655`."""

    @property
    def ratio(self) -> float | None:
        """This service's figure by the other one."""
        return None if not self.other else self.service / self.other

    @property
    def is_reached(self) -> bool | None:
        """Whether the ratio is within the target; None without a target or a comparison."""
        if not self.target or self.ratio is None:
            return None
        sign, limit = self.target.split()
        return self.ratio <= float(limit) if sign == "≤" else self.ratio >= float(limit)


def format_table(rows: Iterable[Row]) -> str:
    """Return the comparisons as a table in Markdown."""
    cells = []
    for row in rows:
        service = format_number(row.service) + (f" ({row.spread})" if row.spread else "")
        other = "–" if row.other is None else f"{row.compared_with} {format_number(row.other)}"
        ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
        reached = {None: "", True: "yes", False: "**no**"}[row.is_reached]
        cells.append([row.what, service, other, ratio, row.target, reached])
    return format_markdown(["what", "this service", "compared with", "ratio", "target", "reached"], cells)


def format_markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def format_number(value: float) -> str:
    """Return a figure with three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values: Iterable[float]) -> str:
    """Return the smallest and the largest figure."""
    found = sorted(values)
    return f"{format_number(found[0])}–{format_number(found[-1])}"
