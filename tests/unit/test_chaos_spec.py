"""What `--chaos` takes, and what it says to the rest."""

from argparse import ArgumentTypeError

import pytest

from chaos.spec import DEFAULTS, HIGHEST, Spec, parse
from emulator.__main__ import main


def test_only_what_is_named_happens() -> None:
    assert parse("seed=7,drop=0.05,kill=2") == Spec(seed=7, drop=0.05, kill=2)


@pytest.mark.parametrize("text", ["", "seed=7"])
def test_all_of_it_where_nothing_is_named(text: str) -> None:
    assert {name: value for name, value in parse(text).given() if name != "seed"} == DEFAULTS


def test_each_fault_has_a_default_and_a_highest_value() -> None:
    assert DEFAULTS.keys() == HIGHEST.keys() == vars(Spec(seed=0)).keys() - {"seed"}


def test_a_seed_is_chosen_and_told() -> None:
    spec = parse("drop=1")
    assert parse(str(spec)) == spec
    assert len({parse("drop=1").seed for _ in range(10)}) > 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("drops=1", "'drops' is no fault; there are seed, duplicate, reorder"),
        ("drop", "drop is a number from 0 to 1, not ''"),
        ("drop=", "drop is a number from 0 to 1, not ''"),
        ("drop=a", "drop is a number from 0 to 1, not 'a'"),
        ("drop=1.5", "drop is a number from 0 to 1, not '1.5'"),
        ("drop=-0.1", "drop is a number from 0 to 1, not '-0.1'"),
        ("drop=nan", "drop is a number from 0 to 1, not 'nan'"),
        ("postgres=inf", "postgres is a number from 0 to 20, not 'inf'"),
        ("s3_outage=60", "s3_outage is a number from 0 to 50, not '60'"),
        ("drop=1,drop=1", "drop is there twice"),
        ("drop=1,", "'' is no fault"),
        ("seed=-1", "seed is a whole number from 0 on, not '-1'"),
        ("seed=x", "seed is a whole number from 0 on, not 'x'"),
        ("drop=0,kill=0", "every fault is 0"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ArgumentTypeError):
        parse(text)
    with pytest.raises(SystemExit) as ended:
        main(["--chaos", text])
    assert ended.value.code == 2
    assert f"argument --chaos: {says}" in capsys.readouterr().err


def test_a_purpose_has_random_numbers_of_its_own() -> None:
    spec = Spec(seed=7)
    again = Spec(seed=7, drop=1)
    assert spec.random("kill").random() == again.random("kill").random()
    assert spec.random("kill").random() != spec.random("s3").random()
    assert spec.random("kill").random() != Spec(seed=8).random("kill").random()
