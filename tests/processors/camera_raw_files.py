"""Small raw files as cameras make them: directories and previews, without the sensor's data."""

import io
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from PIL import Image

from tests.processors import heic

Value = int | str | bytes | Fraction | tuple[int, ...]

WIDTH, HEIGHT = 4000, 3000
PREVIEW, SMALL_PREVIEW = (800, 600), (160, 120)

CAMERA: dict[int, Value] = {0x829A: Fraction(1, 250), 0x8827: 400, 0x9003: "2024:05:31 10:00:00"}
"""Exposure, ISO and the date that a picture was taken."""


class TiffWriter:
    """Collects the directories of a TIFF and what they refer to. TIFF 6.0, section 2"""

    def __init__(self, header: bytes = b"II*\0", order: str = "<") -> None:
        self._order = order
        self._data = bytearray(header + bytes(4))

    def add(self, data: bytes) -> int:
        """Add bytes and return their offset."""
        self._data += bytes(len(self._data) % 2)
        offset = len(self._data)
        self._data += data
        return offset

    def directory(self, tags: Mapping[int, Value], following: int = 0) -> int:
        """Add a directory and return its offset."""
        entries = b"".join(self._entry(tag, value) for tag, value in sorted(tags.items()))
        count = struct.pack(self._order + "H", len(tags))
        return self.add(count + entries + struct.pack(self._order + "I", following))

    def finish(self, first: int) -> bytes:
        """Return the file, whose first directory is at this offset."""
        self._data[4:8] = struct.pack(self._order + "I", first)
        return bytes(self._data)

    def _entry(self, tag: int, value: Value) -> bytes:
        kind, count, data = _encode(value, self._order)
        inside = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(self._order + "I", self.add(data))
        return struct.pack(self._order + "HHI", tag, kind, count) + inside


def _encode(value: Value, order: str) -> tuple[int, int, bytes]:
    """Return the type, the count and the bytes of a tag's value."""
    if isinstance(value, str):
        return 2, len(value) + 1, value.encode() + b"\0"
    if isinstance(value, bytes):
        return 7, len(value), value
    if isinstance(value, Fraction):
        return 5, 1, struct.pack(order + "II", value.numerator, value.denominator)
    numbers = value if isinstance(value, tuple) else (value,)
    return 4, len(numbers), struct.pack(f"{order}{len(numbers)}I", *numbers)


def make_preview(size: tuple[int, int] = PREVIEW, **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "teal").save(target, "JPEG", **options)
    return target.getvalue()


def _sensor(width: int = WIDTH, height: int = HEIGHT, compression: int = 1) -> dict[int, Value]:
    return {254: 0, 256: width, 257: height, 258: 12, 259: compression, 262: 32803, 273: 8, 279: 100}


def make_dng(preview_at: int = 0) -> bytes:
    """As Adobe's converter: a thumbnail first, then the sensor with a border, and a preview, which may be put
    elsewhere."""
    tiff = TiffWriter()
    preview = make_preview()
    sub = [
        tiff.directory(_sensor(WIDTH + 80, HEIGHT + 40, 7) | {50720: (WIDTH, HEIGHT)}),
        tiff.directory(
            {
                254: 1,
                256: 800,
                257: 600,
                258: 8,
                259: 7,
                262: 6,
                273: preview_at or tiff.add(preview),
                279: len(preview),
            }
        ),
    ]
    camera: dict[int, Value] = {
        271: "Canon",
        272: "Canon EOS 350D DIGITAL",
        274: 6,
        50706: b"\1\4\0\0",
        34665: tiff.directory(CAMERA),
    }
    thumbnail: dict[int, Value] = {254: 1, 256: 8, 257: 8, 258: (8, 8, 8), 259: 1, 262: 2, 273: 8, 279: 192}
    return tiff.finish(tiff.directory(thumbnail | camera | {330: tuple(sub)}))


def make_nef() -> bytes:
    """As Nikon's: the sensor and the previews are directories below a thumbnail."""
    tiff = TiffWriter(b"MM\0*", ">")
    preview, small = make_preview(), make_preview(SMALL_PREVIEW)
    sub = (
        tiff.directory({254: 1, 259: 6, 513: tiff.add(preview), 514: len(preview)}),
        tiff.directory(_sensor(compression=34713)),
        tiff.directory({254: 1, 259: 6, 513: tiff.add(small), 514: len(small)}),
    )
    camera: dict[int, Value] = {
        271: "NIKON CORPORATION",
        272: "NIKON D70",
        274: 8,
        330: sub,
        34665: tiff.directory(CAMERA),
    }
    thumbnail: dict[int, Value] = {254: 1, 256: 160, 257: 120, 258: (8, 8, 8), 259: 1, 262: 2, 273: 8, 279: 57600}
    return tiff.finish(tiff.directory(thumbnail | camera))


def make_nrw() -> bytes:
    """As Nikon's compact cameras: the thumbnail is a JPEG."""
    tiff = TiffWriter()
    small, preview = make_preview(SMALL_PREVIEW), make_preview()
    sub = (tiff.directory({254: 1, 259: 6, 513: tiff.add(preview), 514: len(preview)}), tiff.directory(_sensor()))
    first: dict[int, Value] = {254: 1, 259: 6, 271: "NIKON", 272: "COOLPIX P7000", 274: 1, 330: sub}
    return tiff.finish(
        tiff.directory(first | {513: tiff.add(small), 514: len(small), 34665: tiff.directory(CAMERA)})
    )


def make_arw(model: str = "ILCE-7M3") -> bytes:
    """As Sony's: the preview is in the first directory, the sensor has a border, which EXIF leaves out."""
    tiff = TiffWriter()
    small, preview = make_preview(SMALL_PREVIEW), make_preview()
    thumbnail = tiff.directory({254: 1, 259: 6, 513: tiff.add(small), 514: len(small)})
    exif = tiff.directory(CAMERA | {40962: WIDTH, 40963: HEIGHT})
    first: dict[int, Value] = {254: 1, 259: 6, 271: "SONY", 272: model, 274: 1, 34665: exif}
    first |= {
        330: tiff.directory(_sensor(WIDTH + 48, HEIGHT + 24, 32767)),
        513: tiff.add(preview),
        514: len(preview),
    }
    return tiff.finish(tiff.directory(first, thumbnail))


def make_cr2() -> bytes:
    """As Canon's: a JPEG first, and last the sensor as lossless JPEG, which isn't a preview."""
    tiff = TiffWriter(b"II*\0")
    tiff.add(b"CR\2\0" + bytes(4))
    preview, small, lossless = make_preview(), make_preview(SMALL_PREVIEW), b"\xff\xd8\xff\xc3" + bytes(100)
    last = tiff.directory({259: 6, 273: tiff.add(lossless), 279: len(lossless)})
    thumbnail = tiff.directory({513: tiff.add(small), 514: len(small)}, last)
    exif = tiff.directory(CAMERA | {40962: WIDTH, 40963: HEIGHT})
    first: dict[int, Value] = {
        256: 800,
        257: 600,
        258: (8, 8, 8),
        259: 6,
        271: "Canon",
        272: "Canon EOS 350D DIGITAL",
    }
    first |= {273: tiff.add(preview), 274: 1, 279: len(preview), 34665: exif}
    return tiff.finish(tiff.directory(first, thumbnail))


def make_pef(make: str = "PENTAX Corporation", model: str = "PENTAX K10D", compression: int = 65535) -> bytes:
    """As Pentax's and others': the sensor first, the preview in a directory that follows."""
    tiff = TiffWriter(b"MM\0*", ">")
    preview = make_preview()
    following = tiff.directory({259: 6, 513: tiff.add(preview), 514: len(preview)})
    exif = tiff.directory(CAMERA)
    first = _sensor(compression=compression) | {271: make, 272: model, 274: 1, 34665: exif}
    return tiff.finish(tiff.directory(first, following))


def make_kdc() -> bytes:
    """As Kodak's: a JPEG of all pixels, and a directory for the sensor that says little."""
    tiff = TiffWriter()
    preview = make_preview()
    exif = tiff.directory(CAMERA | {40962: WIDTH, 40963: HEIGHT})
    sub = tiff.directory({254: 0, 259: 1, 274: 1, 278: 16})
    first: dict[int, Value] = {254: 0, 259: 7, 262: 6, 271: "EASTMAN KODAK COMPANY", 272: "KODAK P850", 274: 1}
    first |= {330: sub, 513: tiff.add(preview), 514: len(preview), 34665: exif}
    return tiff.finish(tiff.directory(first))


def make_iiq() -> bytes:
    tiff = TiffWriter()
    tiff.add(b"IIII" + bytes(4))
    preview = make_preview()
    exif = tiff.directory(CAMERA | {40962: WIDTH, 40963: HEIGHT})
    first: dict[int, Value] = {254: 0, 256: 8, 257: 8, 259: 1, 262: 2, 271: "Phase One", 272: "P 45", 34665: exif}
    return tiff.finish(tiff.directory(first, tiff.directory({513: tiff.add(preview), 514: len(preview)})))


def make_orf(header: bytes = b"IIRO", note_header: bytes = b"OLYMPUS\0II\3\0") -> bytes:
    """As Olympus': the preview is in the maker note, which counts offsets from its own beginning."""
    preview, small, settings_at = make_preview(), make_preview(SMALL_PREVIEW), len(note_header) + 30
    preview_at = settings_at + 30
    tags = (2, 0x100, 7, len(small), preview_at + len(preview), 0x2020, 13, 1, settings_at, 0)
    note = note_header + struct.pack("<HHHIIHHIII", *tags)
    places = (2, 0x101, 4, 1, preview_at, 0x102, 4, 1, len(preview), 0)
    note += struct.pack("<HHHIIHHIII", *places) + preview + small
    tiff = TiffWriter(header)
    exif = tiff.directory(CAMERA | {0x927C: note})
    first: dict[int, Value] = {
        256: WIDTH,
        257: HEIGHT,
        258: 16,
        259: 1,
        262: 1,
        271: "OLYMPUS",
        272: "E-M1",
        274: 1,
    }
    return tiff.finish(tiff.directory(first | {273: 8, 279: 100, 34665: exif}))


def make_old_orf() -> bytes:
    """As Olympus' until 2005: there is a thumbnail alone, and its offset counts from the file's beginning."""
    tiff = TiffWriter(b"MMOR", ">")
    small = make_preview(SMALL_PREVIEW)
    thumbnail_at = tiff.add(small)
    note = b"OLYMP\0\1\0" + struct.pack(">HHHIII", 1, 0x100, 7, len(small), thumbnail_at, 0)
    exif = tiff.directory(CAMERA | {0x927C: note})
    first: dict[int, Value] = {256: WIDTH, 257: HEIGHT, 271: "OLYMPUS OPTICAL CO.,LTD", 272: "C5050Z", 274: 1}
    return tiff.finish(tiff.directory(first | {34665: exif}))


def make_srw() -> bytes:
    """As Samsung's: the sensor's directory doesn't name the interpretation of its pixels."""
    tiff = TiffWriter()
    preview = make_preview()
    sensor: dict[int, Value] = {254: 0, 256: WIDTH + 160, 257: HEIGHT + 72, 258: 12, 259: 32770, 273: 8, 279: 100}
    sub = (
        tiff.directory({254: 0, 513: tiff.add(preview), 514: len(preview)}),
        tiff.directory(sensor | {33421: 2, 33422: b"\0\1\1\2"}),
    )
    exif = tiff.directory(CAMERA | {40962: WIDTH, 40963: HEIGHT})
    return tiff.finish(tiff.directory({271: "SAMSUNG", 272: "NX20", 274: 1, 330: sub, 34665: exif}))


def make_rw2() -> bytes:
    """As Panasonic's: tags of its own for the sensor's borders, and a JPEG as a tag's value."""
    tiff = TiffWriter(b"IIU\0")
    camera: dict[int, Value] = {271: "Panasonic", 272: "DMC-LX3", 274: 1, 34665: tiff.directory(CAMERA)}
    borders: dict[int, Value] = {2: WIDTH + 76, 3: HEIGHT + 18, 4: 6, 5: 8, 6: HEIGHT + 6, 7: WIDTH + 8}
    return tiff.finish(tiff.directory(borders | camera | {46: make_preview()}))


def make_raf() -> bytes:
    """As Fujifilm's: a JPEG with the EXIF data, and a directory with height and width."""
    jpeg = make_preview(exif=_exif())
    directory = struct.pack(">IHHHHHHHH", 2, 0x100, 4, HEIGHT + 20, WIDTH + 40, 0x111, 4, HEIGHT, WIDTH)
    header = b"FUJIFILMCCD-RAW 0201FF383501FinePix X100".ljust(84, b"\0")
    return (
        header
        + struct.pack(">IIII", 148, len(jpeg), 148 + len(jpeg), len(directory)).ljust(64, b"\0")
        + jpeg
        + directory
    )


def _exif() -> bytes:
    tiff = TiffWriter()
    return b"Exif\0\0" + tiff.finish(tiff.directory({271: "FUJIFILM", 274: 1, 34665: tiff.directory(CAMERA)}))


def make_cr3() -> bytes:
    """As Canon's since 2018: TIFF directories and previews in boxes of an ISO media file."""
    first, exif = TiffWriter(), TiffWriter()
    picture = first.finish(first.directory({256: WIDTH, 257: HEIGHT, 271: "Canon", 272: "Canon EOS R", 274: 1}))
    settings = exif.finish(exif.directory(CAMERA))
    small, preview = make_preview(SMALL_PREVIEW), make_preview()
    metadata = heic.box(b"CMT1", picture) + heic.box(b"CMT2", settings) + heic.box(b"THMB", bytes(16) + small)
    uuid = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    index = heic.box(b"moov", heic.box(b"uuid", uuid + metadata))
    uuid = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
    shown = heic.box(b"uuid", uuid + bytes(8) + heic.box(b"PRVW", bytes(16) + preview))
    return heic.box(b"ftyp", b"crx \0\0\0\1crx isom") + index + shown + heic.box(b"mdat", bytes(100))


def make_crw() -> bytes:
    """As Canon's until 2004: heaps in a heap, each with its directory at its end."""
    preview, small = make_preview(), make_preview(SMALL_PREVIEW)
    taken_at = int(datetime(2024, 5, 31, 10, tzinfo=UTC).timestamp())
    camera = _heap({0x080A: b"Canon\0Canon EOS 10D\0"})
    properties = _heap({0x1810: struct.pack("<IIfi12x", WIDTH, HEIGHT, 1, 90), 0x2807: camera}, taken_at)
    root = _heap({0x2005: bytes(100), 0x2007: preview, 0x2008: small, 0x300A: properties})
    return b"II" + struct.pack("<I", 26) + b"HEAPCCDR\2\0\1\0" + bytes(8) + root


def _heap(values: Mapping[int, bytes], taken_at: int | None = None) -> bytes:
    data, entries = b"", []
    for tag, value in values.items():
        entries.append(struct.pack("<HII", tag, len(value), len(data)))
        data += value
    if taken_at is not None:
        entries.append(struct.pack("<HII", 0x4000 | 0x180E, taken_at, 0))
    return data + struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", len(data))


def make_mrw() -> bytes:
    """As Minolta's: blocks, of which one is a TIFF."""
    tiff = TiffWriter(b"MM\0*", ">")
    preview = make_preview()
    following = tiff.directory({513: tiff.add(preview), 514: len(preview)})
    first: dict[int, Value] = {256: WIDTH, 257: HEIGHT, 271: "Minolta Co., Ltd.", 34665: tiff.directory(CAMERA)}
    content = tiff.finish(tiff.directory(first, following))
    sensor = struct.pack(">8sHHHH8x", b"27820001", HEIGHT + 8, WIDTH + 16, HEIGHT, WIDTH)
    blocks = [(b"\0PRD", sensor), (b"\0TTW", content), (b"\0WBG", bytes(12))]
    data = b"".join(kind + struct.pack(">I", len(block)) + block for kind, block in blocks)
    return b"\0MRM" + struct.pack(">I", len(data)) + data + bytes(100)


def make_x3f() -> bytes:
    """As Sigma's: sections, and a directory at the end."""
    jpeg = make_preview(exif=_exif())
    header = (b"FOVb" + struct.pack("<I20xIII", 0x20002, WIDTH, HEIGHT, 0)).ljust(264, b"\0")
    preview = b"SECi" + struct.pack("<IIIIII", 0x20000, 2, 18, *PREVIEW, 0) + jpeg
    sensor = b"SECi" + struct.pack("<IIIIII", 0x20000, 1, 30, WIDTH, HEIGHT, 0) + bytes(100)
    at = len(header) + len(preview) + len(sensor)
    directory = b"SECd" + struct.pack("<II", 0x20000, 2)
    directory += struct.pack("<II4s", len(header), len(preview), b"IMA2")
    directory += struct.pack("<II4s", len(header) + len(preview), len(sensor), b"IMAG")
    return header + preview + sensor + directory + struct.pack("<I", at)


MAKERS: dict[str, Callable[[], bytes]] = {
    "image/x-adobe-dng": make_dng,
    "image/x-canon-cr2": make_cr2,
    "image/x-canon-cr3": make_cr3,
    "image/x-canon-crw": make_crw,
    "image/x-epson-erf": lambda: make_pef("SEIKO EPSON CORP.", "R-D1", 32769),
    "image/x-fuji-raf": make_raf,
    "image/x-hasselblad-3fr": lambda: make_pef("Hasselblad", "Hasselblad H3D", 1),
    "image/x-kodak-dcr": lambda: make_pef("Kodak", "DCS Pro SLR/n", 65000),
    "image/x-kodak-kdc": make_kdc,
    "image/x-mamiya-mef": lambda: make_pef("Mamiya-OP Co.,Ltd.", "Mamiya ZD", 1),
    "image/x-minolta-mrw": make_mrw,
    "image/x-nikon-nef": make_nef,
    "image/x-nikon-nrw": make_nrw,
    "image/x-olympus-orf": make_orf,
    "image/x-panasonic-rw2": make_rw2,
    "image/x-pentax-pef": make_pef,
    "image/x-phaseone-iiq": make_iiq,
    "image/x-samsung-srw": make_srw,
    "image/x-sigma-x3f": make_x3f,
    "image/x-sony-arw": make_arw,
    "image/x-sony-sr2": lambda: make_arw("DSC-R1"),
    "image/x-sony-srf": lambda: make_arw("DSC-F828"),
}
"""By media type: functions that return a raw file of WIDTH by HEIGHT with a preview."""
