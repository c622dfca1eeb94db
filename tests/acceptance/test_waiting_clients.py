"""Clients that wait leave the emulator's threads to others."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator

CLIENTS = 50
WAIT_SECONDS = 3
LIMIT = 10
"""MAX_LONG_POLLS by default."""


def test_other_requests_are_fast_while_many_clients_wait(service_emulator: Emulator) -> None:
    client = Client(service_emulator.url)
    file = client.wait_until_terminal(client.upload("waited-for.txt", b"nothing will change").id)
    path = f"/api/files/{file.id}?wait={WAIT_SECONDS}&since={file.version}"

    def poll(_: int) -> tuple[float, bool]:
        begin = time.monotonic()
        response = Client(service_emulator.url).request("GET", path)
        return time.monotonic() - begin, "Retry-After" in response.headers

    with ThreadPoolExecutor(CLIENTS) as pool:
        polls = [pool.submit(poll, number) for number in range(CLIENTS)]
        time.sleep(WAIT_SECONDS / 3)
        times = []
        for _ in range(20):
            begin = time.monotonic()
            client.file(file.id)
            times.append(time.monotonic() - begin)
        assert sum(not poll.done() for poll in polls) == LIMIT, "they no longer wait"
    assert max(times) < 0.5
    refused = [seconds for seconds, is_refused in (poll.result() for poll in polls) if is_refused]
    assert (len(refused), max(refused) < WAIT_SECONDS) == (CLIENTS - LIMIT, True)
