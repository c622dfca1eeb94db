"""Read type annotations: the markers and limits that `Annotated` adds, and None as an alternative."""

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin


def metadata_of(annotation: Any) -> tuple[Any, ...]:
    """Return what `Annotated` adds to the type: inside of `Annotated[…] | None`, too."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return (*metadata_of(inner), *metadata)
    members = [each for each in alternatives(annotation) if each is not NoneType]
    return metadata_of(members[0]) if len(members) == 1 and members[0] is not annotation else ()


def without_none(annotation: Any) -> Any:
    """Return the type without None, with its metadata: `Annotated[int, …]` for `Annotated[int | None, …]`."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        required = without_none(inner)
        return annotation if required is inner else Annotated[(required, *metadata)]
    if _is_union(annotation):
        return Union[tuple(without_none(each) for each in get_args(annotation) if each is not NoneType)]  # noqa: UP007  # of a computed number
    return annotation


def can_be_none(annotation: Any) -> bool:
    """Return whether None is one of the type's alternatives."""
    if get_origin(annotation) is Annotated:
        return can_be_none(get_args(annotation)[0])
    return _is_union(annotation) and NoneType in get_args(annotation)


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union; the type itself if it is none."""
    return get_args(annotation) if _is_union(annotation) else (annotation,)


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in {UnionType, Union}
