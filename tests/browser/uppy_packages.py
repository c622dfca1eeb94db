"""The versions of Uppy that the tests run, from npm, in tests/browser/uppy/node_modules, which git ignores."""

import fcntl
import hashlib
import subprocess
from pathlib import Path

from web.build import PROJECT_ROOT
from web.npm import Report, install_packages

FOLDER = Path("tests", "browser", "uppy")
PACKAGES = PROJECT_ROOT / FOLDER / "node_modules"
SOURCES = ("package-lock.json", "uppy.mjs", ".npmrc")

LATEST = PACKAGES / ".bundle" / "uppy.mjs"
"""The newest packages of Uppy 6, bundled from uppy.mjs as an application does it."""
BUNDLE_6 = PACKAGES / "uppy" / "dist"
"""Uppy 6 as its content delivery network has it, with an older @uppy/aws-s3."""
BUNDLE_5 = PACKAGES / "uppy-5" / "dist"


def install_uppy(report: Report) -> None:
    """Install and bundle the packages unless they are up to date. Raises WebError and CalledProcessError."""
    sources = [PROJECT_ROOT / FOLDER / name for name in SOURCES]
    fingerprint = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    installed = PACKAGES / ".fingerprint"
    with (PROJECT_ROOT / FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other processes of the same session wait
        if installed.is_file() and installed.read_text() == fingerprint:
            return
        report("Installing Uppy from npm, for the browser tests.")
        install_packages(PROJECT_ROOT, report, str(FOLDER))
        [esbuild] = PACKAGES.glob("@esbuild/*/bin/esbuild")
        options = ["--bundle", "--format=esm", f"--outfile={LATEST}", "--log-level=warning"]
        subprocess.run([str(esbuild), "uppy.mjs", *options], cwd=PROJECT_ROOT / FOLDER, check=True)
        installed.write_text(fingerprint)
