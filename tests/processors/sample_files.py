"""Small valid files as the usual programs make them, and SAMPLES of each processor."""

import io
import random
import struct
import sys
import zipfile
from base64 import b64decode
from collections.abc import Callable
from email.message import EmailMessage
from functools import cache, partial
from typing import Any

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from docx import Document
from fpdf import FPDF
from openpyxl import Workbook
from PIL import Image
from pptx import Presentation

from tests.processors.ole_files import make_msg, make_ole

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from tests.processors import camera_raw_files

RATE = 48_000

HEIC = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABoQABAAAAAAAAABoAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/Wlw"
    "cnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AA"
    "AAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAA"
    "QAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAKAAAAAEAAAAAAAAAAv///+gAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWB"
    "AgMFhAAAACJtZGF0AAAAFigBrxmA70mlv//bMwRzR2/1+taY+bg="
)
"""64 by 40 pixels of teal, by libheif with x265, for which there is no encoder here."""


def make_image(kind: str, size: tuple[int, int] = (30, 20), mode: str = "RGB", **options: Any) -> bytes:
    image = Image.new(mode, size, "teal" if mode in {"RGB", "RGBA", "P"} else 200)
    return save_image(image, kind, **options)


def make_noise(size: tuple[int, int], mode: str = "RGB", grain: int = 8) -> Image.Image:
    """Return a picture that takes as many bytes as a photograph: a single color would compress to nothing."""
    width, height = size[0] // grain, size[1] // grain
    kind = "L" if mode == "1" else "RGB"
    coarse = Image.frombytes(kind, (width, height), random.Random(0).randbytes(len(kind) * width * height))
    return coarse.resize(size, Image.Resampling.BICUBIC).convert(mode)


def save_image(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def make_animation(kind: str, frames: int, **options: Any) -> bytes:
    first, *others = [Image.new("RGB", (30, 20), (40 * number, 90, 0)) for number in range(frames)]
    return save_image(first, kind, save_all=True, append_images=others, **options)


def make_pdf(pages: int = 3, text: str = "Hello, page", password: str | None = None) -> bytes:
    document = FPDF()
    document.set_title("Über alles")
    document.set_author("Ada Lovelace")
    if password:
        document.set_encryption(owner_password="owner", user_password=password)
    for number in range(1, pages + 1):
        document.add_page()
        document.set_font("Helvetica", size=20)
        document.cell(text=f"{text} {number}")
    return bytes(document.output())


def make_docx() -> bytes:
    document = Document()
    document.core_properties.title, document.core_properties.author = "Minutes", "Ada Lovelace"
    document.add_paragraph("Hello")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def make_xlsx() -> bytes:
    book = Workbook()
    book.properties.title = "Figures"
    book.create_sheet("Two")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def make_pptx() -> bytes:
    show = Presentation()
    show.core_properties.title = "Pitch"
    for _ in range(2):
        show.slides.add_slide(show.slide_layouts[0])
    target = io.BytesIO()
    show.save(target)
    return target.getvalue()


META = """<?xml version="1.0"?>
<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>
<dc:title>Letter</dc:title><meta:generator>LibreOffice</meta:generator>
<meta:document-statistic meta:page-count="4" meta:word-count="812"/></office:meta></office:document-meta>"""


ODT_CONTENT = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text><text:p>%s</text:p></office:text>
</office:body></office:document-content>""" % ("word " * 800)


def make_odt() -> bytes:
    return zip_files(
        {"mimetype": "application/vnd.oasis.opendocument.text", "meta.xml": META, "content.xml": ODT_CONTENT}
    )


CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"""
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
<dc:title>Effi Briest</dc:title><dc:creator>Theodor Fontane</dc:creator><dc:language>de</dc:language>
<dc:date>1895-10</dc:date></metadata>
<spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""


def make_epub() -> bytes:
    return zip_files(
        {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": PACKAGE}
    )


def make_v7_tar(files: dict[str, bytes]) -> bytes:
    """As Unix V7 wrote them: without magic, the numbers ended by spaces."""
    written = io.BytesIO()
    for name, content in files.items():
        numbers = b"%6o \0%6o \0%6o \0%11o %11o " % (0o100644, 0, 0, len(content), 300_000_000)
        begin, end = name.encode().ljust(100, b"\0") + numbers, bytes(356)
        checksum = b"%6o\0 " % (sum(begin) + 8 * ord(" ") + sum(end))
        written.write(begin + checksum + end + content + bytes(-len(content) % 512))
    return written.getvalue() + bytes(1024)


def zip_files(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def make_mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Minutes", "Ada <ada@example.com>", "bob@example.com"
    message["Date"], message["Message-ID"] = "Thu, 29 Feb 2024 12:30:15 +0100", "<1@example.com>"
    message.set_content("Hello\n")
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="a.csv")
    return message.as_bytes()


def make_mbox() -> bytes:
    return b"From ada@example.com Thu Feb 29 12:30:15 2024\n%b\n" % make_mail() * 2


MHT = b"""From: <Saved by Blink>
Snapshot-Content-Location: https://example.com/
Subject: A page
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="b"

--b
Content-Type: text/html

<html><p>Hello</p></html>
--b--
"""


def compress_zstd(content: bytes) -> bytes:
    """With a checksum, as the command does."""
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


def make_font(padding: int = 0) -> bytes:
    """Return a TrueType font of seven glyphs with the table `maxp` alone, after `padding` zero bytes."""
    header = b"\0\1\0\0" + struct.pack(">HHHH", 1, 0, 0, 0)
    directory = struct.pack(">4sIII", b"maxp", 0, 28 + padding, 6)
    return header + directory + bytes(padding) + struct.pack(">IH", 0, 7)


def make_video(kind: str, codec: str = "libx264", sound: str | None = "aac", seconds: int = 2) -> bytes:
    """160 by 90 pixels, 24 frames a second."""
    target = io.BytesIO()
    with av.open(target, "w", format=kind) as container:
        video_stream = container.add_stream(codec, rate=24)
        assert isinstance(video_stream, VideoStream)
        video_stream.width, video_stream.height, video_stream.pix_fmt = 160, 90, "yuv420p"
        audio_stream = container.add_stream(sound, rate=RATE) if sound else None
        for number in range(24 * seconds):
            frame = av.VideoFrame(160, 90, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number % 256]) * plane.buffer_size)
            container.mux(video_stream.encode(frame))
        container.mux(video_stream.encode(None))
        if isinstance(audio_stream, AudioStream):
            _add_silence(container, audio_stream, seconds)
    return target.getvalue()


def make_audio(kind: str, codec: str, seconds: int = 2, options: dict[str, str] | None = None) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=kind, options=options or {}) as container:
        audio_stream = container.add_stream(codec, rate=RATE)
        assert isinstance(audio_stream, AudioStream)
        audio_stream.layout = "stereo"
        _add_silence(container, audio_stream, seconds)
    return target.getvalue()


def _add_silence(container: Any, stream: AudioStream, seconds: int) -> None:
    samples = stream.frame_size or 1024
    for begin in range(0, RATE * seconds, samples):
        frame = av.AudioFrame(format=stream.format.name, layout="stereo", samples=samples)
        frame.sample_rate, frame.pts = RATE, begin
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


_RAW_STRUCTURES = ("dng", "cr3", "crw", "mrw", "orf", "raf", "rw2", "x3f")
"""Camera raw files that differ in how they are built."""

SAMPLES: dict[str, list[Callable[[], bytes]]] = {
    "archive": [lambda: zip_files({"a.txt": "a" * 100})],
    "csv": [lambda: b"id,name,at\n1,Ada,2026-01-31\n2,Bob,2026-02-01\n"],
    "image": [
        *(partial(make_image, kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")),
        lambda: HEIC,
        *(make for media_type, make in camera_raw_files.MAKERS.items() if media_type.endswith(_RAW_STRUCTURES)),
    ],
    "json": [lambda: b'{"a": [1, 2.5, {"b": "text"}]}'],
    "mail": [make_mail, make_mbox, lambda: MHT, make_msg],
    "media": [
        lambda: make_video("mp4"),
        lambda: make_video("matroska"),
        lambda: make_audio("mp3", "libmp3lame"),
        *(
            partial(make_audio, kind, codec)
            for kind, codec in (("wav", "pcm_s16le"), ("caf", "alac"), ("aiff", "pcm_s16be"))
        ),
    ],
    "office": [make_docx, make_xlsx, make_odt, make_epub, partial(make_ole, {"WordDocument": b"x" * 5000})],
    "pdf": [make_pdf],
    "svg": [lambda: b"<svg width='30' height='20' viewBox='0 0 30 20'><path d='M 0 0'/></svg>"],
    "text": [lambda: "# Grüße\n\nsome text\n".encode()],
}
"""By the processor's name: functions that return a file that it describes."""


@cache
def samples_of(name: str) -> list[bytes]:
    return [make_sample() for make_sample in SAMPLES[name]]
