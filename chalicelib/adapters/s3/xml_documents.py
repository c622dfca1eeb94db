"""The documents in S3's responses."""

from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, fromstring

from chalicelib.adapters.s3.errors import NoResponseError
from chalicelib.adapters.s3.values import bare_etag
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectPage


def parse_list(body: bytes) -> ObjectPage:
    """Return the page of a list whose keys are encoded (`encoding-type=url`). Raises NoResponseError.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    document = _parse(body, "ListBucketResult")
    objects = [
        ObjectRef(
            key=unquote_plus(_text(entry, "Key")),
            etag=bare_etag(_text(entry, "ETag")),
            size=int(_text(entry, "Size")),
        )
        for entry in document.iterfind("{*}Contents")
    ]
    return ObjectPage(objects, has_more=_text(document, "IsTruncated") == "true")


def parse_tags(body: bytes) -> dict[str, str]:
    """Return an object's tags. Raises NoResponseError.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html
    """
    return {_text(tag, "Key"): _text(tag, "Value") for tag in _parse(body, "Tagging").iterfind("{*}TagSet/{*}Tag")}


def _parse(body: bytes, name: str) -> Element:
    """Return the document, whose root has this name. Another one would look like an empty list."""
    try:
        document: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:  # the latter two for a DTD, or an unknown encoding
        raise NoResponseError(type(error).__name__) from error
    if document.tag.rpartition("}")[2] != name:
        raise NoResponseError(f"malformed response, no {name}")
    return document


def _text(element: Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""
