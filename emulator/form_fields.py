"""Read the fields of an upload form that come before its file, without the file."""

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

FILE_FIELD = "file"

MAX_FIELD_BYTES = 20 * 1024
"""S3 takes no more before the file.
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html"""


class FormFields:
    """The fields of a form, as far as it was fed."""

    def __init__(self, content_type: str) -> None:
        self.fields: dict[str, str] = {}
        self.error: str | None = None
        """S3's code of what is wrong with the form."""
        self._name: str | None = None
        self._header = bytearray()
        self._disposition = bytearray()
        self._value = bytearray()
        self._size = 0
        self._has_file = False
        _, options = parse_options_header(content_type.encode("ascii", "replace").decode())
        self._parser = MultipartParser(
            options.get(b"boundary", b""),
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_to_header,
                "on_header_value": self._add_to_disposition,
                "on_header_end": self._header.clear,
                "on_headers_finished": self._begin_value,
                "on_part_data": self._add_to_value,
                "on_part_end": self._end_part,
            },
        )

    @property
    def is_complete(self) -> bool:
        """Whether no more fields are needed: the file has begun, or the form is wrong."""
        return self._has_file or self.error is not None

    def feed(self, data: bytes) -> None:
        """Read more of the form."""
        try:
            self._parser.write(data)
        except FormParserError:
            self.error = self.error or "MalformedPOSTRequest"

    def _begin_part(self) -> None:
        self._name = None
        self._disposition.clear()
        self._value.clear()

    def _add_to_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_to_disposition(self, data: bytes, start: int, end: int) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition += data[start:end]

    def _begin_value(self) -> None:
        _, options = parse_options_header(bytes(self._disposition))
        self._name = options.get(b"name", b"").decode(errors="replace")
        self._has_file = self._has_file or self._name == FILE_FIELD

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        if self._has_file:
            return
        self._size += end - start
        if self._size > MAX_FIELD_BYTES:
            self.error = "MaxPostPreDataLengthExceeded"
        else:
            self._value += data[start:end]

    def _end_part(self) -> None:
        if self._name and not self._has_file:
            self.fields[self._name] = self._value.decode(errors="replace")
