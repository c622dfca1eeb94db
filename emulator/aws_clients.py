"""boto3's clients with which the emulator requests AWS's services."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from emulator.errors import EmulatorError
from emulator.net import USER_AGENT


class AwsClients:
    """Makes clients of one endpoint, with an environment's credentials and region."""

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        """Raises EmulatorError if the environment has no usable credentials."""
        self._url = url
        with _configuration_errors():
            self._session: Any = boto3.session.Session(
                aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
                aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
                region_name=environment.get("AWS_DEFAULT_REGION"),
            )

    def make(self, service: str, **options: Any) -> Any:
        """Return a client of a service. `options` are those of botocore's Config.

        Raises EmulatorError if the environment has no usable region.
        """
        config = Config(user_agent_extra=USER_AGENT, **options)
        with _configuration_errors():
            return self._session.client(service, endpoint_url=self._url, config=config)


@contextmanager
def _configuration_errors() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ValueError) as error:  # ValueError for a region that is none
        raise EmulatorError(
            f"with AWS_ENDPOINT_URL set, the AWS configuration is yours, and it can't be used ({error}); set "
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_DEFAULT_REGION"
        ) from error
