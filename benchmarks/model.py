"""The deployment under load, by arithmetic: `python -m benchmarks.model` prints the tables of docs/explanation.

Its input are processor times that `make bench` measures, the exact numbers of statements and requests that
tests/integration/test_budgets.py holds, the settings of this repository, and guesses of how long AWS takes, marked
as such. A test compares it with a simulation of arrivals.
"""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from benchmarks import prices
from benchmarks.environments import REPOSITORY
from benchmarks.table import format_markdown
from infra import template_reader
from infra.gateway import REQUESTS_PER_SECOND

RATES = (10, 100, 1_000, 10_000)
"""Uploads per second."""

CORES = 1024 / 1769
"""Of a function with 1024 MB. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
MEMORY_GB = 1.0

STATEMENT = 0.0025
"""Seconds of a statement with its commit and the way to the database. A guess, and so are the next two."""
PUT = 0.040
GET = 0.020


@dataclass(frozen=True)
class Work:
    """What one call does."""

    processor: float
    """Seconds of one core."""
    statements: float
    commits: float
    """Those of the statements that write."""
    puts: float = 0
    gets: float = 0

    @property
    def seconds(self) -> float:
        """How long it occupies a function."""
        waiting = self.statements * STATEMENT + self.puts * PUT + self.gets * GET
        return self.processor / CORES + waiting


UPLOAD = Work(processor=0.002, statements=2, commits=2, puts=1)
READ = Work(processor=0.002, statements=1, commits=0)
PROCESS = Work(processor=0.068, statements=2, commits=2, puts=0.6, gets=3.7)
"""The processor's time is the mean of the kinds of files that docs/explanation/costs.md assumes: most of it is
thumbnails and the libraries that read PDFs and films."""

READS = 3.1
"""Other requests of the API for each upload: two that show or list it, half a download, 0.6 thumbnails."""
DOWNLOADS = 1.1
"""GETs of clients for each upload, of the content and of thumbnails."""
LOG_BYTES = 1000
"""Of each invocation."""


@dataclass(frozen=True)
class Database:
    """A class of database instances."""

    name: str
    hourly: float
    """US dollars. The first is looked up; the others are a guess that Amazon's calculator has to confirm."""
    processors: int
    commits: int
    """Per second that it takes: a guess."""


DATABASES = (
    Database("db.t4g.micro", 0.016, 2, 1_000),
    Database("db.m7g.large", 0.168, 2, 5_000),
    Database("db.m7g.4xlarge", 1.344, 16, 10_000),
)


@dataclass(frozen=True)
class Limit:
    """Something that the deployment has so much of, as it is deployed."""

    name: str
    available: float
    needed: float
    setting: str
    """What moves it."""

    @property
    def utilisation(self) -> float:
        """How many times what is available is needed."""
        return self.needed / self.available


@dataclass(frozen=True)
class Load:
    """What so many uploads per second need. Little's law: concurrency is rate by duration."""

    rate: float

    @property
    def api_requests(self) -> float:
        """Requests of the API per second."""
        return self.rate * (1 + READS)

    @property
    def routes(self) -> float:
        """Containers of `api_handler` that are busy at once."""
        return self.rate * (UPLOAD.seconds + READS * READ.seconds)

    @property
    def workers(self) -> float:
        """Containers of `process_upload` that are busy at once."""
        return self.rate * PROCESS.seconds

    @property
    def commits(self) -> float:
        """Commits per second."""
        return self.rate * (UPLOAD.commits + READS * READ.commits + PROCESS.commits)

    @property
    def statements(self) -> float:
        """Statements per second."""
        return self.rate * (UPLOAD.statements + READS * READ.statements + PROCESS.statements)

    @property
    def busy_connections(self) -> float:
        """Connections from the proxy to the database that run a statement at once."""
        return self.statements * STATEMENT

    @property
    def puts(self) -> float:
        """PUTs of S3 per second."""
        return self.rate * (UPLOAD.puts + PROCESS.puts)

    @property
    def gets(self) -> float:
        """GETs of S3 per second, those of clients included."""
        return self.rate * (PROCESS.gets + DOWNLOADS)

    def limits(self) -> list[Limit]:
        """Return all limits, the one that is reached first at the beginning."""
        concurrency = reserved_concurrency()
        limits = [
            Limit(
                "busy `process_upload`",
                concurrency["process_upload"],
                self.workers,
                "`reserved_concurrency` in `.chalice/config.json`",
            ),
            Limit(
                "busy `api_handler`",
                concurrency["api_handler"],
                self.routes,
                "`reserved_concurrency` in `.chalice/config.json`",
            ),
            Limit(
                "API requests/s",
                REQUESTS_PER_SECOND,
                self.api_requests,
                "`REQUESTS_PER_SECOND` in `infra/gateway.py`",
            ),
            Limit(
                "commits/s",
                DATABASES[0].commits,
                self.commits,
                "`AllocatedStorage` and `InstanceClass` in `infra/stages.toml`",
            ),
            Limit(
                "busy connections",
                proxy_connections(),
                self.busy_connections,
                "`MaxConnections` in `infra/stages.toml`",
            ),
            Limit("S3 PUT/s of a prefix", 3_500, self.puts, "nothing: S3 splits busy prefixes"),
            Limit("S3 GET/s of a prefix", 5_500, self.gets, "nothing: S3 splits busy prefixes"),
        ]
        return sorted(limits, key=lambda limit: -limit.utilisation)

    def database(self) -> tuple[int, Database]:
        """Return how many databases of which class take the commits."""
        smallest = next((found for found in DATABASES if found.commits >= self.commits), DATABASES[-1])
        return math.ceil(self.commits / smallest.commits), smallest

    def costs(self) -> dict[str, float]:
        """Return US dollars for a million files by service, without storage and outgoing data."""
        million = 1_000_000
        requests = million * (1 + READS)
        route_seconds = million * (UPLOAD.seconds + READS * READ.seconds)
        count, database = self.database()
        hourly = count * (database.hourly + prices.PROXY_HOUR * max(2, database.processors) + prices.STORAGE_HOUR)
        return {
            "API Gateway": requests * prices.API_REQUEST,
            "S3, PUT": million * (UPLOAD.puts + PROCESS.puts) * prices.S3_PUT,
            "S3, GET": million * (PROCESS.gets + DOWNLOADS) * prices.S3_GET,
            "Lambda, processing": million
            * (prices.LAMBDA_REQUEST + PROCESS.seconds * MEMORY_GB * prices.LAMBDA_GB_SECOND),
            "Lambda, routes": requests * prices.LAMBDA_REQUEST
            + route_seconds * MEMORY_GB * prices.LAMBDA_GB_SECOND,
            "logs": (requests + million) * LOG_BYTES / 1e9 * prices.LOG_GB,
            "database and proxy": hourly * million / self.rate / 3600,
        }


@cache
def reserved_concurrency() -> Mapping[str, int]:
    """Return the concurrency of each function of the stage `prod`."""
    functions = json.loads((REPOSITORY / ".chalice" / "config.json").read_text())["stages"]["prod"][
        "lambda_functions"
    ]
    return {
        name: value["reserved_concurrency"] for name, value in functions.items() if "reserved_concurrency" in value
    }


@cache
def proxy_connections() -> int:
    """Return how many connections to the database RDS Proxy may open, as the template has it."""
    template = template_reader.read("database")
    pool = template["Resources"]["ProxyTargets"]["Properties"]["ConnectionPoolConfigurationInfo"]
    return int(template["Parameters"]["MaxConnections"]["Default"]) * int(pool["MaxConnectionsPercent"]) // 100


def format_load() -> str:
    """Return the table of what each rate needs, in Markdown."""
    rows = []
    for load in map(Load, RATES):
        busy = [load.routes, load.workers, load.busy_connections]
        figures = [load.api_requests, *busy, load.commits, load.puts, load.gets]
        exceeded = [f"{limit.name} × {limit.utilisation:.1f}" for limit in load.limits() if limit.utilisation > 1]
        rows.append([f"{load.rate:,}", *map(_format, figures), ", ".join(exceeded) or "nothing"])
    names = ["`api_handler`", "`process_upload`", "connections", "commits/s", "PUT/s", "GET/s", "exceeded"]
    return format_markdown(["uploads/s", "API requests/s", *names], rows)


def format_limits() -> str:
    """Return the table of the uploads per second at which each limit is reached, in Markdown."""
    rows = [
        [limit.name, f"{limit.available:,.0f}", f"{limit.available / limit.needed:,.0f}", limit.setting]
        for limit in Load(1).limits()
    ]
    return format_markdown(["limit", "as deployed", "reached at uploads/s", "what moves it"], rows)


def format_costs() -> str:
    """Return the table of the cost of a million files at each rate, in Markdown."""
    costs = [Load(rate).costs() for rate in RATES]
    rows = [[name, *(f"{of_rate[name]:.2f}" for of_rate in costs)] for name in costs[0]]
    rows.append(["**in all**", *(f"**{sum(of_rate.values()):.2f}**" for of_rate in costs)])
    return format_markdown(["$ for a million files", *(f"{rate:,} uploads/s" for rate in RATES)], rows)


def _format(figure: float) -> str:
    return f"{figure:,.1f}" if figure < 10 else f"{figure:,.0f}"


def main() -> int:
    """Print the tables."""
    print(format_load(), format_limits(), format_costs(), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
