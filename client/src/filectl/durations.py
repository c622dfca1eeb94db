"""Durations as people write them: `90d`, `12h`."""

import re
from typing import Any

import click

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


class Duration(click.ParamType[int]):
    """A whole number and a unit, as a number of seconds."""

    name = "duration"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> int:
        found = re.fullmatch(r"([0-9]+)([smhd])", str(value))
        if not found:
            self.fail(f"{value!r} isn't a number with s, m, h or d, such as 90d.", parameter, context)
        return int(found[1]) * SECONDS[found[2]]
