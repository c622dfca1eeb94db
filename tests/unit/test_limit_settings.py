"""The settings of limits, of the stage and of single owners."""

import json
import re
from typing import Any

import pytest

from chalicelib.core.limits.build_limits import NAMES, build_limits
from chalicelib.core.limits.model import Limits, Quotas
from chalicelib.settings import MAX_OBJECT_BYTES, InvalidSettingError, from_environ
from chalicelib.settings.limits import OWN_LIMITS


def limits(by_owner: Any = None, **environ: str) -> Limits:
    settings = from_environ(environ | {"OWNER_LIMITS": json.dumps(by_owner) if by_owner else ""})
    return build_limits({name: getattr(settings, name) for name in NAMES}, settings.owner_limits)


def test_an_owner_can_have_each_limit_of_the_stage() -> None:
    assert set(OWN_LIMITS) == set(NAMES)


def test_without_settings_only_s3_limits_files() -> None:
    everyone = limits().of("anyone")
    assert (everyone.max_file_bytes, everyone.quotas, everyone.requests_per_minute) == (
        MAX_OBJECT_BYTES,
        Quotas(),
        None,
    )
    assert (everyone.allowed_types, everyone.denied_types) == ((), ())


def test_an_owner_has_the_limits_of_the_stage_except_his_own() -> None:
    both = limits(
        {"alice": {"max_files": 20, "max_file_bytes": 5, "allowed_types": ["Image/*"], "requests_per_minute": 7}},
        MAX_FILES="10",
        MAX_STORED_BYTES="1000",
        ALLOWED_TYPES="application/pdf  IMAGE/png application/pdf",
        DENIED_TYPES="text/html",
    )
    bob, alice = both.of("bob"), both.of("alice")
    assert (bob.quotas, alice.quotas) == (
        Quotas(max_files=10, max_stored_bytes=1000),
        Quotas(max_files=20, max_stored_bytes=1000),
    )
    assert (bob.max_file_bytes, alice.max_file_bytes) == (MAX_OBJECT_BYTES, 5)
    assert (bob.allowed_types, alice.allowed_types) == (("application/pdf", "image/png"), ("image/*",))
    assert bob.denied_types == alice.denied_types == ("text/html",)
    assert (bob.requests_per_minute, alice.requests_per_minute) == (None, 7)


def test_null_is_no_limit_for_an_owner() -> None:
    stage = {"max_files": 1, "max_stored_bytes": 1, "max_files_per_day": 1, "max_bytes_per_day": 1}
    stage |= {"requests_per_minute": 1, "max_file_bytes": 1}
    environ = {name.upper(): str(value) for name, value in stage.items()} | {
        "ALLOWED_TYPES": "text/*",
        "DENIED_TYPES": "text/html",
    }
    both = limits({"alice": dict.fromkeys(NAMES)}, **environ)
    assert both.of("alice") == limits().of("anyone")
    assert both.of("bob") != limits().of("anyone")


def test_a_quota_may_be_0() -> None:
    both = limits({"alice": {"max_files": 0}}, MAX_STORED_BYTES="0")
    assert both.of("alice").quotas == Quotas(max_files=0, max_stored_bytes=0)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MAX_FILES", "-1", "MAX_FILES must be an integer from 0 to 9223372036854775807, got '-1'"),
        ("MAX_FILES", "ten", "MAX_FILES must be an integer from 0 to 9223372036854775807, got 'ten'"),
        ("MAX_STORED_BYTES", str(2**63), f"MAX_STORED_BYTES must be an integer from 0 to {2**63 - 1}"),
        ("MAX_FILES", "9" * 5000, "MAX_FILES must be an integer from 0 to"),
        ("REQUESTS_PER_MINUTE", "0", "REQUESTS_PER_MINUTE must be at least 1"),
        ("ALLOWED_TYPES", "image", "ALLOWED_TYPES must have media types such as image/png or image/*"),
        ("ALLOWED_TYPES", "*/*", "got '*/*'"),
        ("DENIED_TYPES", "text/plain;charset=utf-8", "without parameters; got 'text/plain;charset=utf-8'"),
        ("OWNER_LIMITS", "alice", "OWNER_LIMITS must be a JSON object: Expecting value"),
        ("OWNER_LIMITS", "[1]", 'OWNER_LIMITS must be a JSON object, such as {"alice": {"max_files": 10}}'),
        ("OWNER_LIMITS", '{"a": 1}', """OWNER_LIMITS: 'a' must have limits, such as {"max_files": 10}"""),
        ("OWNER_LIMITS", '{" a": {}}', "OWNER_LIMITS: an owner's name must have 1 to 128 printable characters"),
        ("OWNER_LIMITS", '{"a/b": {}}', "OWNER_LIMITS: an owner's name must have 1 to 128 printable characters"),
        (
            "OWNER_LIMITS",
            '{"a": {"files": 1}}',
            "OWNER_LIMITS: 'a' has 'files', which isn't one of max_file_bytes,",
        ),
        ("OWNER_LIMITS", '{"a": {"max_files": "1"}}', "OWNER_LIMITS: 'a': max_files must be an integer from 0"),
        ("OWNER_LIMITS", '{"a": {"max_files": true}}', "OWNER_LIMITS: 'a': max_files must be an integer from 0"),
        ("OWNER_LIMITS", '{"a": {"max_files": 1.5}}', "OWNER_LIMITS: 'a': max_files must be an integer from 0"),
        ("OWNER_LIMITS", '{"a": {"max_file_bytes": 0}}', "OWNER_LIMITS: 'a': max_file_bytes must be from 1 to"),
        ("OWNER_LIMITS", '{"a": {"requests_per_minute": 0}}', "'a': requests_per_minute must be at least 1"),
        (
            "OWNER_LIMITS",
            '{"a": {"denied_types": "image/*"}}',
            """'a': denied_types must be a list such as ["image""",
        ),
        ("OWNER_LIMITS", '{"a": {"allowed_types": [1]}}', "'a': allowed_types must be a list"),
        ("OWNER_LIMITS", '{"a": {}, "a": {}}', "OWNER_LIMITS must be a JSON object: 'a' is there twice"),
        ("OWNER_LIMITS", '{"a": {"max_files": 1, "max_files": 2}}', "'max_files' is there twice"),
    ],
)
def test_invalid_limits_are_errors_that_say_what_is_valid(name: str, value: str, message: str) -> None:
    with pytest.raises(InvalidSettingError, match=re.escape(message)):
        from_environ({name: value})
