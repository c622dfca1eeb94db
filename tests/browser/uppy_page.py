"""A page in the browser with Uppy in it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.acceptance.emulator_process import Emulator
from tests.browser.uppy_packages import BUNDLE_5, BUNDLE_6, LATEST

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

LIBRARIES = {"latest.mjs": LATEST, "6.mjs": BUNDLE_6 / "uppy.min.mjs", "5.mjs": BUNDLE_5 / "uppy.min.mjs"}

SET_UP = """
async ([library, mode, url, options]) => {
    const { Uppy, AwsS3, GoldenRetriever } = await import(`/${library}`);
    const signRequest = async (request) => {
        const response = await fetch(`${url}/s3/sign`, {
            method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(request),
        });
        if (!response.ok) throw new Error(await response.text());
        return response.json();
    };
    const targets = {companion: {companionEndpoint: url}, sign: {signRequest}, "companion of 5": {endpoint: url}};
    const { chunk, multipart, ...rest } = options;
    if (chunk) rest.getChunkSize = () => chunk;
    if (multipart !== undefined) rest.shouldUseMultipart = multipart;
    window.uppy = new Uppy({debug: true}).use(AwsS3, {...targets[mode], ...rest});
    uppy.use(GoldenRetriever, {expires: 60000});
    window.parts = [];
    uppy.on("s3-multipart:part-uploaded", (file, part) => parts.push(part.PartNumber));
}
"""

UPLOAD = """
async ([name, size, meta]) => {
    const block = 1 << 20, blocks = [];
    for (let start = 0; start < size; start += block) {
        blocks.push(new Uint8Array(Math.min(block, size - start)).fill(start / block));
    }
    const id = uppy.addFile({name, type: "application/octet-stream", data: new Blob(blocks), meta});
    window.result = uppy.upload();
    return id;
}
"""
"""Begins to upload a file whose bytes are the number of their MiB."""

FOLLOW = """
() => {
    result.then(
        ({ successful, failed }) => {
            window.ended = [successful.map(file => file.response), failed.map(file => file.error)];
        },
        (error) => { window.ended = [[], [String(error)]]; },
    );
}
"""


def fulfill(path: Path, route: "Route") -> None:
    """Respond with the file."""
    route.fulfill(path=path)


@dataclass
class UppyPage:
    """A page with an Uppy that uploads to the emulator."""

    page: "Page"
    emulator: Emulator
    library: str = "latest.mjs"
    mode: str = "companion"
    path: str = ""
    """What is between the service's URL and the paths that Uppy calls."""

    def open(self, origin: str, **options: Any) -> None:
        """Open the page, or load it again. `chunk` is the size of parts; `multipart`, whether there are parts."""
        for name, path in LIBRARIES.items():
            self.page.route(f"{origin}/{name}", partial(fulfill, path))
        self.page.goto(origin)
        self.page.evaluate(SET_UP, [self.library, self.mode, f"{self.emulator.url}{self.path}", options])

    def upload(self, size: int, name: str | None = None, **meta: Any) -> str:
        """Begin to upload a file of this size, and return Uppy's id of it."""
        file_id: str = self.page.evaluate(UPLOAD, [name or f"{uuid4().hex}.bin", size, meta])
        return file_id

    def result(self) -> Any:
        """Return what Uppy says of the only file when it is uploaded."""
        self.page.evaluate(FOLLOW)
        self.wait_for("() => window.ended")  # unlike an evaluation, it has a time limit
        [responses, errors] = self.page.evaluate("() => window.ended")
        assert errors == []
        [response] = responses
        return response

    def sent_parts(self) -> list[int]:
        """Return the numbers of the parts that this page has sent."""
        numbers: list[int] = self.page.evaluate("() => window.parts")
        return numbers

    def wait_for(self, condition: str) -> None:
        self.page.wait_for_function(condition, polling=20)
