"""Lets MiniStack call a function as soon as its queue has a message, as Lambda does.

MiniStack's thread polls after each message, and at the end of each invocation. It sleeps for 50 ms after a poll
that found nothing, so that a file that is uploaded right after another was processed waits for most of that time.
It also polls streams of Kinesis and DynamoDB, which loads both services. The emulator has only queues:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html

Only MiniStack's process uses this module. It replaces a function of ministack/services/lambda_svc.py (1.5.33).
"""

import logging
from typing import Any

IDLE_SECONDS = 1.0
"""The longest wait between two polls. MiniStack sets no event when a failed message becomes visible again."""

log = logging.getLogger(__name__)


class QueuePolling:
    """Replacement for MiniStack's thread. `lambda_svc` is its module."""

    def __init__(self, lambda_svc: Any) -> None:
        self._lambda = lambda_svc

    def install(self) -> None:
        """Let MiniStack start the method below as its thread."""
        self._lambda._poll_loop = self.run  # MiniStack has no hooks

    def run(self) -> None:
        """Poll the queues forever."""
        while True:
            self.poll()

    def poll(self) -> None:
        """Call the functions whose queues have messages, then wait until there may be more."""
        self._lambda._esm_wake.clear()  # before the poll, so that no later message is missed
        try:
            has_found = self._lambda._poll_sqs()
        except Exception:
            log.exception("the queues can't be polled")
            has_found = False
        if not has_found:
            self._lambda._esm_wake.wait(IDLE_SECONDS)
