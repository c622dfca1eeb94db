"""The package of a project without dependencies: how it is put together, and what is refused."""

import importlib.util
import marshal
import os
import sys
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from types import CodeType
from zipfile import ZipFile

import pytest

from infra.chalice_project import assemble
from infra.errors import InfraError
from infra.packaging.archive import write_archive
from infra.packaging.build import MAX_UNZIPPED, MAX_ZIPPED, build_package, refuse_too_large
from infra.packaging.dependencies import runtime_glibc
from infra.packaging.file_filter import is_needed

UNCHECKED_HASH = 0b01
"""The flags of bytecode that is loaded without a look at its source. https://peps.python.org/pep-0552/"""


LEFTOVERS = (".env", ".DS_Store", "settings.py.orig", "settings.py~", ".settings.py.swp", "a.swp")
"""What editors and git leave between sources."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return create_project(tmp_path / "project")


def create_project(root: Path) -> Path:
    (root / "chalicelib").mkdir(parents=True)
    (root / "app.py").write_text("app = None\n")
    (root / "chalicelib" / "__init__.py").write_text("")
    (root / "requirements.txt").write_text("# nothing\n")
    (root / "constraints.txt").write_text(f"chalice=={version('chalice')}\n")
    return root


def test_the_bytecode_is_lambdas(project: Path, tmp_path: Path) -> None:
    with ZipFile(build_package(project, "arm64", tmp_path / "new" / "package.zip")) as archive:
        compiled = archive.read(f"__pycache__/app.{sys.implementation.cache_tag}.pyc")
    code: CodeType = marshal.loads(compiled[16:])  # noqa: S302  # made two lines above
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(compiled[4:8], "little") == UNCHECKED_HASH
    assert code.co_filename == "/var/task/app.py"


def test_vendored_files_are_at_the_top(project: Path, tmp_path: Path) -> None:
    (project / "vendor" / "given").mkdir(parents=True)
    (project / "vendor" / "given" / "data.json").write_text("{}")
    with ZipFile(build_package(project, "x86_64", tmp_path / "package.zip")) as archive:
        assert archive.read("given/data.json") == b"{}"


def test_make_package_and_make_deploy_pack_the_same(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chalice looks for a package of the folder that infra.chalice_project assembles."""
    (project / "vendor" / "given").mkdir(parents=True)
    (project / "vendor" / "given" / "__init__.py").write_text("")
    (project / "vendor" / "given" / ".hidden").write_text("theirs to decide")
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text('{"stages": {"prod": {}}}')
    monkeypatch.setattr("infra.chalice_project.SOURCE", project)
    assemble("prod", {}, tmp_path / "assembled")
    packages = [
        build_package(folder, "x86_64", tmp_path / f"{folder.name}.zip")
        for folder in (project, tmp_path / "assembled")
    ]
    assert packages[0].read_bytes() == packages[1].read_bytes()
    with ZipFile(packages[1]) as archive:
        assert {"given/__init__.py", "given/.hidden"} < set(archive.namelist())


@pytest.fixture(scope="module")
def packages_without_and_with_leftovers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project's package, and its package when leftovers are among its sources."""
    root = tmp_path_factory.mktemp("leftovers")
    project = create_project(root / "project")
    clean = build_package(project, "x86_64", root / "clean.zip")
    (project / "chalicelib" / "web").mkdir()
    for name in LEFTOVERS:
        (project / "chalicelib" / name).write_text("a secret")
        (project / "chalicelib" / "web" / name).write_text("a secret")
    return clean, build_package(project, "x86_64", root / "again.zip")


def test_package_is_the_same_with_editor_leftovers(packages_without_and_with_leftovers: tuple[Path, Path]) -> None:
    clean, again = packages_without_and_with_leftovers
    assert again.read_bytes() == clean.read_bytes()


@pytest.mark.parametrize("name", LEFTOVERS)
def test_package_has_no_editor_leftovers(
    packages_without_and_with_leftovers: tuple[Path, Path], name: str
) -> None:
    for package in packages_without_and_with_leftovers:
        with ZipFile(package) as archive:
            assert [path for path in archive.namelist() if path.endswith(f"/{name}")] == []


def test_chalice_must_be_pinned_too(project: Path, tmp_path: Path) -> None:
    (project / "constraints.txt").write_text("chalice==0.1\n")
    with pytest.raises(InfraError, match=rf"Not pinned.* chalice=={version('chalice')}"):
        build_package(project, "x86_64", tmp_path / "package.zip")


def test_a_package_that_fails_leaves_the_older_one(project: Path, tmp_path: Path) -> None:
    (project / "chalicelib" / "broken.py").write_text("def\n")
    package = tmp_path / "out" / "package.zip"
    package.parent.mkdir()
    package.write_bytes(b"the older one")
    with pytest.raises(InfraError, match=r"(?s)doesn't compile.*broken\.py"):
        build_package(project, "x86_64", package)
    assert package.read_bytes() == b"the older one"
    assert list(package.parent.iterdir()) == [package]


def test_equal_trees_give_equal_archives(tmp_path: Path) -> None:
    """Made in another order, at another time and with other permissions."""
    names = ["b.txt", "a/c.txt", "a.txt"]
    for tree, order, mode in (("one", names, 0o600), ("two", names[::-1], 0o755)):
        for age, name in enumerate(order):
            path = tmp_path / tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
            path.chmod(mode)
            os.utime(path, (age * 100_000_000, age * 100_000_000))
        write_archive(tmp_path / tree, tmp_path / f"{tree}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["a.txt", "a/c.txt", "b.txt"]


def test_lambdas_limits() -> None:
    refuse_too_large(50 * 1024**2, 250 * 1024**2)
    with pytest.raises(InfraError, match=r"52,428,801 bytes zipped; Lambda takes 52,428,800"):
        refuse_too_large(MAX_ZIPPED + 1, 1)
    with pytest.raises(InfraError, match=r"262,144,001 bytes unzipped; Lambda takes 262,144,000"):
        refuse_too_large(1, MAX_UNZIPPED + 1)


def test_a_package_over_the_limit_is_not_made(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.packaging.build.MAX_UNZIPPED", 1000)
    with pytest.raises(InfraError, match="unzipped"):
        build_package(project, "x86_64", tmp_path / "package.zip")
    assert not (tmp_path / "package.zip").exists()


@pytest.mark.parametrize(("python", "glibc"), [((3, 11), 26), ((3, 12), 34), ((3, 13), 34)])
def test_lambdas_c_library_follows_from_the_python(python: tuple[int, int], glibc: int) -> None:
    assert runtime_glibc(python) == glibc


@pytest.mark.parametrize(
    "path",
    [
        "app.py",
        "aws_lambda_powertools/utilities/jmespath_utils/__init__.py",  # its logger imports it
        "boto3/docs/docstring.py",  # its client imports it
        "botocore/cacert.pem",
        "botocore/data/endpoints.json",
        "botocore/data/s3/2006-03-01/service-2.json.gz",
        "certifi-1.dist-info/licenses/LICENSE",
        "pillow-1.dist-info/METADATA",
        "pillow-1.dist-info/sboms/pillow.cdx.json",
        "pillow.libs/libtiff-1.so.6",
        "some/testing/__init__.py",
        "mako/template.py",
        "puremagic/magic_data.json",
    ],
)
def test_needed(path: str) -> None:
    assert is_needed(PurePosixPath(path))


@pytest.mark.parametrize(
    "path",
    [
        "aws_lambda_powertools/event_handler/openapi/swagger_ui/swagger-ui-bundle.min.js",
        "aws_lambda_powertools/utilities/data_classes/s3_event.py",
        "bin/alembic",
        "boto3/data/ec2/2016-11-15/resources-1.json",
        "boto3/examples/s3.rst",
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "botocore/data/s3/2006-03-01/examples-1.json",
        "chalicelib/__pycache__/settings.cpython-39.pyc",
        "markupsafe/_speedups.c",
        "msgspec/__init__.pyi",
        "pillow-1.dist-info/RECORD",
        "pillow-1.dist-info/entry_points.txt",
        "some/tests/test_it.py",
        "sqlalchemy/testing/suite/test_ddl.py",
        "sqlalchemy/util/_collections_cy.pxd",
        "urllib3/py.typed",
    ],
)
def test_not_needed(path: str) -> None:
    assert not is_needed(PurePosixPath(path))
