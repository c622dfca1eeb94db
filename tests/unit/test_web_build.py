"""Building the web pages from installed packages, and finding the npm that installs them."""

import json
import os
import re
from errno import EACCES
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from web import build, npm
from web.build import add_docs_assets, build_outdated_pages, fingerprint, hash_name, is_up_to_date
from web.command import run_command
from web.errors import WebError

ROOT = Path(__file__).parents[2]

PAGE = "".join(f'<a href="./docs/assets/{name}">' for name in (*build.ASSETS, "docs.css", "licences.txt"))


def bundle_fake_page(project: Path, destination: Path, *_: Any) -> None:
    """Write what bundle.mjs writes, without esbuild."""
    page, docs = destination / "page", destination / "docs"
    (page / "assets").mkdir(parents=True)
    docs.mkdir()
    (page / "assets" / "main-7GQ2HKLW.js").write_text("run();")
    (page / "licences.txt").write_text("MIT")
    (page / "dropzone.js").write_text('import "./assets/main-7GQ2HKLW.js";')
    for folder in (page, docs):
        (folder / "index.html").write_text((project / "web" / folder.name / "index.html").read_text())


def install_fake_packages(project: Path, *_: Any) -> None:
    swagger_ui = project / "web" / build.SWAGGER_UI
    swagger_ui.mkdir(parents=True, exist_ok=True)
    for name in (*build.ASSETS, *build.LICENCES):
        (swagger_ui / name).write_text(f"content of {name}")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a page, whose packages are installed without npm."""
    monkeypatch.setattr(build, "install_packages", install_fake_packages)
    monkeypatch.setattr(build, "bundle", bundle_fake_page)
    root = tmp_path / "project"
    (root / "web" / "docs").mkdir(parents=True)
    (root / "chalicelib").mkdir()
    (root / "web" / "docs" / "index.html").write_text(PAGE)
    (root / "web" / "docs" / "docs.css").write_text("p {}")
    (root / "web" / "page").mkdir()
    (root / "web" / "page" / "index.html").write_text(
        '<a href="./assets/page.css"><a href="./assets/licences.txt">'
    )
    (root / "web" / "page" / "page.css").write_text("body {}")
    return root


class TestBuild:
    def test_page_refers_to_assets_by_hashed_names(self, project: Path) -> None:
        build_outdated_pages(print, project)
        docs = project / "chalicelib" / "web" / "docs"
        referred = re.findall(r'"\./docs/assets/([^"]+)"', (docs / "index.html").read_text())
        assert set(referred) == {path.name for path in (docs / "assets").iterdir()}
        assert all(re.fullmatch(r"[a-z-]+-[0-9a-f]{10}\.(js|css|txt)", name) for name in referred)
        assert (docs / "assets" / hash_name("docs.css", b"p {}")).read_text() == "p {}"

    def test_name_changes_with_the_content(self) -> None:
        assert hash_name("docs.css", b"one") != hash_name("docs.css", b"two")

    def test_licences_are_among_the_assets(self, project: Path) -> None:
        build_outdated_pages(print, project)
        [licences] = (project / "chalicelib" / "web" / "docs" / "assets").glob("licences-*.txt")
        assert all(f"content of {name}" in licences.read_text() for name in build.LICENCES)

    def test_page_that_misses_an_asset_is_refused(self, project: Path) -> None:
        (project / "web" / "docs" / "extra.css").write_text("")
        install_fake_packages(project)
        bundle_fake_page(project, project / "built")
        with pytest.raises(WebError, match=r"doesn't refer to extra\.css"):
            add_docs_assets(project / "web", project / "built" / "docs")

    def test_pages_are_built_once(self, project: Path) -> None:
        lines: list[str] = []
        for _ in range(2):
            build_outdated_pages(lines.append, project)
        assert lines == ["Building the web pages."]
        assert [path.name for path in (project / "build").iterdir()] == ["web.lock"]

    @pytest.mark.parametrize("name", ["docs/docs.css", "package-lock.json", "npm.py", ".npmrc"])
    def test_changed_source_is_built_again(self, project: Path, name: str) -> None:
        build_outdated_pages(print, project)
        (project / "web" / name).write_text("p { margin: 0 }")
        assert not is_up_to_date(project)
        build_outdated_pages(print, project)
        assert is_up_to_date(project)

    def test_installed_packages_are_no_sources(self, project: Path) -> None:
        before = fingerprint(project)
        install_fake_packages(project)
        (project / "web" / "__pycache__").mkdir()
        (project / "web" / "__pycache__" / "npm.pyc").touch()
        assert fingerprint(project) == before

    def test_earlier_build_is_replaced_as_a_whole(self, project: Path) -> None:
        build_outdated_pages(print, project)
        (project / "web" / "docs" / "docs.css").write_text("p { margin: 0 }")
        build_outdated_pages(print, project)
        styles = (project / "chalicelib" / "web" / "docs" / "assets").glob("docs-*.css")
        assert [path.read_text() for path in styles] == ["p { margin: 0 }"]

    def test_failed_build_keeps_the_earlier_one(self, project: Path) -> None:
        build_outdated_pages(print, project)
        built = sorted((project / "chalicelib" / "web").rglob("*"))
        (project / "web" / "docs" / "index.html").write_text("no assets")
        with pytest.raises(WebError):
            build_outdated_pages(print, project)
        assert sorted((project / "chalicelib" / "web").rglob("*")) == built

    @pytest.mark.parametrize("step", ["move", "rmtree"])
    def test_next_build_repairs_what_a_killed_one_leaves(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        """Also if its sources are again those of the build that it was replacing."""
        build_outdated_pages(print, project)
        built = sorted((project / "chalicelib" / "web").rglob("*"))

        def stop(path: Path, *_: Any, **__: Any) -> None:
            if step == "move" or project / "chalicelib" / "web" == path:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            (project / "web" / "docs" / "docs.css").write_text("p { margin: 0 }")
            patch.setattr(f"web.build.shutil.{step}", stop)
            with pytest.raises(KeyboardInterrupt):
                build_outdated_pages(print, project)
        (project / "build" / "web").mkdir(exist_ok=True)
        (project / "build" / "web" / "leftover").touch()
        (project / "web" / "docs" / "docs.css").write_text("p {}")
        assert not is_up_to_date(project)
        build_outdated_pages(print, project)
        assert sorted((project / "chalicelib" / "web").rglob("*")) == built

    def test_page_that_was_deleted_is_built_again(self, project: Path) -> None:
        build_outdated_pages(print, project)
        page = project / "chalicelib" / "web" / "docs" / "index.html"
        page.unlink()
        build_outdated_pages(print, project)
        assert page.is_file()

    def test_folder_that_can_not_be_replaced_is_an_error(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As one that root has built: the pages must not get into a folder below it."""
        build_outdated_pages(print, project)
        (project / "web" / "docs" / "docs.css").write_text("p { margin: 0 }")
        monkeypatch.setattr("os.unlink", deny)
        monkeypatch.setattr("os.rmdir", deny)
        assert run_command(partial(build_outdated_pages, project=project)) == 1
        assert "error: [Errno 13] Permission denied" in capsys.readouterr().err
        assert not (project / "chalicelib" / "web" / "web").exists()


def deny(path: Any, **_: Any) -> None:
    raise PermissionError(EACCES, os.strerror(EACCES), str(path))


def fake_program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


class TestNpm:
    @pytest.mark.parametrize(("version", "found"), [("v20.0.0", True), ("v24.19.0", True), ("v18.20.4", False)])
    def test_installed_npm_is_used_if_its_node_is_new_enough(
        self, tmp_path: Path, version: str, found: bool
    ) -> None:
        node = fake_program(tmp_path / "node", f"echo {version}")
        command = fake_program(tmp_path / "npm", "")
        commands = npm.find_node(20, str(tmp_path))
        assert commands == (([str(node)], [str(command)]) if found else None)

    @pytest.mark.parametrize("present", [[], ["node"], ["npm"]])
    def test_machine_without_node_or_npm_has_none(self, tmp_path: Path, present: list[str]) -> None:
        for name in present:
            fake_program(tmp_path / name, "echo v24.0.0")
        assert npm.find_node(20, str(tmp_path)) is None

    def test_node_for_another_processor_is_not_used(self, tmp_path: Path) -> None:
        for name in ("node", "npm"):
            fake_program(tmp_path / name, "").write_bytes(b"\x7fELF")
        assert npm.find_node(20, str(tmp_path)) is None

    def test_message_of_a_failed_npm_is_shown(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (project / "web" / "package.json").write_text(json.dumps({"engines": {"node": ">=20"}}))
        path = project / "bin"
        fake_program(path / "node", "echo v24.0.0")
        fake_program(path / "npm", "echo no such registry >&2; exit 1")
        monkeypatch.setenv("PATH", f"{path}{os.pathsep}{os.environ['PATH']}")
        with pytest.raises(WebError, match=r"(?s)npm can't install.*no such registry"):
            npm.install_packages(project, print)

    def test_pip_that_fails_is_shown(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (project / "web" / "package.json").write_text(json.dumps({"engines": {"node": ">=20"}}))
        monkeypatch.setattr(npm, "find_node", lambda _: None)
        monkeypatch.setattr(npm, "find_spec", lambda _: None)
        monkeypatch.setattr("sys.executable", str(fake_program(project / "python", "echo no wheel >&2; exit 1")))
        lines: list[str] = []
        with pytest.raises(WebError, match=r"(?s)pip can't install Node\.js.*no wheel"):
            npm.install_packages(project, lines.append)
        assert len(lines) == 1
        assert "60 MB" in lines[0]


class TestSources:
    @pytest.mark.parametrize("folder", ["web", "web/tools"])
    def test_lock_file_has_hashes_and_no_urls(self, folder: str) -> None:
        """So that npm uses the registry that it is configured for, and takes no other bytes."""
        lock = json.loads((ROOT / folder / "package-lock.json").read_text())
        packages = {name: package for name, package in lock["packages"].items() if name}
        assert packages
        assert all(package["integrity"].startswith("sha512-") for package in packages.values())
        assert not any("resolved" in package for package in packages.values())

    def test_no_script_of_a_package_runs(self) -> None:
        """@scarf/scarf, which Swagger UI depends on, would send usage statistics."""
        assert "ignore-scripts=true" in (ROOT / "web" / ".npmrc").read_text().splitlines()

    def test_versions_are_exact(self) -> None:
        package = json.loads((ROOT / "web" / "package.json").read_text())
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
