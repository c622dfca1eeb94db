"""Multipart uploads as S3 has them, in place of MiniStack's.

MiniStack keeps the parts in memory, joins them there, forgets them when it ends, takes parts of any size in any
order, and knows only the checksums of checksums (COMPOSITE). Here parts are files (emulator/part_files.py), S3's
limits hold, and an object has the checksum of all of its bytes (FULL_OBJECT) where S3 gives it that.

Only MiniStack's process uses this module. It replaces functions of ministack/services/s3.py (1.5.33). Versions and
replication of buckets are left out: the emulator's bucket has neither.
"""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from xml.etree.ElementTree import Element, SubElement

from emulator import checksums
from emulator.completion import (
    MAX_PARTS,
    RefusedError,
    check_checksum,
    check_size,
    find_checksum_type,
    select_parts,
)
from emulator.part_files import PartFiles

MAX_LISTED = 1000
"""Parts or uploads in a page of a listing."""
ABORT_DAYS = 8
"""After as many days the bucket's lifecycle aborts an upload (infra/templates/storage.yaml). MiniStack has no
lifecycle: here each start does it."""

WRONG_NUMBER = "Part number must be an integer between 1 and 10000, inclusive."
CREATED_EVENT = "s3:ObjectCreated:CompleteMultipartUpload"

Response = tuple[int, dict[str, str], bytes]
"""Status, headers and body, as MiniStack's functions return them."""


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
        self._list_parts = s3._list_parts
        self._list_uploads = s3._list_multipart_uploads

    def install(self) -> None:
        """Load the uploads of an earlier start, and let MiniStack call the methods below."""
        self._s3._create_multipart_upload = self.create
        self._s3._upload_part = self.put
        self._s3._upload_part_copy = self.copy
        self._s3._complete_multipart_upload = self.complete
        self._s3._abort_multipart_upload = self.abort
        self._s3._list_parts = self.list_parts
        self._s3._list_multipart_uploads = self.list_uploads
        self._files.remove_older_than(timedelta(days=ABORT_DAYS))
        for upload_id, description, parts in self._files.load():
            account = description.pop("account")
            records = {part.number: part.record() for part in parts}
            self._s3._multipart_uploads._data[account, upload_id] = {**description, "parts": records}
            # As MiniStack does for the bucket of an object.
            bucket = {"created": self._s3.now_iso(), "objects": {}, "region": None}
            self._s3._buckets._data.setdefault((account, description["bucket"]), bucket)

    def create(self, bucket: str, key: str, headers: dict[str, str]) -> Response:
        """CreateMultipartUpload: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html"""
        algorithm = headers.get("x-amz-checksum-algorithm", "").upper()
        try:
            checksum_type = find_checksum_type(algorithm, headers.get("x-amz-checksum-type", "").upper())
        except RefusedError as error:
            return self._refuse(error, bucket, key)
        before = set(self._s3._multipart_uploads)
        status, response_headers, body = self._create(bucket, key, headers)
        for upload_id in set(self._s3._multipart_uploads) - before:
            upload = self._s3._multipart_uploads[upload_id]
            upload["checksum_type"] = checksum_type
            upload["names_checksum"] = bool(algorithm)
            upload["checksum_algorithm"] = upload["checksum_algorithm"] or checksums.DEFAULT_ALGORITHM
            if algorithm:
                response_headers["x-amz-checksum-type"] = checksum_type
            description = {name: value for name, value in upload.items() if name != "parts"}
            try:
                self._files.create(upload_id, {**description, "account": self._s3.get_account_id()})
            except OSError:
                del self._s3._multipart_uploads[upload_id]
                raise
        return status, response_headers, body

    def put(self, bucket: str, key: str, body: bytes, query: dict[str, Any], headers: dict[str, str]) -> Response:
        """UploadPart: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html"""
        return self._store(query, self._put, bucket, key, body, query, headers)

    def copy(self, bucket: str, key: str, query: dict[str, Any], headers: dict[str, str]) -> Response:
        """UploadPartCopy: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html"""
        number = self._s3._qp(query, "partNumber")
        if not number.isdecimal() or not 1 <= int(number) <= MAX_PARTS:
            return self._refuse(RefusedError("InvalidArgument", WRONG_NUMBER), bucket, key)
        return self._store(query, self._copy, bucket, key, query, headers)

    def _store(self, query: dict[str, Any], function: Any, *arguments: Any) -> Response:
        """Let MiniStack check the part, and move its bytes into a file."""
        upload_id, number = self._s3._qp(query, "uploadId"), self._s3._qp(query, "partNumber")
        upload = self._s3._multipart_uploads.get(upload_id)
        before = dict(upload["parts"]) if upload else {}
        response: Response = function(*arguments)
        if response[0] == 200 and upload:
            try:
                self._move_to_file(upload_id, upload, int(number), before.get(int(number)))
            except OSError:
                upload["parts"] = before
                raise
        return response

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
    ) -> Response:
        """CompleteMultipartUpload:
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"""
        headers = headers or {}
        s3 = self._s3
        upload_id = s3._qp(query, "uploadId")
        upload = s3._multipart_uploads.get(upload_id)
        if upload is None or (upload["bucket"], upload["key"]) != (bucket, key) or bucket not in s3._buckets:
            repeated: Response = self._complete(bucket, key, body, query, headers)
            return repeated
        objects = s3._buckets[bucket]["objects"]
        if refusal := s3._check_sse_c_part(headers, upload) or s3._check_put_preconditions(
            headers, objects.get(key)
        ):
            return cast("Response", refusal)
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
        response = self._build_response(bucket, key, record, headers)
        s3._completed_multipart_uploads[upload_id] = {"key": key, "response": response}
        return response

    def abort(self, bucket: str, key: str, query: dict[str, Any]) -> Response:
        """AbortMultipartUpload: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html"""
        response: Response = self._abort(bucket, key, query)
        if response[0] == 204:
            self._files.remove(self._s3._qp(query, "uploadId"))
        return response

    def list_parts(self, bucket: str, key: str, query: dict[str, Any]) -> Response:
        """ListParts: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html"""
        response: Response = self._list_parts(bucket, key, _with_page_limit(query, "max-parts"))
        return response

    def list_uploads(self, bucket: str, query: dict[str, Any]) -> Response:
        """ListMultipartUploads:
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html"""
        response: Response = self._list_uploads(bucket, _with_page_limit(query, "max-uploads"))
        return response

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

    def _build_response(self, bucket: str, key: str, record: dict[str, Any], headers: dict[str, str]) -> Response:
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

    def _refuse(self, error: RefusedError, bucket: str, key: str) -> Response:
        refusal: Response = self._s3._error(error.code, error.message, 400, f"/{bucket}/{key}")
        return refusal


def _with_page_limit(query: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the query with at most S3's number of entries in a page."""
    limits = [str(min(int(value), MAX_LISTED)) if value.isdigit() else value for value in query.get(name, ())]
    return {**query, name: limits} if limits else query
