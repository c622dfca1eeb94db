"""The option `--chaos`: valid values, and the messages for invalid ones."""

from argparse import ArgumentTypeError

import pytest

from chaos.spec import DEFAULTS, MAX_RATES, Spec, parse
from emulator.__main__ import main


def test_only_named_faults_are_injected() -> None:
    assert parse("seed=7,drop=0.05,kill=2") == Spec(seed=7, drop=0.05, kill=2)


@pytest.mark.parametrize("text", ["", "seed=7"])
def test_all_faults_have_defaults_when_none_is_named(text: str) -> None:
    assert {name: value for name, value in parse(text).active_items() if name != "seed"} == DEFAULTS


def test_every_fault_has_a_default_and_a_maximum() -> None:
    assert DEFAULTS.keys() == MAX_RATES.keys() == vars(Spec(seed=0)).keys() - {"seed"}


def test_random_seed_is_part_of_the_text() -> None:
    spec = parse("drop=1")
    assert parse(str(spec)) == spec
    assert len({parse("drop=1").seed for _ in range(10)}) > 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("drops=1", "unknown fault 'drops'; choose from duplicate, reorder"),
        ("drop", "drop must be a number from 0 to 1, got ''"),
        ("drop=", "drop must be a number from 0 to 1, got ''"),
        ("drop=a", "drop must be a number from 0 to 1, got 'a'"),
        ("drop=1.5", "drop must be a number from 0 to 1, got '1.5'"),
        ("drop=-0.1", "drop must be a number from 0 to 1, got '-0.1'"),
        ("drop=nan", "drop must be a number from 0 to 1, got 'nan'"),
        ("postgres=inf", "postgres must be a number from 0 to 20, got 'inf'"),
        ("s3_outage=60", "s3_outage must be a number from 0 to 50, got '60'"),
        ("drop=1,drop=1", "drop is named twice"),
        ("drop=1,", "unknown fault ''"),
        ("seed=-1", "seed must be an integer of 0 or more, got '-1'"),
        ("seed=x", "seed must be an integer of 0 or more, got 'x'"),
        ("drop=0,kill=0", "every fault is 0"),
    ],
)
def test_invalid_option_is_explained(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ArgumentTypeError):
        parse(text)
    with pytest.raises(SystemExit) as exit_info:
        main(["--chaos", text])
    assert exit_info.value.code == 2
    assert f"argument --chaos: {message}" in capsys.readouterr().err


def test_each_purpose_has_its_own_random_numbers() -> None:
    spec = Spec(seed=7)
    again = Spec(seed=7, drop=1)
    assert spec.random("kill").random() == again.random("kill").random()
    assert spec.random("kill").random() != spec.random("s3").random()
    assert spec.random("kill").random() != Spec(seed=8).random("kill").random()
