"""A thread between the queue that S3 notifies and the one that calls a function. It drops, duplicates, delays and
reorders events."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chaos.event_scrambler import MAX_DELAY_SECONDS, Delivery, EventScrambler, Message
from chaos.fault_log import FaultLog
from chaos.spec import Spec
from emulator.errors import EmulatorError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH_SIZE = 10
"""SQS accepts and returns at most ten messages per request.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
IDLE_SECONDS = 0.1
VISIBILITY_TIMEOUT_SECONDS = 12 * MAX_DELAY_SECONDS
"""A message is deleted after it was passed on. One that was received and not passed on, because the emulator was
killed, is received again after this time."""


@dataclass
class _Link:
    source_url: str
    target_url: str
    scrambler: EventScrambler
    backlog: int = 0
    """How many messages that came before `stop_faults` may still be in the source queue."""


class Relay:
    """Passes messages on from queue to queue. Before `start_faults` and after `stop_faults` it changes nothing."""

    def __init__(self, spec: Spec, fault_log: FaultLog) -> None:
        self._spec = spec
        self._fault_log = fault_log
        self._sqs: SQSClient | None = None
        self._links: dict[str, _Link] = {}
        self._pass_through = True
        self._requested_drain = 0
        self._completed_drain = 0
        self._stopping = Event()
        self._thread: Thread | None = None
        self._error: Exception | None = None

    def connect(self, sqs: "SQSClient", queues: Mapping[str, str]) -> None:
        """Pass on from each queue to the one it is mapped to, both by name. Can be called again to add others."""
        for source, target in queues.items():
            if source not in self._links:
                source_url, target_url = (
                    sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in (source, target)
                )
                scrambler = EventScrambler(self._spec, self._spec.random(target), self._fault_log.add)
                self._links = {**self._links, source: _Link(source_url, target_url, scrambler)}
        if self._thread is None:
            self._sqs = sqs
            self._thread = Thread(target=self._run, name="relay")
            self._thread.start()

    def start_faults(self) -> None:
        """Begin to drop, duplicate, delay and reorder events."""
        self._pass_through = False

    def stop_faults(self) -> None:
        """Pass events on unchanged from now on, and release those held back. See `has_caught_up`."""
        self._pass_through = True
        self._requested_drain += 1

    def has_caught_up(self) -> bool:
        """Return whether all events from before `stop_faults` were passed on, however many have come since.

        Raises EmulatorError if the relay has failed.
        """
        self.check()
        return self._thread is None or self._completed_drain == self._requested_drain

    def check(self) -> None:
        """Raise EmulatorError if the relay has failed."""
        if self._error is not None:
            raise EmulatorError(f"the chaos relay failed, so events no longer reach functions: {self._error}")

    def stop(self) -> None:
        """Pass on all events that have come, and end the thread. Does nothing if it isn't running."""
        self.stop_faults()
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        measured_drain = self._completed_drain
        try:
            while not (self._stopping.is_set() and self._completed_drain == self._requested_drain):
                # If `stop_faults` is called during this round, the next one measures the backlog anew.
                requested = self._requested_drain
                if requested != measured_drain:
                    measured_drain = requested
                    for link in self._links.values():
                        link.backlog = self._count_waiting(link)
                relayed = [self._relay_batch(link) for link in self._links.values()]
                if not any(link.backlog for link in self._links.values()):
                    self._completed_drain = requested
                if not any(relayed):
                    self._stopping.wait(IDLE_SECONDS)
        except (BotoCoreError, ClientError, EmulatorError) as error:
            self._error = error

    def _count_waiting(self, link: _Link) -> int:
        assert self._sqs is not None
        response = self._sqs.get_queue_attributes(
            QueueUrl=link.source_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(response["Attributes"]["ApproximateNumberOfMessages"])

    def _relay_batch(self, link: _Link) -> int:
        """Receive a batch and pass on what is due. Return how many messages were received or passed on."""
        assert self._sqs is not None
        received = self._sqs.receive_message(
            QueueUrl=link.source_url, MaxNumberOfMessages=BATCH_SIZE, VisibilityTimeout=VISIBILITY_TIMEOUT_SECONDS
        ).get("Messages", [])
        now, pass_through = time.monotonic(), self._pass_through
        deliveries = [
            delivery
            for received_message in received
            for delivery in link.scrambler.accept(
                Message(received_message["ReceiptHandle"], received_message["Body"]),
                now,
                pass_through=pass_through,
            )
        ]
        deliveries += link.scrambler.release(now, pass_through=pass_through)
        self._deliver(self._sqs, link, deliveries)
        link.backlog = max(0, link.backlog - len(received)) if len(received) == BATCH_SIZE else 0
        return len(received) + len(deliveries)

    @staticmethod
    def _deliver(sqs: "SQSClient", link: _Link, deliveries: Sequence[Delivery]) -> None:
        for entries in _send_batches(deliveries):
            response = sqs.send_message_batch(QueueUrl=link.target_url, Entries=entries)
            if failed := response.get("Failed"):
                raise EmulatorError(f"SQS rejected an event: {failed}")
        for start in range(0, len(deliveries), BATCH_SIZE):
            sqs.delete_message_batch(
                QueueUrl=link.source_url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": delivery.message.receipt_handle}
                    for index, delivery in enumerate(deliveries[start : start + BATCH_SIZE])
                ],
            )


def _send_batches(deliveries: Sequence[Delivery]) -> Iterator[list["SendMessageBatchRequestEntryTypeDef"]]:
    copies = [(delivery.message.body, delay) for delivery in deliveries for delay in delivery.delays]
    for start in range(0, len(copies), BATCH_SIZE):
        yield [
            {"Id": str(index), "MessageBody": body, "DelaySeconds": delay}
            for index, (body, delay) in enumerate(copies[start : start + BATCH_SIZE])
        ]
