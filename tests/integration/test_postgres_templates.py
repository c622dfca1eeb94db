"""EmbeddedPostgres copies an initialised data directory, and fills the templates at its first start."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from emulator import postgres
from emulator.postgres import EmbeddedPostgres


def identifier(server: EmbeddedPostgres) -> int:
    """Return the number that initdb gave the data directory; a copy has the same."""
    url = make_url(server.url).set(drivername="postgresql+psycopg2")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return int(connection.execute(text("SELECT system_identifier FROM pg_control_system()")).scalar_one())


@pytest.mark.slow(5)
def test_second_data_directory_is_a_copy_of_the_first(tmp_path: Path) -> None:
    identifiers = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        with EmbeddedPostgres(tmp_path / name, tmp_path / "templates") as server:
            identifiers.append(identifier(server))
    assert identifiers[0] == identifiers[1] != 0
    assert [path.name for path in (tmp_path / "templates").iterdir()] == [postgres._template_name()]


def test_template_is_saved_once_by_concurrent_starts(tmp_path: Path) -> None:
    data, template = tmp_path / "data", tmp_path / "templates" / "one"
    data.mkdir()
    (data / "PG_VERSION").write_text("18")
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(postgres._save_template, data, template) for _ in range(4)]:
            future.result()
    assert (template / "PG_VERSION").read_text() == "18"
    assert [path.name for path in template.parent.iterdir()] == ["one"]
