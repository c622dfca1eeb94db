"""Upload forms (POST policy) as S3 handles them: their checksum is checked, and the location is this server's.

Only MiniStack's process uses this module. It replaces a function of ministack/services/s3.py (1.5.33).
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from typing import Any

from emulator.form_fields import MAX_FIELD_BYTES

CHECKSUM_FIELD = "x-amz-checksum-"


class PostForms:
    """The replacement for MiniStack's function. `s3` is its module."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self._post = s3._post_object  # MiniStack has no hooks

    def install(self) -> None:
        """Let MiniStack call the method below instead of its own function."""
        self._s3._post_object = self.post

    def post(self, bucket: str, body: bytes, headers: dict[str, str]) -> Any:
        """Store the file of a form, unless it isn't the one of the form's checksum."""
        if CHECKSUM_FIELD.encode() in body[: 2 * MAX_FIELD_BYTES].lower():
            parts = self._s3._parse_multipart_form(headers.get("content-type", ""), body)
            values = {name.lower(): value for name, _, _, value in parts}
            for name, value in values.items():
                algorithm = name.removeprefix(CHECKSUM_FIELD)
                computed = self._s3._compute_s3_checksum(algorithm, values.get("file", b""))
                if algorithm != name and computed is not None and computed.encode() != value:
                    message = f"The {algorithm.upper()} you specified did not match the calculated checksum."
                    return self._s3._error("BadDigest", message, 400)
        status, response_headers, response = self._post(bucket, body, headers)
        made_up, own = f"http://{bucket}.s3.amazonaws.com/", f"http://{headers.get('host', '')}/{bucket}/"
        if "Location" in response_headers:
            response_headers["Location"] = response_headers["Location"].replace(made_up, own)
        return status, response_headers, response.replace(made_up.encode(), own.encode())
