"""What MiniStack is protected from: web pages, and names that aren't this machine's."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from emulator.presigned_requests import METHODS, presigned_bucket
from emulator.queues import cors_rules
from emulator.request_filter import RequestFilter
from infra import template_reader

ORIGIN = {"origin": "https://evil.example"}
LAMBDA_PATHS = ["/2015-03-31/functions", "/2015-03-31/functions/f/invocations", "/_ministack/config"]


S3 = boto3.session.Session("test", "test", region_name="us-east-1").client(
    "s3",
    endpoint_url="http://127.0.0.1:4566",
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
)


def presign(operation: str = "get_object", **parameters: Any) -> Any:
    """Return the parts of a presigned URL of an object, as the service makes them."""
    parameters = {"Bucket": "files", "Key": "uploads/1/a b.txt", **parameters}
    return urlsplit(S3.generate_presigned_url(operation, Params=parameters))


PRESIGNED = presign()


EVERY_ORIGIN = """
<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule>
  <AllowedOrigin>*</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod>
  <AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedMethod>DELETE</AllowedMethod>
  <AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><ExposeHeader>Location</ExposeHeader>
  <MaxAgeSeconds>3600</MaxAgeSeconds>
</CORSRule></CORSConfiguration>
"""
TWO_RULES = """
<CORSConfiguration>
  <CORSRule><AllowedOrigin>https://a.example</AllowedOrigin><AllowedOrigin>https://*.b.example</AllowedOrigin>
    <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>
    <AllowedHeader>Content-Type</AllowedHeader><AllowedHeader>x-amz-*</AllowedHeader></CORSRule>
  <CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>
</CORSConfiguration>
"""


class MiniStack:
    """A RequestFilter around an application that records what reaches it, and has the bucket `files`."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.configuration: str | None = EVERY_ORIGIN
        """The bucket's CORS configuration."""
        self.filter = RequestFilter(self._application)

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        is_check = (scope["method"], scope["query_string"]) == ("GET", b"cors")
        if not is_check:
            await receive()
            self.reached.append(f"{scope['method']} {scope['path']}")
        status, body = 200, ""
        if is_check and scope["path"] != "/files":
            status, body = 404, "<Error><Code>NoSuchBucket</Code></Error>"
        elif is_check and self.configuration is None:
            status, body = 404, "<Error><Code>NoSuchCORSConfiguration</Code></Error>"
        elif is_check:
            body = self.configuration or ""
        headers = [(b"Access-Control-Allow-Origin", b"*"), (b"Access-Control-Expose-Headers", b"*")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})

    def request(
        self,
        method: str = "GET",
        path: str = "/files/uploads/1/a b.txt",
        query: str = "",
        host: str | None = "127.0.0.1:4566",
        **headers: str,
    ) -> tuple[int, dict[str, str]]:
        """Send a request, with `_` for `-` in names of headers. Return the response's status and headers."""
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(event: Any) -> None:
            sent.append(event)

        all_headers = ({} if host is None else {"host": host}) | headers
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in all_headers.items()],
        }
        asyncio.run(self.filter(scope, receive, send))
        start = sent[0]
        return start["status"], {name.decode().lower(): value.decode() for name, value in start["headers"]}


@pytest.fixture
def ministack() -> MiniStack:
    return MiniStack()


class TestHost:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "127.0.0.1:4566",
            "[::1]:4566",
            "localhost:1",
            "LOCALHOST",
            "files.localhost:4566",
            "a.b.localhost",
        ],
    )
    def test_loopback_names_get_a_response(self, ministack: MiniStack, host: str) -> None:
        assert ministack.request(path=LAMBDA_PATHS[0], host=host)[0] == 200

    @pytest.mark.parametrize(
        "host",
        [
            None,
            "",
            "evil.example",
            "evil.example:4566",
            "localhost.evil.example",
            "evillocalhost",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "127.0.0.1, evil.example",
            "0.0.0.0:4566",
            "192.168.1.5",
            "[::]",
            "localhost:",
            "localhost:4566\n",
        ],
    )
    def test_unknown_host_names_are_refused(self, ministack: MiniStack, host: str | None) -> None:
        assert ministack.request(path=LAMBDA_PATHS[0], host=host)[0] == 403
        assert ministack.request(query=PRESIGNED.query, host=host)[0] == 403
        assert ministack.reached == []

    def test_a_second_host_is_refused(self, ministack: MiniStack) -> None:
        scope = {"headers": [(b"host", b"localhost"), (b"host", b"evil.example")]}
        sent: list[Any] = []

        async def send(event: Any) -> None:
            sent.append(event)

        asyncio.run(ministack.filter({"type": "http", **scope}, None, send))  # type: ignore[arg-type]
        assert sent[0]["status"] == 403


class TestWebPages:
    @pytest.mark.parametrize("path", [*LAMBDA_PATHS, "/", "/other", "/files/a.txt", "/health"])
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
    @pytest.mark.parametrize(
        "headers",
        [
            ORIGIN,
            {"origin": "null"},
            {"origin": "http://127.0.0.1:4566"},
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site"},
            {"sec_fetch_site": "same-origin"},
            {"sec_fetch_site": "none"},
        ],
    )
    def test_no_request_of_a_browser_reaches_ministack(
        self, ministack: MiniStack, path: str, method: str, headers: dict[str, str]
    ) -> None:
        status, response = ministack.request(method, path, **headers, access_control_request_method="POST")
        assert (status, ministack.reached) == (403, [])
        assert not [name for name in response if name.startswith("access-control")]

    def test_requests_of_programs_reach_ministack(self, ministack: MiniStack) -> None:
        assert ministack.request("POST", LAMBDA_PATHS[0])[0] == 200
        assert ministack.reached == [f"POST {LAMBDA_PATHS[0]}"]

    def test_websockets_are_refused(self, ministack: MiniStack) -> None:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(event: Any) -> None:
            sent.append(event)

        asyncio.run(ministack.filter({"type": "websocket", "headers": []}, receive, send))
        assert [event["type"] for event in sent] == ["websocket.close"]


class TestPresignedRequests:
    @pytest.mark.parametrize("headers", [ORIGIN, {"sec_fetch_site": "cross-site"}])
    @pytest.mark.parametrize(
        ("method", "query"),
        [
            ("GET", PRESIGNED.query),
            ("HEAD", presign("head_object").query),
            ("PUT", presign("put_object", ContentLength=5, ContentType="text/plain", IfNoneMatch="*").query),
            ("PUT", presign("upload_part", UploadId="u-1", PartNumber=2).query),
            ("POST", presign("create_multipart_upload").query),
            ("POST", presign("complete_multipart_upload", UploadId="u-1").query),
            ("GET", presign("list_parts", UploadId="u-1", MaxParts=5, PartNumberMarker=1).query),
            ("DELETE", presign("abort_multipart_upload", UploadId="u-1").query),
        ],
    )
    def test_page_may_send_presigned_object_requests(
        self, ministack: MiniStack, method: str, query: str, headers: dict[str, str]
    ) -> None:
        status, response = ministack.request(method, query=query, **headers)
        assert (status, len(ministack.reached)) == (200, 1)
        assert response["access-control-allow-origin"] == "*"
        assert response["access-control-expose-headers"] == "ETag, Location"

    def test_preflight_gets_a_response_without_ministack(self, ministack: MiniStack) -> None:
        asked = {"access_control_request_method": "PUT", "access_control_request_headers": "content-type"}
        status, response = ministack.request("OPTIONS", query=PRESIGNED.query, **ORIGIN, **asked)
        assert (status, ministack.reached) == (200, [])
        assert "PUT" in response["access-control-allow-methods"]

    @pytest.mark.parametrize(
        ("method", "path", "query", "headers"),
        [
            pytest.param("GET", "/other/a.txt", PRESIGNED.query, {}, id="no such bucket"),
            pytest.param("POST", LAMBDA_PATHS[1], PRESIGNED.query, {}, id="a path of Lambda"),
            pytest.param("GET", "/files", PRESIGNED.query, {}, id="the bucket"),
            pytest.param("GET", "/files/", PRESIGNED.query, {}, id="the bucket with a slash"),
            pytest.param("GET", "//files/a.txt", PRESIGNED.query, {}, id="no bucket"),
            pytest.param("PATCH", "/files/a.txt", PRESIGNED.query, {}, id="a method that CORS on AWS refuses"),
            pytest.param("DELETE", "/files/a.txt", PRESIGNED.query, {}, id="the deletion of an object"),
            pytest.param("GET", "/files/a.txt", f"{PRESIGNED.query}&Action=CreateQueue", {}, id="an action"),
            pytest.param("PUT", "/files/a.txt", f"{PRESIGNED.query}&acl", {}, id="an access list"),
            pytest.param("GET", "/files/a.txt", f"{PRESIGNED.query}&X-Amz-Date=x", {}, id="a second date"),
            pytest.param("GET", "/files/a.txt", PRESIGNED.query.replace("s3", "lambda"), {}, id="another service"),
            pytest.param("GET", "/files/a.txt", "X-Amz-Signature=0", {}, id="a signature alone"),
            pytest.param("GET", "/files/a.txt", PRESIGNED.query[:-1], {}, id="a short signature"),
            pytest.param(
                "GET", "/files/a.txt", PRESIGNED.query, {"x_amz_target": "AWSEvents.PutRule"}, id="a target"
            ),
            pytest.param("GET", "/files/a.txt", PRESIGNED.query, {"authorization": "x"}, id="other credentials"),
            pytest.param("GET", "/a.txt", PRESIGNED.query, {"host": "files.localhost"}, id="a bucket in the host"),
        ],
    )
    def test_other_requests_of_a_page_are_refused(
        self, ministack: MiniStack, method: str, path: str, query: str, headers: dict[str, str]
    ) -> None:
        assert ministack.request(method, path, query, **ORIGIN, **headers)[0] == 403
        preflight = {"access_control_request_method": method}
        assert ministack.request("OPTIONS", path, query, **ORIGIN, **headers, **preflight)[0] == 403
        assert ministack.reached == []

    def test_a_signature_by_another_name_is_not_one(self) -> None:
        lowercase = PRESIGNED.query.replace("X-Amz-Signature", "x-amz-signature")
        assert presigned_bucket("GET", "/files/a", PRESIGNED.query.encode()) == "files"
        assert presigned_bucket("GET", "/files/a", lowercase.encode()) is None


FORM = {"content_type": "multipart/form-data; boundary=b"}


class TestForms:
    """Whether they are signed is the next application's to check: emulator/form_check.py."""

    @pytest.mark.parametrize("path", ["/files", "/files/"])
    def test_page_may_send_a_form_to_a_bucket(self, ministack: MiniStack, path: str) -> None:
        preflight = {"access_control_request_method": "POST"}
        assert ministack.request("OPTIONS", path, **ORIGIN, **preflight)[0] == 200
        status, response = ministack.request("POST", path, **ORIGIN, **FORM)
        assert (status, ministack.reached) == (200, [f"POST {path}"])
        assert response["access-control-allow-origin"] == "*"

    @pytest.mark.parametrize(
        ("path", "query", "headers"),
        [
            pytest.param("/files", "", {"content_type": "text/plain"}, id="no form"),
            pytest.param("/files", "delete", FORM, id="a query"),
            pytest.param("/files/a.txt", "", FORM, id="an object"),
            pytest.param("/other", "", FORM, id="no such bucket"),
            pytest.param("/", "", FORM, id="no bucket"),
            pytest.param("/files", "", {**FORM, "authorization": "x"}, id="other credentials"),
        ],
    )
    def test_other_requests_with_a_body_are_refused(
        self, ministack: MiniStack, path: str, query: str, headers: dict[str, str]
    ) -> None:
        assert ministack.request("POST", path, query, **ORIGIN, **headers)[0] == 403
        assert ministack.reached == []

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
    def test_other_requests_to_a_bucket_are_refused(self, ministack: MiniStack, method: str) -> None:
        assert ministack.request(method, "/files", **ORIGIN, **FORM)[0] == 403
        preflight = {"access_control_request_method": method}
        assert ministack.request("OPTIONS", "/files", **ORIGIN, **preflight)[0] == 403
        assert ministack.reached == []


class TestCorsConfiguration:
    @pytest.mark.parametrize(
        ("origin", "method", "headers", "is_allowed"),
        [
            ("https://a.example", "PUT", "", True),
            ("https://a.example", "PUT", "content-type,X-Amz-Checksum-Sha256", True),
            ("https://x.b.example", "PUT", "", True),
            ("https://a.example", "PUT", "if-none-match", False),
            ("https://a.example", "DELETE", "", False),
            ("https://a.example:8443", "PUT", "", False),
            ("http://a.example", "PUT", "", False),
            ("https://b.example", "PUT", "", False),
            ("https://evil.example", "PUT", "", False),
            ("https://evil.example", "GET", "", True),
            ("https://evil.example", "GET", "range", False),
        ],
    )
    def test_preflight_needs_a_rule(
        self, ministack: MiniStack, origin: str, method: str, headers: str, is_allowed: bool
    ) -> None:
        ministack.configuration = TWO_RULES
        preflight = {"access_control_request_method": method}
        if headers:
            preflight["access_control_request_headers"] = headers
        query = presign("abort_multipart_upload", UploadId="u-1").query  # a DELETE needs an upload
        status, response = ministack.request("OPTIONS", query=query, origin=origin, **preflight)
        assert (status, ministack.reached) == (200 if is_allowed else 403, [])
        assert ("access-control-allow-origin" in response) == is_allowed

    def test_response_without_a_rule_is_hidden_from_the_page(self, ministack: MiniStack) -> None:
        """S3 handles the request all the same: a browser that needn't ask first has sent it."""
        ministack.configuration = TWO_RULES
        query = presign("put_object").query
        allowed = ministack.request("PUT", query=query, origin="https://a.example")[1]
        assert allowed["access-control-allow-origin"] == "https://a.example"
        assert allowed["access-control-allow-credentials"] == "true"
        status, hidden = ministack.request("PUT", query=query, origin="https://evil.example")
        assert (status, "access-control-allow-origin" in hidden) == (200, False)
        assert "access-control-expose-headers" not in hidden

    @pytest.mark.parametrize("configuration", [None, "", "<CORSConfiguration/>"])
    def test_without_rules_no_page_may_ask(self, ministack: MiniStack, configuration: str | None) -> None:
        ministack.configuration = configuration
        preflight = {"access_control_request_method": "GET"}
        assert ministack.request("OPTIONS", query=PRESIGNED.query, **ORIGIN, **preflight)[0] == 403
        status, response = ministack.request("GET", query=PRESIGNED.query, **ORIGIN)
        assert (status, "access-control-allow-origin" in response) == (200, False)


def test_the_emulators_bucket_allows_what_the_one_on_aws_does() -> None:
    template = template_reader.read("storage")
    conditional, reads = template["Resources"]["Bucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    _, uploads, _ = conditional
    uploads = {**uploads, "AllowedOrigins": ["https://app.example"]}
    on_aws = [
        {
            **{name: rule[name] for name in ("AllowedOrigins", "AllowedMethods", "AllowedHeaders")},
            "ExposeHeaders": rule["ExposedHeaders"],
            "MaxAgeSeconds": rule["MaxAge"],
        }
        for rule in (uploads, reads)
    ]
    assert cors_rules(["https://app.example"]) == on_aws
    assert cors_rules([]) == on_aws[1:]
    assert {*uploads["AllowedMethods"], *reads["AllowedMethods"]} == set(METHODS)
