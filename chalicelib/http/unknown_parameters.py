"""Refuse query parameters that a route doesn't have: a misspelled filter would filter nothing."""

from collections.abc import Iterable, Mapping

from chalice.app import Request

from chalicelib.core.errors import ServiceError
from chalicelib.http.declarations import Query, QueryMap
from chalicelib.http.errors import INVALID_PARAMETER
from chalicelib.http.operation import Parameter

SIMILARITY = 0.75
"""Of a misspelled name to the right one, from 0 to 1. Below it are other words: `until` for `limit`."""


def refuse_unknown_and_repeated(parameters: Iterable[Parameter], request: Request) -> None:
    """Raise ServiceError(INVALID_PARAMETER) if the query has a parameter that isn't one of these, or one twice."""
    of_query = [parameter for parameter in parameters if parameter.location == "query"]
    known = {_displayed_name(parameter): parameter for parameter in of_query}
    maps = [parameter.marker for parameter in of_query if isinstance(parameter.marker, QueryMap)]
    if request.query_params is None:
        return
    for name in request.query_params:
        if name not in known and all(each.key_of(name) is None for each in maps):
            raise ServiceError(INVALID_PARAMETER, name=name, reason=_describe_unknown(name, known))
        if len(request.query_params.getlist(name)) > 1:
            raise ServiceError(INVALID_PARAMETER, name=name, reason="must be given only once")


def _describe_unknown(name: str, known: Mapping[str, Parameter]) -> str:
    """Return what the message says of an unknown parameter: the known one that is meant, otherwise all."""
    if not known:
        return "is unknown; this URL has no parameters"
    if meant := _find_closest(name, known):
        return f"is unknown; the closest one is `{meant}`"
    return f"is unknown; this URL has {', '.join(f'`{each}`' for each in known)}"


def _find_closest(name: str, known: Mapping[str, Parameter]) -> str | None:
    """Return the parameter that is misspelled so, or that other APIs call so."""
    from difflib import get_close_matches  # only such an error needs it

    names = {_normalize(other): name for name, parameter in known.items() for other in _names(name, parameter)}
    close = get_close_matches(_normalize(name), names, n=1, cutoff=SIMILARITY)
    return names[close[0]] if close else None


def _displayed_name(parameter: Parameter) -> str:
    """Return the parameter's name, of a map the form of its entries' names: `metadata.KEY`."""
    marker = parameter.marker
    return f"{marker.prefix}KEY{marker.suffix}" if isinstance(marker, QueryMap) else parameter.name


def _names(name: str, parameter: Parameter) -> tuple[str, ...]:
    other_names = parameter.marker.other_names if isinstance(parameter.marker, Query | QueryMap) else ()
    return (name, *other_names)


def _normalize(name: str) -> str:
    """Return the name as it is in every style: `pagesize` for `page_size`, `pageSize`, `page-size`."""
    return name.partition("[")[0].lower().replace("_", "").replace("-", "")
