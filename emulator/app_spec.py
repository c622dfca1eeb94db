"""What the app asks of AWS besides its routes."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class S3Trigger:
    """Events of a bucket's objects that call a function."""

    bucket: str
    events: list[str]
    prefix: str
    suffix: str


@dataclass(frozen=True)
class SqsTrigger:
    """A queue whose messages call a function."""

    queue: str
    batch_size: int
    concurrency: int | None
    """The most batches at once; None leaves it to AWS."""


@dataclass(frozen=True)
class Function:
    """A Lambda function other than the one that serves the routes."""

    name: str
    attribute: str
    """Its name in the module `app`."""
    s3_trigger: S3Trigger | None = None
    sqs_trigger: SqsTrigger | None = None
    schedule: str | None = None
    """EventBridge's expression, such as `rate(1 minute)`."""
    event_pattern: dict[str, Any] | None = None
    """EventBridge's pattern of the events that call it."""


@dataclass(frozen=True)
class AppSpec:
    """An app's name, its functions, and who else calls it."""

    app: str
    functions: list[Function]
    cors_origins: list[str] = field(default_factory=list)
    """Origins of web pages, which may upload to the app's buckets."""

    @property
    def prefix(self) -> str:
        """The prefix of its functions' names in AWS, as Chalice names them in the stage `dev`."""
        return f"{self.app}-dev-"

    def deployed_name(self, function: Function) -> str:
        """Return the name of a function in AWS."""
        return self.prefix + function.name

    def to_dict(self) -> dict[str, Any]:
        """Return it in JSON's types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return the AppSpec whose `to_dict` returned the document."""
        functions = [_function_from_dict(**function) for function in document["functions"]]
        return cls(document["app"], functions, document["cors_origins"])


def _function_from_dict(
    s3_trigger: dict[str, Any] | None, sqs_trigger: dict[str, Any] | None, **fields: Any
) -> Function:
    return Function(
        **fields,
        s3_trigger=S3Trigger(**s3_trigger) if s3_trigger else None,
        sqs_trigger=SqsTrigger(**sqs_trigger) if sqs_trigger else None,
    )
