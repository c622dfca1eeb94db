"""Functions that raise errors in every way that the code does, for the test of what is computed from sources."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from chalicelib.core.errors import (
    FILE_NOT_FOUND,
    INVALID_NAME,
    NO_THUMBNAIL,
    NOT_UPLOADED,
    ErrorKind,
    ObjectMissingError,
    ServiceError,
)
from chalicelib.core.storage import Storage

log = logging.getLogger(__name__)


class Names(Protocol):
    def check(self) -> None: ...

    def find_by_name(self) -> None: ...


class Form:
    def __init__(self, name: str) -> None:
        if not name:
            raise ServiceError(INVALID_NAME, reason="it is empty")
        self.part = Part()

    @property
    def thumbnail(self) -> str:
        raise ServiceError(NO_THUMBNAIL)


class Part:
    def read(self) -> None:
        raise ServiceError(NOT_UPLOADED)


def raise_here() -> None:
    raise ServiceError(FILE_NOT_FOUND)


def call() -> None:
    raise_here()


def raise_result() -> None:
    raise _not_found()


def _not_found() -> ServiceError:
    return ServiceError(FILE_NOT_FOUND)


def make_without_raising() -> str:
    return ServiceError(FILE_NOT_FOUND).message


def catch() -> None:
    try:
        raise_here()
    except ServiceError:
        raise ServiceError(NO_THUMBNAIL) from None


def catch_a_subclass_only() -> None:
    try:
        raise_here()
        _raise_missing()
    except ObjectMissingError:
        log.info("caught")


def _raise_missing() -> None:
    raise ObjectMissingError


def catch_another() -> None:
    try:
        raise_here()
    except (KeyError, ValueError):
        log.info("caught")


def raise_again() -> None:
    try:
        raise_here()
    except ServiceError as error:
        if error.kind is NO_THUMBNAIL:
            return
        raise


def raise_by_name() -> None:
    try:
        raise_here()
    except Exception as error:
        log.info("caught")
        raise error from None


def ignore() -> None:
    with suppress(ServiceError):
        raise_here()


def make_form() -> Form:
    return Form("a.txt")


def use_property() -> str:
    return make_form().thumbnail


def use_field(form: "Form | None") -> None:
    assert form
    part = form.part
    part.read()


def use_port(storage: Storage) -> None:
    storage.check()


def pass_on() -> None:
    call_argument(raise_here)


def pass_on_to_who_catches() -> None:
    call_argument_carefully(action=raise_here)


def pass_on_to_a_library() -> list[None]:
    return list(map(_raise_for, [1]))


def _raise_for(_: int) -> None:
    raise ServiceError(FILE_NOT_FOUND)


def call_argument(action: Callable[[], None]) -> None:
    action()


def call_argument_carefully(action: Callable[[], None]) -> None:
    try:
        action()
    except ServiceError:
        log.info("caught")


def call_each_other(depth: int) -> None:
    if depth:
        _call_back(depth - 1)


def _call_back(depth: int) -> None:
    call_each_other(depth)
    raise_here()


def raise_something(kind: ErrorKind) -> None:
    raise ServiceError(kind)


def use_port_without_adapter(names: Names) -> None:
    names.find_by_name()
