"""The certificate authorities that S3's certificates are verified with.

They are those of botocore's bundle, as boto3 has it. Loading all of them takes longer than a request, so Amazon's
own are tried first: S3 has its certificates from them. https://www.amazontrust.com/repository/
"""

import os
import re
import ssl
from importlib.util import find_spec
from pathlib import Path

_AMAZONS = re.compile(
    r'^# Label: "(?:Amazon Root CA \d|Starfield Services Root Certificate Authority - G2)"$'
    r".*?^(-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----)$",
    re.MULTILINE | re.DOTALL,
)
"""A certificate in the bundle, and the comment above it."""


def make_context(*, all_authorities: bool = False) -> ssl.SSLContext:
    """Return what verifies certificates: with Amazon's authorities, or with all. AWS_CA_BUNDLE replaces both."""
    own = os.environ.get("AWS_CA_BUNDLE")
    path = Path(own) if own else _bundle()
    amazons = [] if own or all_authorities else _AMAZONS.findall(path.read_text())
    if amazons:
        return ssl.create_default_context(cadata="\n".join(amazons))
    return ssl.create_default_context(cafile=path)


def _bundle() -> Path:
    """Return botocore's bundle, without loading botocore."""
    spec = find_spec("botocore")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0], "cacert.pem")
