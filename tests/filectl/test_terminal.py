"""What filectl shows on a terminal of 80 columns, and elsewhere."""

import re
import time
from pathlib import Path

import pytest

from tests.client.fake_messages import Request, reply
from tests.client.fake_service import FakeService
from tests.client.faults import fail
from tests.filectl.command import Filectl
from tests.filectl.terminal import run_on_terminal, visible_lines


def delay_parts(request: Request) -> None:
    if request.method == "PUT":
        time.sleep(0.15)


@pytest.mark.usefixtures("user")
def test_an_upload_shows_a_bar_and_a_table(service: FakeService) -> None:
    service.part_size = 50
    service.faults.append(delay_parts)
    name = "a-name-that-is-too-long-for-the-table.bin"
    Path(name).write_bytes(bytes(500))
    status, sent = run_on_terminal("upload", name, "--url", service.url)
    assert status == 0
    lines = visible_lines(sent)
    assert any(
        re.search(r"^a-name-that-i…able\.bin ━.+ \d\d% \d+/500 bytes .+ bytes/s \d\d:\d\d", line) for line in lines
    ), lines
    assert "ID                                    STATUS          SIZE  NAME" in lines
    assert "upload-1                              uploaded   500 bytes  a-name-that-is-too-…" in lines
    assert "\x1b[?25l" in sent  # the cursor is hidden while there is a bar
    assert sent.rindex("\x1b[?25h") > sent.rindex("\x1b[?25l")
    assert max(map(len, lines)) <= 80


@pytest.mark.usefixtures("user")
def test_a_quiet_upload_shows_no_bar(service: FakeService) -> None:
    Path("a").write_bytes(b"x")
    status, sent = run_on_terminal("upload", "a", "--quiet", "--url", service.url)
    assert (status, len(visible_lines(sent))) == (0, 2)
    assert "\x1b" not in sent


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.usefixtures("user")
def test_a_list_fits_into_the_terminal(service: FakeService, filectl: Filectl, columns: int) -> None:
    filectl.url = service.url
    Path("x" * 100).write_bytes(b"x")
    [file] = filectl("upload", "x" * 100, "--json").json
    listed = file | {"id": "01a220c4-68d1-73f6-8633-14ed4af83b19", "status": "awaiting_upload"}
    service.faults.append(fail(reply(200, [listed]), "GET", "/api/files/?"))
    status, sent = run_on_terminal("ls", "--url", service.url, columns=columns)
    [title, line] = visible_lines(sent)
    assert status == 0
    assert line.startswith("01a220c4-68d1-73f6-8633-14ed4af83b19  awaiting_upload     1 byte")
    assert line.endswith("xxx…")
    assert len(line) == columns
    assert ("UPLOADED" in title, "TYPE" in title) == (columns >= 100, columns >= 124)


def test_elsewhere_there_are_no_control_codes(service: FakeService, filectl: Filectl) -> None:
    filectl.url = service.url
    Path("a").write_bytes(b"x")
    result = filectl("upload", "a")
    assert (result.out, result.err) == ("upload-1\tuploaded\t1\ta\n", "")
