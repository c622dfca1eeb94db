"""What the document says of the API as a whole: its Info Object and its tags."""

from chalicelib.version import VERSION

DESCRIPTION = """\
Upload files over HTTP. The service stores them in S3, processes each one in the background, and always reports an
accurate status.

**Authentication.** Send a token with each request: `Authorization: Bearer TOKEN`. It belongs to an owner, whose
files are the only ones that it sees, and has scopes: `read`, `write`, which includes `read`, and `admin`, which
sees every owner's files. With the header `X-Owner: alice`, percent-encoded if the name isn't ASCII, an
administrator sees and creates only that owner's. A JWT of the OpenID Connect issuer that the service is configured
for is such a token, too; its scope is `write`, or `admin`. An operation without a scope needs no token. With
`AUTH=off`, the default for development, none does, and all callers are administrators.

**Paths.** Every path works with and without a trailing slash. HEAD works wherever GET does, and OPTIONS of every
path returns its methods in `Allow`.

**Web pages.** The origins in `CORS_ORIGINS` may call the API from a browser, and read all headers that it sets.

**Responses** are JSON. Times are RFC 3339 in UTC with milliseconds. Later versions may add fields, error codes,
and values such as statuses: clients should ignore fields that they don't know, and accept other values. Every
response has `X-Content-Type-Options: nosniff`, and a `Cache-Control` that lets no shared cache keep data of files.

**Parameters.** An unknown query parameter is a 400 that names the closest known one: a misspelled filter would
filter nothing. So is one that is given twice.

**Pages.** A list is a bare array. If there is more, the URL of the next page is in the header
`Link: <…>; rel="next"`. A page may have fewer entries than `limit`, because it ends at 5 MB: only a page without a
`Link` is the last one.

**Errors** have the form `{"error": code, "message": text, "requestId": id}`. The message says what is wrong and
what to do; where a message is described, a word in braces stands for a detail. `requestId` is also in the log, as
`request_id`.

**Limits.** Files and bytes are limited by owner: `GET /api/usage`. Where requests are limited, each response has
`RateLimit-Policy: "requests";q=60;w=60` (60 requests in 60 seconds) and `RateLimit: "requests";r=59;t=1` (59 are
left, and one more in a second). What is beyond them gets 429 with `Retry-After`. The headers are those of
draft-ietf-httpapi-ratelimit-headers-10.

**Commands.** In the examples, `$URL` is the service's URL, such as `http://127.0.0.1:8000`, and `$ID` is the `id`
of a file, which is also `{file_id}` in a path.
"""

INFO = {"title": "file-loader", "version": VERSION, "description": DESCRIPTION}

TAGS = {
    "Uploads": "Upload files.",
    "Uppy": "Upload files from a page with Uppy 6 or 5, which calls these routes itself.",
    "Files": "List, get, download, rename, delete and process files that are stored.",
    "Changes": "Follow the changes of all files.",
    "Accounts": "Who calls, and the tokens of owners.",
    "Limits": "What is used, and what is left.",
    "Administration": "The whole service, for administrators.",
    "Health": "Whether the service works.",
    "Web page": "The page for people, and what other pages embed.",
    "Documentation": "This description of the API, for programs and for people.",
}
"""The tags of operations, each with its description, in the order in which they are shown."""

SECURITY_SCHEME = "token"

SECURITY_SCHEMES = {
    SECURITY_SCHEME: {
        "type": "http",
        "scheme": "bearer",
        "description": "A token with the scope that the operation names, or one that includes it.",
    }
}
