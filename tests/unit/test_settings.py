"""Settings from environment variables, and the files and documents that name them."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from chalicelib.core.limits.build_limits import NAMES as LIMITS
from chalicelib.settings import (
    RENAMED_VARIABLES,
    UPLOAD_BYTES_LIMIT,
    InvalidSettingError,
    Settings,
    Variable,
    from_environ,
    variables,
)
from chalicelib.settings.hosts import find_listening_address
from infra import renamed_settings

ROOT = Path(__file__).parents[2]

NAMES = {variable.name for variable in variables().values()}

OF_BOTO3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}


def test_settings_without_variables_are_the_defaults() -> None:
    assert from_environ({}) == Settings(
        database_url="",
        migration_database_url="",
        database_iam=False,
        database_connections=4,
        bucket="file-loader",
        dead_letter_queue="file-loader-dead-letters",
        aws_endpoint_url=None,
        public_urls=(),
        s3_public_urls=(),
        cors_origins=(),
        auth_required=False,
        upload_token_secrets=(),
        bind_address="127.0.0.1",
        max_upload_bytes=UPLOAD_BYTES_LIMIT,
        max_file_bytes=53_687_091_200_000,
        allowed_types=(),
        denied_types=(),
        max_files=None,
        max_stored_bytes=None,
        max_files_per_day=None,
        max_bytes_per_day=None,
        requests_per_minute=None,
        owner_limits={},
        multipart_threshold=67_108_864,
        upload_lifetime=timedelta(days=7),
        max_checksum_bytes=268_435_456,
        default_owner="everyone",
        oidc_issuer=None,
        oidc_audiences=(),
        oidc_audience_claim="aud",
        oidc_algorithms=("RS256",),
        oidc_owner_claim="sub",
        oidc_admin_claim=None,
        oidc_admin_value=None,
        oidc_jwks=None,
        oidc_jwks_url=None,
        oidc_jwks_in_bucket=False,
        oidc_client_id=None,
        oidc_authorization_url=None,
        oidc_token_url=None,
        oidc_scope="openid",
        sweep_grace=timedelta(seconds=30),
        health_max_queue_age=timedelta(minutes=15),
        max_long_polls=10,
        malware_scan="off",
        clamav_address=None,
        stage="dev",
        log_level="INFO",
    )


def test_an_empty_value_is_the_default() -> None:
    assert from_environ(dict.fromkeys(NAMES, "")) == from_environ({})


def test_a_lambda_function_has_one_database_connection() -> None:
    assert from_environ({}).database_connections == 4
    assert from_environ({"AWS_LAMBDA_FUNCTION_NAME": "f", "AUTH": "required"}).database_connections == 1
    environ = {"AWS_LAMBDA_FUNCTION_NAME": "f", "AUTH": "required", "DATABASE_CONNECTIONS": "2"}
    assert from_environ(environ).database_connections == 2


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"AUTH": "on"}, "AUTH must be required, or off for development on one machine, got 'on'"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f"}, "AUTH must be required, or off"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f", "AUTH": "off"}, "on AWS, set AUTH=required"),
        (
            {"AWS_LAMBDA_FUNCTION_NAME": "f", "AUTH": "off", "AWS_ENDPOINT_URL": "https://s3.amazonaws.com"},
            "on AWS, set AUTH=required",
        ),
        ({"BIND_ADDRESS": "192.168.1.5"}, "with BIND_ADDRESS=192.168.1.5 other machines reach the service"),
        ({"BIND_ADDRESS": "::"}, "with BIND_ADDRESS=:: other machines reach the service"),
        ({"BIND_ADDRESS": "0"}, "with BIND_ADDRESS=0 other machines reach the service"),
        ({"BIND_ADDRESS": "laptop"}, "with BIND_ADDRESS=laptop other machines reach the service"),
        ({"PUBLIC_URL": "http://localhost:8000 https://files.example"}, "PUBLIC_URL https://files.example can be"),
        ({"PUBLIC_URL": "http://192.168.1.5:8000"}, "PUBLIC_URL http://192.168.1.5:8000 can be reached by others"),
        *(
            ({"PUBLIC_URL": f"http://{host}"}, f"PUBLIC_URL http://{host} can be reached by others")
            for host in ("167772161", "0x0a000001", "0", "example。com", "аррӏе", "localhost.example.com", "/x")
        ),
        ({"PUBLIC_URL": "http://[fd00::1]:8000"}, "PUBLIC_URL http://[fd00::1]:8000 can be reached by others"),
    ],
)
def test_a_service_that_others_can_reach_does_not_start_without_authentication(
    environ: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidSettingError, match=re.escape(message)):
        from_environ(environ)
    assert from_environ({**environ, "AUTH": "required"}).auth_required


@pytest.mark.parametrize(
    ("command", "address"),
    [
        ("chalice local", None),
        ("chalice local --host 127.0.0.1 --port 80", None),
        ("chalice local --host=localhost", None),
        ("chalice local --host 0.0.0.0", "0.0.0.0"),
        ("chalice --debug local --host=::", "::"),
        ("chalice local --host=", "0.0.0.0"),
        ("chalice local --host", "0.0.0.0"),
        ("chalice local --host 127.0.0.1 --host laptop", "laptop"),
        ("chalice deploy --host 0.0.0.0", None),
    ],
)
def test_address_of_chalice_local(command: str, address: str | None) -> None:
    assert find_listening_address(command.split()) == address


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"AUTH": "off", "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"},
        {"BIND_ADDRESS": "127.0.0.2"},
        {"BIND_ADDRESS": "::1"},
        {"PUBLIC_URL": "http://localhost:8000 http://127.0.0.1:8000 http://[::1]:8000 http://api:8000"},
        {"PUBLIC_URL": "http://files.localhost:8000"},
    ],
)
def test_a_service_for_one_machine_needs_no_authentication(environ: dict[str, str]) -> None:
    assert not from_environ(environ).auth_required


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", True),
        ("true", True),
        ("Yes", True),
        ("on", True),
        ("0", False),
        ("false", False),
        ("no", False),
        ("", False),
    ],
)
def test_boolean_settings_are_parsed(value: str, expected: bool) -> None:
    assert from_environ({"DATABASE_IAM": value}).database_iam is expected


@pytest.mark.parametrize(("old", "new"), RENAMED_VARIABLES.items())
def test_the_old_name_of_a_setting_is_an_error_that_states_the_new_one(old: str, new: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{old} is now called {new}"):
        from_environ({old: "1"})


@pytest.mark.parametrize(("old", "new"), RENAMED_VARIABLES.items())
def test_the_old_name_is_ignored_if_empty_or_beside_the_new_one(old: str, new: str) -> None:
    """During an upgrade a function has both, because its old code reads the old name."""
    assert from_environ({old: ""}) == from_environ({})
    assert from_environ({old: "nonsense", new: "7"}) == from_environ({new: "7"})
    with pytest.raises(InvalidSettingError, match=f"{old} is now called {new}"):
        from_environ({old: "1", new: ""})


def test_deployments_know_the_old_names_of_settings() -> None:
    assert renamed_settings.RENAMED_VARIABLES == RENAMED_VARIABLES


def test_old_names_of_settings_have_a_setting_of_the_new_name() -> None:
    assert set(RENAMED_VARIABLES.values()) <= NAMES


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_database_urls_have_sqlalchemys_driver(scheme: str) -> None:
    url = from_environ({"DATABASE_URL": f"{scheme}://u@/d?host=/x"}).database_url
    assert url == "postgresql+psycopg2://u@/d?host=/x"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must start with postgresql://"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must start with postgresql://"),
        ({"MAX_UPLOAD_BYTES": "many"}, "MAX_UPLOAD_BYTES must be a positive integer, got 'many'"),
        ({"MAX_UPLOAD_BYTES": "0"}, "MAX_UPLOAD_BYTES must be a positive integer, got '0'"),
        (
            {"MAX_UPLOAD_BYTES": str(UPLOAD_BYTES_LIMIT + 1)},
            f"MAX_UPLOAD_BYTES must be at most {UPLOAD_BYTES_LIMIT}, which fits into a Lambda event",
        ),
        ({"DATABASE_CONNECTIONS": "-1"}, "DATABASE_CONNECTIONS must be a positive integer, got '-1'"),
        ({"SWEEP_GRACE_SECONDS": "1.5"}, "SWEEP_GRACE_SECONDS must be a positive integer, got '1.5'"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, got 'loud'"),
        ({"DATABASE_IAM": "perhaps"}, "DATABASE_IAM must be true or false, got 'perhaps'"),
        ({"DEFAULT_OWNER": "a/b"}, "DEFAULT_OWNER must have 1 to 128 printable characters"),
        ({"DEFAULT_OWNER": " a"}, "DEFAULT_OWNER must have 1 to 128 printable characters"),
        ({"AWS_ENDPOINT_URL": "localhost:4566"}, "AWS_ENDPOINT_URL must start with http:// or https://"),
        ({"PUBLIC_URL": "files.example"}, "PUBLIC_URL must have URLs that start with http:// or https://"),
        (
            {"PUBLIC_URL": "https://a.example", "S3_PUBLIC_URL": "https://s3.example https://s3.elsewhere"},
            "S3_PUBLIC_URL must have as many URLs as PUBLIC_URL",
        ),
        ({"S3_PUBLIC_URL": "https://s3.example"}, "S3_PUBLIC_URL must have as many URLs as PUBLIC_URL"),
    ],
)
def test_invalid_values_are_errors_that_say_what_is_valid(environ: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidSettingError, match=re.escape(message)):
        from_environ(environ)


def test_an_error_about_the_database_url_does_not_show_its_password() -> None:
    with pytest.raises(InvalidSettingError) as caught:
        from_environ({"DATABASE_URL": "mysql://user:secret@host/database"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("variable", variables().values(), ids=lambda variable: variable.name)
def test_every_setting_is_documented_with_its_default(variable: Variable) -> None:
    """In one row of a table of README.md or docs/: name, default, meaning."""
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    pattern = rf"^\| `{variable.name}` \| ([^|]*) \| [^|]+ \|$"
    rows = [row for path in documents for row in re.findall(pattern, path.read_text(), re.MULTILINE)]
    assert len(rows) == 1, rows
    assert {variable.default, variable.default_in_lambda or ""} - {""} <= set(re.findall(r"[\w.-]+", rows[0]))


def test_every_setting_in_chalices_configuration_exists() -> None:
    stages = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"]
    functions = [function for stage in stages.values() for function in stage.get("lambda_functions", {}).values()]
    configured = {
        name for each in (*stages.values(), *functions) for name in each.get("environment_variables", {})
    }
    assert "MIGRATION_DATABASE_URL" in configured  # of one function only
    assert configured - NAMES == set()


def test_every_setting_in_docker_compose_exists() -> None:
    api = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["api"]
    assert set(api["environment"]) - NAMES - OF_BOTO3 - {"NO_PROXY", "no_proxy"} - set(RENAMED_VARIABLES) == set()


def test_settings_in_the_example_of_docker_compose_have_their_default() -> None:
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    defaults = {variable.name: variable.default for variable in variables().values()}
    shown = NAMES & set(example)
    assert {name: example[name] for name in shown} == {name: defaults[name] for name in shown}
    oidc = {name for name in NAMES if name.startswith("OIDC_")} - {"OIDC_JWKS_IN_BUCKET"}
    assert shown == {
        *("AUTH", "BIND_ADDRESS", "CORS_ORIGINS", "DEFAULT_OWNER", "MALWARE_SCAN", "MAX_UPLOAD_BYTES"),
        "UPLOAD_TOKEN_SECRET",
        *oidc,
        *(name.upper() for name in LIMITS),
        "OWNER_LIMITS",
    }


@pytest.mark.parametrize(
    ("value", "address"),
    [("clamav:3310", ("clamav", 3310)), ("[::1]:3310", ("::1", 3310)), ("127.0.0.1:1", ("127.0.0.1", 1))],
)
def test_clamav_has_an_address(value: str, address: tuple[str, int]) -> None:
    settings = from_environ({"MALWARE_SCAN": "clamav", "CLAMAV_ADDRESS": value})
    assert (settings.clamav_address, settings.requires_scan) == (address, True)


@pytest.mark.parametrize("value", ["clamav", "clamav:", ":3310", "clamav:0", "clamav:70000", "clamav:٣"])
def test_an_invalid_address_of_clamav_is_an_error(value: str) -> None:
    with pytest.raises(InvalidSettingError, match="CLAMAV_ADDRESS must be HOST:PORT"):
        from_environ({"CLAMAV_ADDRESS": value})


def test_a_malware_scan_that_is_unknown_or_has_no_address_is_an_error() -> None:
    with pytest.raises(InvalidSettingError, match="MALWARE_SCAN must be one of off, clamav, guardduty, got 'on'"):
        from_environ({"MALWARE_SCAN": "on"})
    with pytest.raises(InvalidSettingError, match="MALWARE_SCAN=clamav needs CLAMAV_ADDRESS"):
        from_environ({"MALWARE_SCAN": "clamav"})
    assert from_environ({"MALWARE_SCAN": "guardduty"}).requires_scan
    assert not from_environ({}).requires_scan


def test_a_short_secret_is_an_error_that_does_not_quote_it() -> None:
    assert from_environ({"UPLOAD_TOKEN_SECRET": f"{'s' * 32} {'t' * 32}"}).upload_token_secrets == (
        "s" * 32,
        "t" * 32,
    )
    with pytest.raises(InvalidSettingError, match="UPLOAD_TOKEN_SECRET must have secrets of at least 32") as error:
        from_environ({"UPLOAD_TOKEN_SECRET": f"{'s' * 32} short-one"})
    assert "short-one" not in str(error.value)
