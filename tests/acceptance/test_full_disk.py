"""A full disk: uploads are refused, what was accepted is kept, and nothing has to be restarted."""

from pathlib import Path

import pytest
import requests

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import start_emulator
from tests.small_disk import small_disk

MIB = 1024 * 1024
CONTENT = b"x" * MIB


def refused(client: Client) -> bool:
    """Upload a file and return whether it was refused for lack of space."""
    response = requests.post(f"{client.base_url}/api/upload/", files={"file": ("f", CONTENT)}, timeout=30)
    assert response.status_code in {201, 507}, response.text
    assert response.status_code == 201 or response.json()["error"] == "insufficient_storage"
    return response.status_code == 507


@pytest.mark.slow(12)
def test_uploads_to_a_full_disk_are_refused_and_no_file_is_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=300m") as disk:
        data = tmp_path / "disk" / "data"
        with start_emulator(data, disk=disk) as emulator:
            client = Client(emulator.url)
            disk.fill(leave=68 * MIB)
            refusals = [refused(client) for _ in range(10)]
            assert refusals == sorted(refusals)
            assert (refusals[0], refusals[-1]) == (False, True)
            health = requests.get(f"{client.base_url}/api/health", timeout=10)
            assert (health.status_code, health.json()["storage"], health.json()["database"]) == (503, "full", "ok")
            accepted = client.files()
            assert len(accepted) == refusals.count(False)
            disk.empty()
            assert not refused(client)
            assert requests.get(f"{client.base_url}/api/health", timeout=10).status_code == 200
            for file in client.files():
                client.wait_until_terminal(file["id"])
            for process in emulator.descendants():
                process.kill()
            emulator.process.kill()
        with start_emulator(data, disk=disk) as emulator:
            client = Client(emulator.url)
            for file in client.files():
                assert file["status"] == "processed"
                assert client.download(file).content == CONTENT
            assert len(client.files()) == len(accepted) + 1
