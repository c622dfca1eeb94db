"""An ASGI application around MiniStack's that refuses upload forms without a valid signature, as S3 does.

MiniStack checks the policy of a form, but takes any signature, and a form without one.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
"""

from collections.abc import Mapping

from emulator.asgi import Application, Event, Receive, Send
from emulator.form_fields import FormFields
from emulator.presigned_requests import SIGNING_PARAMETERS, is_form
from emulator.s3_errors import refuse

SIGNED_FIELDS = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature")


class FormCheck:
    """MiniStack's application, with the check."""

    def __init__(self, application: Application, secret_key: str) -> None:
        """`secret_key` is that of the credentials with which forms are signed."""
        self._application = application
        self._secret_key = secret_key

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        headers: Mapping[bytes, bytes] = dict(scope.get("headers", ()))
        if scope["type"] != "http" or scope["method"] != "POST" or not is_form(headers):
            await self._application(scope, receive, send)
            return
        form, received = FormFields(headers[b"content-type"].decode("latin-1")), list[Event]()
        while not form.is_complete and (not received or received[-1].get("more_body")):
            received.append(await receive())
            form.feed(received[-1].get("body", b""))
        code = self._refusal(form)

        async def receive_again() -> Event:
            return received.pop(0) if received else await receive()

        if code is None:
            await self._application(scope, receive_again, send)
        else:
            await refuse(scope, receive_again, send, code)

    def _refusal(self, form: FormFields) -> str | None:
        """Return S3's code of the error; None if the form is signed."""
        if form.error is not None:
            return form.error
        fields = {name.lower(): value for name, value in form.fields.items()}
        if "policy" not in fields or "x-amz-signature" not in fields:
            return "AccessDenied"
        values = {name: fields.get(name.lower(), "") for name in SIGNED_FIELDS}
        if not all(SIGNING_PARAMETERS[name].fullmatch(value) for name, value in values.items()):
            return "InvalidArgument"
        from ministack.core.sigv4 import (
            calculate_signature,
            signatures_match,
        )  # not before MiniStack itself

        _, date, region, service, _ = values["X-Amz-Credential"].split("/")
        expected = calculate_signature(self._secret_key, date, region, service, fields["policy"])
        return None if signatures_match(expected, values["X-Amz-Signature"]) else "SignatureDoesNotMatch"
