"""The addresses of buckets, compared with botocore's."""

import boto3
import pytest
from botocore.config import Config

from chalicelib.adapters.s3.addresses import find_bucket_url

REGIONS = sorted(
    {
        region
        for partition in boto3.session.Session().get_available_partitions()
        for region in boto3.session.Session().get_available_regions("s3", partition)
    }
)


def boto3_url(bucket: str, region: str) -> str:
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    client = boto3.session.Session().client("s3", region_name=region, config=config)
    url = client.generate_presigned_url("head_bucket", Params={"Bucket": bucket})
    return url.partition("?")[0].rstrip("/")


@pytest.mark.parametrize("bucket", ["bucket", "b-1", "0" * 63])
def test_addresses_are_botocores(bucket: str) -> None:
    found = {region: find_bucket_url(bucket, region, None) for region in REGIONS}
    unknown = {region for region, url in found.items() if url is None}
    assert unknown == {region for region in REGIONS if region.startswith(("cn-", "eusc-", "eu-iso", "us-iso"))}
    for region in ("us-east-1", "us-west-2", "eu-central-1", "ap-southeast-3", "us-gov-west-1"):
        assert found[region] == boto3_url(bucket, region)


@pytest.mark.parametrize("bucket", ["a.bucket", "Bucket", "b_c", "ab", "-ab", "ab-", "0" * 64])
def test_other_names_are_left_to_botocore(bucket: str) -> None:
    assert find_bucket_url(bucket, "eu-central-1", None) is None


@pytest.mark.parametrize(
    "name", ["AWS_ENDPOINT_URL_S3", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_PROFILE"]
)
def test_what_changes_addresses_is_left_to_botocore(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")
    assert find_bucket_url("bucket", "eu-central-1", None) is None


def test_emulators_are_addressed_by_path() -> None:
    for url, expected in (
        ("http://127.0.0.1:4566/", "http://127.0.0.1:4566"),
        ("http://[::80]:80", "http://[::80]"),
        ("https://S3.example:443/a/B/", "https://s3.example/a/B"),
        ("https://s3.example:80", "https://s3.example:80"),
    ):
        assert find_bucket_url("a.Bucket", "xx", url) == f"{expected}/a.Bucket"
