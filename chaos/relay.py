"""Between the queue that S3 notifies and the one that calls a function: a thread that passes events on, badly."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chaos.event_scrambler import LATE_SECONDS, Delivery, Events, Message
from chaos.fault_log import Record
from chaos.spec import Spec
from emulator.errors import EmulatorError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
"""SQS takes and gives ten messages a request.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
IDLE_SECONDS = 0.1
UNSEEN_SECONDS = 12 * LATE_SECONDS
"""A message is deleted when it was passed on. One that the relay took and didn't pass on, because the emulator was
killed, comes again after so long."""


@dataclass
class _Way:
    source: str
    target: str
    events: Events
    backlog: int = 0
    """How many messages that came before `calm` may still be in the source."""


class Relay:
    """Passes on what comes into some queues. Until `calm` is cleared every message goes on as it came."""

    def __init__(self, spec: Spec, record: Record) -> None:
        self._spec = spec
        self._record = record
        self._sqs: SQSClient | None = None
        self._ways: dict[str, _Way] = {}
        self._calm = True
        self._asked = 0
        self._answered = 0
        self._stopping = Event()
        self._thread: Thread | None = None
        self._fault: Exception | None = None

    def connect(self, sqs: "SQSClient", queues: Mapping[str, str]) -> None:
        """Pass on from each queue to the one it is mapped to, both by name. Can be called again with others."""
        for source, target in queues.items():
            if source not in self._ways:
                url, other = (sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in (source, target))
                events = Events(self._spec, self._spec.random(target), self._record.add)
                self._ways = {**self._ways, source: _Way(url, other, events)}
        if self._thread is None:
            self._sqs = sqs
            self._thread = Thread(target=self._run, name="relay")
            self._thread.start()

    def disturb(self) -> None:
        """Begin with the faults."""
        self._calm = False

    def calm(self) -> None:
        """End the faults; what is held back goes on at once. `has_caught_up` tells when it has."""
        self._calm = True
        self._asked += 1

    def has_caught_up(self) -> bool:
        """Whether all that had come before `calm` was passed on, whatever has come since.

        Raises EmulatorError if nothing is any more.
        """
        self.check()
        return self._thread is None or self._answered == self._asked

    def check(self) -> None:
        """Raise EmulatorError if it can't go on."""
        if self._fault is not None:
            raise EmulatorError(f"events can't be passed on any more: {self._fault}")

    def stop(self) -> None:
        """Pass on all that has come, and end. Harmless when it doesn't run."""
        self.calm()
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        noticed = self._answered
        try:
            while not (self._stopping.is_set() and self._answered == self._asked):
                asked = self._asked  # one round may end what only the next one answers
                if asked != noticed:
                    noticed = asked
                    for way in self._ways.values():
                        way.backlog = self._waiting_in(way)
                passed_on = [self._pass_on(way) for way in self._ways.values()]
                if not any(way.backlog for way in self._ways.values()):
                    self._answered = asked
                if not any(passed_on):
                    self._stopping.wait(IDLE_SECONDS)
        except (BotoCoreError, ClientError, EmulatorError) as fault:
            self._fault = fault

    def _waiting_in(self, way: _Way) -> int:
        assert self._sqs is not None
        answer = self._sqs.get_queue_attributes(
            QueueUrl=way.source, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def _pass_on(self, way: _Way) -> int:
        """Take a batch, and pass on what is due. Returns how many messages these were."""
        assert self._sqs is not None
        received = self._sqs.receive_message(
            QueueUrl=way.source, MaxNumberOfMessages=BATCH, VisibilityTimeout=UNSEEN_SECONDS
        ).get("Messages", [])
        now, calm = time.monotonic(), self._calm
        deliveries = [
            delivery
            for message in received
            for delivery in way.events.take(Message(message["ReceiptHandle"], message["Body"]), now, calm=calm)
        ]
        deliveries += way.events.due(now, calm=calm)
        self._deliver(self._sqs, way, deliveries)
        way.backlog = max(0, way.backlog - len(received)) if len(received) == BATCH else 0
        return len(received) + len(deliveries)

    @staticmethod
    def _deliver(sqs: "SQSClient", way: _Way, deliveries: Sequence[Delivery]) -> None:
        for entries in _batches(deliveries):
            answer = sqs.send_message_batch(QueueUrl=way.target, Entries=entries)
            if failed := answer.get("Failed"):
                raise EmulatorError(f"SQS doesn't take an event: {failed}")
        for start in range(0, len(deliveries), BATCH):
            sqs.delete_message_batch(
                QueueUrl=way.source,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": delivery.message.receipt}
                    for number, delivery in enumerate(deliveries[start : start + BATCH])
                ],
            )


def _batches(deliveries: Sequence[Delivery]) -> Iterator[list["SendMessageBatchRequestEntryTypeDef"]]:
    copies = [(delivery.message.body, delay) for delivery in deliveries for delay in delivery.delays]
    for start in range(0, len(copies), BATCH):
        yield [
            {"Id": str(number), "MessageBody": body, "DelaySeconds": delay}
            for number, (body, delay) in enumerate(copies[start : start + BATCH])
        ]
