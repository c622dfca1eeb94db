"""The model of the deployment under load: its arithmetic against a simulation, and totals against their parts."""

import re
from pathlib import Path

import pytest

from benchmarks import model, prices
from benchmarks.model import PROCESS, RATES, UPLOAD, Load
from tests.unit.queue_simulation import simulate

DOCS = Path(__file__).parents[2] / "docs" / "explanation"


@pytest.mark.parametrize("rate", [20, 200])
def test_concurrency_is_what_a_simulation_of_arrivals_has_on_average(rate: int) -> None:
    """Little's law, which needs no assumption about how arrivals and durations are distributed."""
    average, waiting = simulate(rate, 4000 / rate**0.5, 10_000, PROCESS.seconds)
    assert average == pytest.approx(Load(rate).workers, rel=0.03)
    assert waiting == 0


def test_beyond_a_limit_the_queue_grows_by_what_is_too_much() -> None:
    seconds, workers = 60, 20
    capacity = workers / PROCESS.seconds
    rate = 2 * capacity
    _, waiting = simulate(rate, seconds, workers, PROCESS.seconds)
    assert waiting == pytest.approx((rate - capacity) * seconds, rel=0.05)
    [limit] = [limit for limit in Load(rate).limits() if limit.name == "busy `process_upload`"]
    assert limit.utilisation == pytest.approx(rate / capacity)


def test_below_a_limit_nothing_stays_in_the_queue() -> None:
    average, waiting = simulate(0.5 * 20 / PROCESS.seconds, 100, 20, PROCESS.seconds)
    assert average == pytest.approx(10, rel=0.1)
    assert waiting <= 2


@pytest.mark.parametrize("rate", RATES)
def test_totals_are_the_sums_of_their_parts(rate: int) -> None:
    load = Load(rate)
    assert load.commits == rate * (UPLOAD.commits + PROCESS.commits)
    assert load.statements == pytest.approx(load.commits + rate * model.READS)
    assert load.api_requests == pytest.approx(rate + rate * model.READS)
    busy = rate * UPLOAD.seconds + rate * model.READS * model.READ.seconds
    assert load.routes == pytest.approx(busy)
    # of the requests: what a million files cost doesn't depend on how fast they come, but for the database
    costs, slow = load.costs(), Load(1).costs()
    assert {name: cost for name, cost in costs.items() if "database" not in name} == {
        name: cost for name, cost in slow.items() if "database" not in name
    }
    a_second = load.api_requests * prices.API_REQUEST
    assert costs["API Gateway"] == pytest.approx(a_second * 1_000_000 / rate)


def test_what_is_reached_first_has_the_highest_utilisation() -> None:
    for rate in RATES:
        limits = Load(rate).limits()
        assert limits[0].utilisation == max(limit.utilisation for limit in limits)
        assert {limit.name for limit in limits} == {limit.name for limit in Load(1).limits()}


def test_the_documents_have_the_tables_of_the_model() -> None:
    scaling = (DOCS / "scaling.md").read_text()
    for table in (model.format_load(), model.format_limits()):
        assert table in scaling, "python -m benchmarks.model"
    assert model.format_costs() in (DOCS / "costs.md").read_text(), "python -m benchmarks.model"


def test_the_costs_of_a_million_uploads_are_those_of_the_model() -> None:
    """The table of docs/explanation/costs.md, whose lines have names of its own."""
    lines = re.findall(r"^\| ([^|]+?) \|.*\| ([\d.]+) \|$", (DOCS / "costs.md").read_text(), re.MULTILINE)
    documented = {name: float(cost) for name, cost in lines}
    costs = Load(1).costs()
    assert documented["API Gateway requests"] == round(costs["API Gateway"], 2)
    puts = documented["S3 PUT, files"] + documented["S3 PUT, thumbnails"]
    assert puts == pytest.approx(costs["S3, PUT"])
    assert documented["S3 GET"] == round(costs["S3, GET"], 2)
    assert documented["Lambda, processing"] == round(costs["Lambda, processing"], 2)
    assert documented["Lambda, routes"] == round(costs["Lambda, routes"], 2)
    assert documented["logs"] == round(costs["logs"], 2)
