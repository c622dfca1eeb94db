"""Multipart uploads as S3 has them, in place of MiniStack's.

MiniStack keeps the parts in memory, joins them there, forgets them when it ends, takes parts of any size in any
order, and knows only the checksums of checksums (COMPOSITE). Here parts are files (emulator/part_files.py), S3's
limits hold, and an object has the checksum of all of its bytes (FULL_OBJECT) where S3 gives it that.

Only MiniStack's process uses this module. It replaces functions of ministack/services/s3.py (1.5.33). Versions and
replication of buckets are left out: the emulator's bucket has neither.
"""

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from defusedxml.ElementTree import ParseError, fromstring

from emulator import checksums
from emulator.part_files import PartFiles

MIN_PART_BYTES = 5 * 1024 * 1024
"""Of every part but the last. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""
MAX_PARTS = 10_000

CREATED_EVENT = "s3:ObjectCreated:CompleteMultipartUpload"

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body, as MiniStack's functions return them."""

MALFORMED = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)
WRONG_ORDER = (
    "InvalidPartOrder",
    "The list of parts was not in ascending order. Parts must be ordered by part number.",
)
WRONG_PART = (
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
    "specified entity tag may not match the part's entity tag.",
)
TOO_SMALL = ("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
"""Codes and messages of https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"""


class RefusedError(Exception):
    """A request that S3 responds to with 400."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class MultipartUploads:
    """Replacements for MiniStack's functions. `s3` is its module, `directory` is for the parts."""

    def __init__(self, s3: Any, directory: Path) -> None:
        self._s3 = s3
        self._files = PartFiles(directory)
        self._create = s3._create_multipart_upload  # MiniStack has no hooks
        self._put = s3._upload_part
        self._copy = s3._upload_part_copy
        self._complete = s3._complete_multipart_upload
        self._abort = s3._abort_multipart_upload

    def install(self) -> None:
        """Load the uploads of an earlier start, and let MiniStack call the methods below."""
        self._s3._create_multipart_upload = self.create
        self._s3._upload_part = self.put
        self._s3._upload_part_copy = self.copy
        self._s3._complete_multipart_upload = self.complete
        self._s3._abort_multipart_upload = self.abort
        for upload_id, description, parts in self._files.load():
            account = description.pop("account")
            records = {part.number: part.record() for part in parts}
            self._s3._multipart_uploads._data[account, upload_id] = {**description, "parts": records}
            # As MiniStack does for the bucket of an object.
            bucket = {"created": self._s3.now_iso(), "objects": {}, "region": None}
            self._s3._buckets._data.setdefault((account, description["bucket"]), bucket)

    def create(self, bucket: str, key: str, headers: dict[str, str]) -> Answer:
        """CreateMultipartUpload: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html"""
        algorithm = headers.get("x-amz-checksum-algorithm", "").upper()
        try:
            checksum_type = find_checksum_type(algorithm, headers.get("x-amz-checksum-type", "").upper())
        except RefusedError as error:
            return self._refuse(error, bucket, key)
        before = set(self._s3._multipart_uploads)
        status, answer_headers, body = self._create(bucket, key, headers)
        for upload_id in set(self._s3._multipart_uploads) - before:
            upload = self._s3._multipart_uploads[upload_id]
            upload["checksum_type"] = checksum_type
            upload["checksum_algorithm"] = upload["checksum_algorithm"] or checksums.DEFAULT_ALGORITHM
            if algorithm:
                answer_headers["x-amz-checksum-type"] = checksum_type
            description = {name: value for name, value in upload.items() if name != "parts"}
            try:
                self._files.create(upload_id, {**description, "account": self._s3.get_account_id()})
            except OSError:
                del self._s3._multipart_uploads[upload_id]
                raise
        return status, answer_headers, body

    def put(self, bucket: str, key: str, body: bytes, query: dict[str, Any], headers: dict[str, str]) -> Answer:
        """UploadPart: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html"""
        return self._store(query, self._put, bucket, key, body, query, headers)

    def copy(self, bucket: str, key: str, query: dict[str, Any], headers: dict[str, str]) -> Answer:
        """UploadPartCopy: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html"""
        return self._store(query, self._copy, bucket, key, query, headers)

    def _store(self, query: dict[str, Any], function: Any, *arguments: Any) -> Answer:
        """Let MiniStack check the part, and move its bytes into a file."""
        upload_id, number = self._s3._qp(query, "uploadId"), self._s3._qp(query, "partNumber")
        upload = self._s3._multipart_uploads.get(upload_id)
        before = dict(upload["parts"]) if upload else {}
        answer: Answer = function(*arguments)
        if answer[0] == 200 and upload:
            try:
                self._move_to_file(upload_id, upload, int(number), before.get(int(number)))
            except OSError:
                upload["parts"] = before
                raise
        return answer

    def _move_to_file(
        self, upload_id: str, upload: dict[str, Any], number: int, earlier: dict[str, Any] | None
    ) -> None:
        part = upload["parts"][number]
        content, values = part["body"], part.get("checksums", {})
        algorithm = upload["checksum_algorithm"]
        if algorithm not in values:
            values = {**values, algorithm: self._s3._compute_s3_checksum(algorithm, content)}
        stored = self._files.put(
            upload_id, number, content, part["etag"].strip('"'), values, earlier and earlier["stored"]
        )
        upload["parts"][number] = stored.record()

    def complete(
        self, bucket: str, key: str, body: bytes, query: dict[str, Any], headers: dict[str, str] | None = None
    ) -> Answer:
        """CompleteMultipartUpload:
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"""
        headers = headers or {}
        s3 = self._s3
        upload_id = s3._qp(query, "uploadId")
        upload = s3._multipart_uploads.get(upload_id)
        if upload is None or (upload["bucket"], upload["key"]) != (bucket, key) or bucket not in s3._buckets:
            repeated: Answer = self._complete(bucket, key, body, query, headers)
            return repeated
        objects = s3._buckets[bucket]["objects"]
        if refusal := s3._check_sse_c_part(headers, upload) or s3._check_put_preconditions(
            headers, objects.get(key)
        ):
            return refusal  # type: ignore[no-any-return]
        try:
            numbers = select_parts(body, upload["parts"])
            parts = [upload["parts"][number] for number in numbers]
            check_size(parts, headers)
            checksum = check_checksum(s3, upload, parts, headers)
        except RefusedError as error:
            return self._refuse(error, bucket, key)
        record = self._record(upload, numbers, checksum)
        record["body"] = self._files.assemble(upload_id, [part["stored"] for part in parts])
        objects[key] = record
        s3._persist_object(bucket, key, record)
        del s3._multipart_uploads[upload_id]
        self._files.remove(upload_id)
        s3._fire_s3_event_async(bucket, key, CREATED_EVENT, size=record["size"], etag=record["etag"])
        answer = self._answer(bucket, key, record, headers)
        s3._completed_multipart_uploads[upload_id] = {"key": key, "response": answer}
        return answer

    def abort(self, bucket: str, key: str, query: dict[str, Any]) -> Answer:
        """AbortMultipartUpload: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html"""
        answer: Answer = self._abort(bucket, key, query)
        if answer[0] == 204:
            self._files.remove(self._s3._qp(query, "uploadId"))
        return answer

    def _record(self, upload: dict[str, Any], numbers: list[int], checksum: str) -> dict[str, Any]:
        """Return MiniStack's record of the object."""
        parts = [upload["parts"][number] for number in numbers]
        digests = b"".join(bytes.fromhex(part["etag"].strip('"')) for part in parts)
        return {
            "content_type": upload["content_type"],
            "content_encoding": upload["content_encoding"],
            "etag": f'"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"',
            "last_modified": self._s3.now_iso(),
            "size": sum(part["size"] for part in parts),
            "metadata": upload["metadata"],
            "preserved_headers": upload["preserved_headers"],
            "storage_class": upload["storage_class"],
            "parts": [
                {"PartNumber": number, "Size": part["size"]} for number, part in zip(numbers, parts, strict=True)
            ],
            "checksums": {upload["checksum_algorithm"]: checksum},
            "checksum_type": upload["checksum_type"],
        }

    def _answer(self, bucket: str, key: str, record: dict[str, Any], headers: dict[str, str]) -> Answer:
        root = Element("CompleteMultipartUploadResult", xmlns=self._s3.S3_NS)
        [(algorithm, checksum)] = record["checksums"].items()
        for name, text in (
            ("Location", f"http://{headers.get('host', '')}/{bucket}/{key}"),
            ("Bucket", bucket),
            ("Key", key),
            ("ETag", record["etag"]),
            (f"Checksum{algorithm}", checksum),
            ("ChecksumType", record["checksum_type"]),
        ):
            SubElement(root, name).text = text
        content_type = {"Content-Type": "application/xml"}
        return 200, {**content_type, **self._s3._stored_sse_headers(record)}, self._s3._xml_body(root)

    def _refuse(self, error: RefusedError, bucket: str, key: str) -> Answer:
        refusal: Answer = self._s3._error(error.code, error.message, 400, f"/{bucket}/{key}")
        return refusal


def find_checksum_type(algorithm: str, requested: str) -> str:
    """Return the type of the checksum of an upload that names this algorithm and type; either may be empty.

    Raises RefusedError for a type that the algorithm doesn't have.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    algorithm = algorithm or checksums.DEFAULT_ALGORITHM
    default = "FULL_OBJECT" if algorithm == checksums.DEFAULT_ALGORITHM else "COMPOSITE"
    possible = {default, "FULL_OBJECT"} if algorithm in checksums.MODELS else {default}
    if (requested or default) not in possible:
        raise RefusedError(
            "InvalidRequest",
            f"The {requested} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.",
        )
    return requested or default


def select_parts(body: bytes, stored: dict[int, dict[str, Any]]) -> list[int]:
    """Return the numbers of the parts that the body of a CompleteMultipartUpload lists. Raises RefusedError."""
    parts = _read_parts(body)
    numbers = [number for number, _ in parts]
    if any(second <= first for first, second in pairwise(numbers)):
        raise RefusedError(*WRONG_ORDER)
    if not all(number in stored and _is_same(part, stored[number]) for number, part in parts):
        raise RefusedError(*WRONG_PART)
    if any(stored[number]["size"] < MIN_PART_BYTES for number in numbers[:-1]):
        raise RefusedError(*TOO_SMALL)
    return numbers


def _read_parts(body: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the number and the elements of each part. Raises RefusedError."""
    try:
        elements = [element for element in fromstring(body) if _name(element) == "Part"]
        parts = [{_name(child): child.text or "" for child in element} for element in elements]
        numbered = [(int(part["PartNumber"]), part) for part in parts if part["ETag"]]
    except (ParseError, KeyError, ValueError):
        raise RefusedError(*MALFORMED) from None
    if not 1 <= len(numbered) <= MAX_PARTS:
        raise RefusedError(*MALFORMED)
    return numbered


def _is_same(part: dict[str, str], stored: dict[str, Any]) -> bool:
    """Return whether the ETag and the checksums that the client lists are those of the part."""
    return part["ETag"].strip('"') == stored["etag"].strip('"') and all(
        part.get(f"Checksum{name}", value) == value for name, value in stored["checksums"].items()
    )


def check_size(parts: list[dict[str, Any]], headers: dict[str, str]) -> None:
    """Raise RefusedError if the client expects another size of the object."""
    expected, size = headers.get("x-amz-mp-object-size"), sum(part["size"] for part in parts)
    if expected is not None and expected != str(size):
        raise RefusedError(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: "
            f"{size}",
        )


def check_checksum(s3: Any, upload: dict[str, Any], parts: list[dict[str, Any]], headers: dict[str, str]) -> str:
    """Return the object's checksum. Raises RefusedError if the client expects another one."""
    algorithm, checksum_type = upload["checksum_algorithm"], upload["checksum_type"]
    values = [part["checksums"][algorithm] for part in parts]
    if checksum_type == "FULL_OBJECT":
        sizes = (part["size"] for part in parts)
        checksum = checksums.combine(algorithm, zip(values, sizes, strict=True))
    else:
        checksum = s3._composite_checksum(algorithm, values)
    if (requested := headers.get("x-amz-checksum-type", checksum_type).upper()) != checksum_type:
        raise RefusedError(
            "InvalidRequest",
            f"The upload was created using the {checksum_type} checksum type. The complete request must use the "
            f"same checksum type, not {requested}.",
        )
    if headers.get(f"x-amz-checksum-{algorithm.lower()}", checksum) != checksum:
        raise RefusedError("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
    return checksum


def _name(element: Any) -> str:
    name: str = element.tag
    return name.rpartition("}")[2]
