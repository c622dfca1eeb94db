"""Refuse query parameters that a route doesn't have: a misspelled filter would filter nothing."""

from collections.abc import Iterable, Mapping

from chalice.app import Request

from chalicelib.core.errors import ServiceError
from chalicelib.http.declarations import Query
from chalicelib.http.errors import INVALID_PARAMETER
from chalicelib.http.operation import Parameter

SIMILARITY = 0.75
"""Of a misspelled name to the right one, from 0 to 1. Below it are other words: `until` for `limit`."""


def refuse_unknown_and_repeated(parameters: Iterable[Parameter], request: Request) -> None:
    """Raise ServiceError(INVALID_PARAMETER) if the query has a parameter that isn't one of these, or one twice."""
    of_query = [parameter for parameter in parameters if parameter.location == "query"]
    known = {parameter.name: parameter for parameter in of_query if not parameter.is_map}
    if request.query_params is None:
        return
    for name in request.query_params:
        if name not in known and all(parameter.entry_key(name) is None for parameter in of_query):
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

    names = {_normalize(other): parameter.name for parameter in known.values() for other in _names(parameter)}
    close = get_close_matches(_normalize(name), names, n=1, cutoff=SIMILARITY)
    return names[close[0]] if close else None


def _names(parameter: Parameter) -> tuple[str, ...]:
    other_names = parameter.marker.other_names if isinstance(parameter.marker, Query) else ()
    return (parameter.name, *other_names)


def _normalize(name: str) -> str:
    """Return the name as it is in every style: `pagesize` for `page_size`, `pageSize` and `page-size`."""
    return name.lower().replace("_", "").replace("-", "")
