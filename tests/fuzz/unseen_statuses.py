"""Described statuses that a run of schemathesis doesn't get from the emulator, and why.

Each names the test that shows the status, or says why nothing on this machine can respond with it.
tests/fuzz/test_description.py fails for an entry that is no longer needed.
"""

from dataclasses import dataclass

EVERY_OPERATION: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unseen:
    """A status of some operations."""

    status: int
    reason: str
    shown_by: str | None
    """A test, as pytest names it; None if it can't be shown on this machine."""
    operation_ids: tuple[str, ...] = EVERY_OPERATION

    def covers(self, operation_id: str, status: int) -> bool:
        """Return whether this is why the operation's status wasn't seen."""
        return status == self.status and (not self.operation_ids or operation_id in self.operation_ids)


UNSEEN = (
    Unseen(
        400,
        "without parameters and a body, only a request that isn't HTTP or has an unknown parameter is malformed",
        "tests/integration/test_http_server.py::test_malformed_request_gets_a_response_without_a_stack_trace",
        (
            "check_health",
            "get_openapi",
            "get_docs_page",
            "get_docs_asset",
            "get_page",
            "get_asset",
            "get_embedded_script",
            "get_sign_in",
            "get_caller",
            "get_usage",
            "get_overview",
        ),
    ),
    Unseen(
        401,
        "the service doesn't authenticate",
        "tests/integration/access/test_authentication.py::"
        "test_a_route_is_public_or_refuses_a_request_without_a_token",
    ),
    Unseen(403, "a firewall or a policy of API Gateway refuses the request", None),
    Unseen(
        404,
        "the web pages aren't built",
        "tests/unit/test_pages.py::test_page_without_a_build_says_how_to_build_it",
        ("get_docs_page", "get_page", "get_embedded_script"),
    ),
    Unseen(
        404,
        "a short run may try an existing one with each request",
        "tests/unit/test_pages.py::test_any_other_name_is_not_found",
        ("get_docs_asset", "get_asset"),
    ),
    Unseen(
        404,
        "a short run may try an existing one with each request",
        "tests/acceptance/test_bad_input.py::test_unknown_and_malformed_ids",
        (
            "get_file",
            "update_file",
            "delete_file",
            "get_content",
            "get_thumbnail",
            "get_timeline",
            "reprocess_file",
        ),
    ),
    Unseen(
        409,
        "another request deletes the file before its bytes are stored",
        "tests/unit/test_upload_file.py::test_file_deleted_during_upload_leaves_no_object",
        ("upload_file",),
    ),
    Unseen(
        409,
        "S3 was unavailable during the upload",
        "tests/integration/test_outages.py::test_upload_returns_503_without_storage_and_awaits_upload",
        ("get_content",),
    ),
    Unseen(
        409,
        "this installation scans no files",
        "tests/integration/test_malware.py::test_a_file_is_pending_until_the_event",
        ("get_thumbnail",),
    ),
    Unseen(
        409,
        "S3 was unavailable during the upload",
        "tests/integration/test_change_tracking.py::test_a_file_without_an_object_cannot_be_reprocessed",
        ("reprocess_file",),
    ),
    Unseen(
        200,
        "a short run may try no file that has its bytes without `redirect`",
        "tests/acceptance/test_openapi_examples.py::test_examples_are_what_the_service_responds",
        ("get_content", "get_thumbnail"),
    ),
    Unseen(
        200,
        "parts have to be sent to S3 before",
        "tests/acceptance/test_openapi_examples.py::test_examples_are_what_the_service_responds",
        (
            "get_part_urls",
            "complete_upload",
            "list_unsized_parts",
            "sign_unsized_part",
            "complete_unsized_upload",
            "abort_unsized_upload",
        ),
    ),
    Unseen(
        404,
        "an upload's key can't be invented, so a run tries only requests that begin one",
        "tests/unit/test_unsized_uploads.py::test_nothing_is_done_with_another_key_upload_or_owner",
        ("sign_request",),
    ),
    Unseen(
        409,
        "the bytes have to arrive before",
        "tests/acceptance/test_openapi_examples.py::test_examples_are_what_the_service_responds",
        ("abort_upload", "complete_upload"),
    ),
    Unseen(
        409,
        "the bytes have to arrive before",
        "tests/unit/test_unsized_uploads.py::test_finished_upload_is_not_signed",
        ("list_unsized_parts", "sign_unsized_part", "sign_unsized_parts", "abort_unsized_upload", "sign_request"),
    ),
    Unseen(
        409,
        "a short run may try no upload that it has created",
        "tests/unit/test_unsized_uploads.py::test_parts_that_s3_lacks_are_refused",
        ("complete_unsized_upload",),
    ),
    *(
        Unseen(
            status,
            "a short run may try no upload that it has created, or each one only after it was aborted",
            "tests/acceptance/test_openapi_examples.py::test_examples_are_what_the_service_responds",
            operation_ids,
        )
        for status, operation_ids in (
            (200, ("get_upload", "get_part_urls", "complete_upload")),
            (204, ("abort_upload",)),
            (409, ("get_part_urls",)),
            (422, ("get_part_urls", "create_upload")),
        )
    ),
    Unseen(
        410,
        "an upload expires after days",
        "tests/acceptance/test_openapi_examples.py::test_examples_are_what_the_service_responds",
        ("create_upload", "get_upload", "get_part_urls", "complete_upload"),
    ),
    Unseen(
        410,
        "an upload expires after days",
        "tests/unit/test_unsized_uploads.py::test_upload_in_parts_is_aborted",
        (
            "list_unsized_parts",
            "sign_unsized_part",
            "sign_unsized_parts",
            "complete_unsized_upload",
            "sign_request",
        ),
    ),
    Unseen(
        411,
        "only `chalice local` doesn't read chunked bodies",
        "tests/integration/test_chalice_local.py::test_an_unread_body_is_not_parsed_as_the_next_request",
        (
            "upload_file",
            "update_file",
            "create_upload",
            "get_part_urls",
            "complete_upload",
            "begin_multipart_upload",
            "complete_unsized_upload",
            "sign_request",
            "create_token",
            "create_upload_token",
            "reprocess_outdated_files",
        ),
    ),
    Unseen(
        413,
        "the body has more than 10 MB",
        "tests/acceptance/test_bad_input.py::test_a_request_above_the_gateways_limit_gets_413",
    ),
    Unseen(
        421,
        "the Host header names another server",
        "tests/integration/test_public_urls.py::test_presigned_urls_have_the_host_that_the_client_reaches",
    ),
    Unseen(429, "API Gateway limits the rate of requests; the emulator doesn't", None),
    Unseen(
        431,
        "the headers have more than 262,144 bytes",
        "tests/integration/test_http_server.py::test_malformed_request_gets_a_response_without_a_stack_trace",
    ),
    Unseen(
        500,
        "a fault of this service: a run that gets it fails",
        "tests/unit/test_router.py::test_any_other_exception_is_logged_and_an_internal_error",
    ),
    Unseen(
        501,
        "the body has a transfer encoding that the server doesn't know",
        "tests/integration/test_http_server.py::test_malformed_request_gets_a_response_without_a_stack_trace",
    ),
    Unseen(
        503,
        "the database or S3 is unavailable: a run that gets it fails",
        "tests/integration/test_outages.py::test_every_route_returns_503_without_a_database",
    ),
    Unseen(504, "API Gateway waits for 29 seconds; the emulator has no limit", None),
    Unseen(
        507,
        "a disk is full: a run that gets it fails",
        "tests/integration/test_outages.py::test_upload_to_a_full_database_returns_507",
        (
            "upload_file",
            "update_file",
            "delete_file",
            "reprocess_file",
            "reprocess_outdated_files",
            "list_changes",
            "create_upload",
            "get_upload",
            "complete_upload",
            "abort_upload",
            "begin_form_upload",
            "begin_multipart_upload",
            "list_unsized_parts",
            "complete_unsized_upload",
            "abort_unsized_upload",
            "sign_request",
            "create_token",
            "revoke_token",
            "get_content",
        ),
    ),
)
