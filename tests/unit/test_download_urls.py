"""Presigned URLs of contents and thumbnails."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.core.errors import (
    CONTENT_MISSING,
    NO_THUMBNAIL,
    NOT_UPLOADED,
    OBJECT_MISSING,
    TYPE_UNKNOWN,
    ServiceError,
)
from chalicelib.core.files import download_urls
from chalicelib.core.files.model import Analysis, Failure, File
from chalicelib.core.limits.model import Limits, OwnerLimits
from chalicelib.core.processing.object_ref import ObjectRef
from tests.database_ports import FakePorts, finish_file
from tests.fakes.storage import FakeStorage
from tests.samples import ANALYZED_OBJECT, OWNER, analysis, new_file, same_limits
from tests.unit.use_cases import LEASE, upload

SCRIPTABLE = [
    "text/html",
    "application/xhtml+xml",
    "image/svg+xml",
    "image/svg+xml-compressed",
    "text/xml",
    "application/xml",
    "text/xsl",
    "application/xslt+xml",
    "application/mathml+xml",
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/vnd.mozilla.xul+xml",
    "message/rfc822",
    "multipart/related",
    "application/x-mimearchive",
    "text/javascript",
    "application/javascript",
    "text/css",
    "text/csv",
    "text/markdown",
    "text/calendar",
    "text/vtt",
    "text/x-component",
    "application/x-shockwave-flash",
    "application/wasm",
    "application/zip",
    "application/octet-stream",
    "image/tiff",
    "video/mp4",
    "*/*",
    "unknown/unknown",
    "application/unknown",
    "",
]
"""Types in which a browser runs scripts, and others that need not be inline. The last four let it guess HTML:
https://mimesniff.spec.whatwg.org/#mime-type-sniffing-algorithm"""


def content_url(db: FakePorts, storage: FakeStorage, analysis: Analysis, size: int = 1) -> str:
    """Return the URL of a processed file's content."""
    file = upload(db, storage)
    claim = db.queue.claim(ObjectRef(file.object_key), LEASE)
    assert claim is not None
    db.queue.finish(claim, analysis, replace(ANALYZED_OBJECT, size=size))
    return download_urls.get_content_url(
        download_urls.GetContentUrl(OWNER, file.id, must_be_clean=False),
        files=db.files,
        objects=storage,
        storage=storage,
        limits=same_limits(),
    )


class TestDownloadUrls:
    @pytest.mark.parametrize(
        ("detected", "disposition"),
        [
            ("image/png", "inline"),
            ("text/html", "attachment"),
            ("image/svg+xml", "attachment"),
            (None, "attachment"),
            *((scriptable, "attachment") for scriptable in SCRIPTABLE),
            *((f"{inline}; charset=utf-7", "attachment") for inline in sorted(download_urls.INLINE_TYPES)),
            *((inline.upper(), "attachment") for inline in sorted(download_urls.INLINE_TYPES)),
        ],
    )
    def test_only_harmless_types_are_inline(
        self, db: FakePorts, storage: FakeStorage, detected: str | None, disposition: str
    ) -> None:
        file = upload(db, storage)
        if detected:
            claim = db.queue.claim(ObjectRef(file.object_key), LEASE)
            assert claim is not None
            db.queue.finish(claim, Analysis(detected_type=detected, result={}), ANALYZED_OBJECT)
        url = download_urls.get_content_url(
            download_urls.GetContentUrl(OWNER, file.id, must_be_clean=False),
            files=db.files,
            objects=storage,
            storage=storage,
            limits=same_limits(),
        )
        assert f"{detected or 'application/octet-stream'}&{disposition};" in url

    def test_any_type_can_be_saved(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)
        claim = db.queue.claim(ObjectRef(file.object_key), LEASE)
        assert claim is not None
        db.queue.finish(claim, Analysis(detected_type="image/png", result={}), ANALYZED_OBJECT)
        url = download_urls.get_content_url(
            download_urls.GetContentUrl(OWNER, file.id, must_be_clean=False, to_be_saved=True),
            files=db.files,
            objects=storage,
            storage=storage,
            limits=same_limits(),
        )
        assert "image/png&attachment;" in url

    @pytest.mark.parametrize(
        ("facts", "charset"),
        [
            ({"encoding": "utf-8", "encoding_guessed": False}, "; charset=utf-8"),
            ({"encoding": "utf-8", "encoding_guessed": False, "encoding_damaged": True}, "; charset=utf-8"),
            ({"encoding": "utf-8-sig", "encoding_guessed": False}, "; charset=utf-8"),
            ({"encoding": "utf-16-le", "encoding_guessed": False}, "; charset=utf-16le"),
            ({"encoding": "iso2022-jp", "encoding_guessed": False}, "; charset=iso-2022-jp"),
            ({"encoding": "ascii", "encoding_guessed": False}, "; charset=us-ascii"),
            ({"encoding": "cp1252", "encoding_guessed": True}, ""),
            ({"encoding": "utf-8", "encoding_guessed": True}, ""),
            ({"encoding": "iso2022-kr", "encoding_guessed": False}, ""),  # browsers refuse to decode it
            ({"encoding_guessed": False}, ""),
            ({}, ""),
        ],
    )
    def test_text_has_its_charset_if_it_is_certain(
        self, db: FakePorts, storage: FakeStorage, facts: dict[str, Any], charset: str
    ) -> None:
        url = content_url(db, storage, Analysis(detected_type="text/plain", result={"text": facts}))
        assert f"?text/plain{charset}&inline;" in url

    @pytest.mark.parametrize(
        ("encoding", "size", "charset"),
        [
            ("cp1250", 100, ""),
            ("utf-8", 65536, "; charset=utf-8"),
            ("utf-8", 65537, ""),
            ("utf-16", 65537, "; charset=utf-16"),
            ("ascii", 100, "; charset=us-ascii"),
        ],
    )
    def test_results_of_earlier_versions_are_certain_where_they_were(
        self, db: FakePorts, storage: FakeStorage, encoding: str, size: int, charset: str
    ) -> None:
        analysis = Analysis(detected_type="text/plain", result={"text": {"encoding": encoding}})
        assert f"?text/plain{charset}&inline;" in content_url(db, storage, analysis, size)

    def test_csv_has_its_charset(self, db: FakePorts, storage: FakeStorage) -> None:
        result = {"csv": {"encoding": "utf-16", "encoding_guessed": False}}
        url = content_url(db, storage, Analysis(detected_type="text/csv", result=result))
        assert "?text/csv; charset=utf-16&attachment;" in url

    def test_content_disposition_of_any_name_is_ascii(self) -> None:
        header = download_urls.content_disposition("attachment", 'é "x"\\%.txt')
        assert header == "attachment; filename=\"_ _x___.txt\"; filename*=UTF-8''%C3%A9%20%22x%22%5C%25.txt"
        assert header.isascii()

    def test_content_of_file_without_bytes_is_not_uploaded(self, db: FakePorts, storage: FakeStorage) -> None:
        new = new_file()
        db.files.add(new, LEASE)
        file = db.files.get(OWNER, new.id)
        assert file is not None
        with pytest.raises(ServiceError) as caught:
            download_urls.get_content_url(
                download_urls.GetContentUrl(OWNER, file.id, must_be_clean=False),
                files=db.files,
                objects=storage,
                storage=storage,
                limits=same_limits(),
            )
        assert caught.value.kind is NOT_UPLOADED

    def test_file_whose_object_is_missing_has_neither_content_nor_thumbnail(
        self, db: FakePorts, storage: FakeStorage
    ) -> None:
        """The storage would respond with an error of its own, in XML."""
        file = finish_file(db, upload(db, storage), Failure(OBJECT_MISSING.code, OBJECT_MISSING.message))
        with pytest.raises(ServiceError) as caught:
            download_urls.get_content_url(
                download_urls.GetContentUrl(OWNER, file.id, must_be_clean=False),
                files=db.files,
                objects=storage,
                storage=storage,
                limits=same_limits(),
            )
        assert caught.value.kind is CONTENT_MISSING
        with pytest.raises(ServiceError) as caught:
            download_urls.get_thumbnail_url(
                download_urls.GetThumbnailUrl(OWNER, file.id, must_be_clean=False), files=db.files, storage=storage
            )
        assert caught.value.kind is NO_THUMBNAIL

    def test_file_that_failed_because_of_its_content_has_its_content(
        self, db: FakePorts, storage: FakeStorage
    ) -> None:
        file = finish_file(db, upload(db, storage), Failure("unreadable_pdf", "why"))
        assert download_urls.get_content_url(
            download_urls.GetContentUrl(OWNER, file.id, must_be_clean=False),
            files=db.files,
            objects=storage,
            storage=storage,
            limits=same_limits(),
        )

    @pytest.mark.parametrize("of_owner", [{"allowed_types": ("text/*",)}, {"denied_types": ("image/*",)}])
    def test_where_types_are_limited_only_a_file_of_a_known_type_has_its_content(
        self, db: FakePorts, storage: FakeStorage, of_owner: dict[str, Any]
    ) -> None:
        """Otherwise a file that crashes its workers would be a way around the limit."""
        limits = Limits(OwnerLimits(max_file_bytes=1), {OWNER: OwnerLimits(max_file_bytes=1, **of_owner)})
        waiting, failed = (upload(db, storage) for _ in range(2))
        finish_file(db, failed, Failure("attempts_exhausted", "why"))
        known = finish_file(db, upload(db, storage), Failure("unreadable_pdf", "why", analysis()))

        def get(file: File) -> str:
            command = download_urls.GetContentUrl(OWNER, file.id, must_be_clean=False)
            return download_urls.get_content_url(
                command, files=db.files, objects=storage, storage=storage, limits=limits
            )

        for file in (waiting, failed):
            with pytest.raises(ServiceError) as caught:
                get(file)
            assert caught.value.kind is TYPE_UNKNOWN
        assert get(known)
