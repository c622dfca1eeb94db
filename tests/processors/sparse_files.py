"""Large files of which only the parts that processors read are stored."""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable

from tests.processors import camera_raw_files, hostile_files, sample_files
from tests.sparse import Sparse

MEGABYTE = 1024 * 1024


def image_maker(kind: str) -> Callable[[int], Sparse]:
    return lambda size: Sparse(size, {0: sample_files.make_image(kind, (3000, 2000))})


def make_dng(size: int) -> Sparse:
    """The sensor's data are between the directories and the preview."""
    preview = camera_raw_files.make_preview()
    return Sparse(
        size, {0: camera_raw_files.make_dng(preview_at=size - len(preview)), size - len(preview): preview}
    )


def make_svg(size: int) -> Sparse:
    return Sparse(size, {0: b"<svg width='3000' height='2000'>"}, pattern=b"<path d='M 0 0 L 99 99'/>\n" * 512)


def make_text(size: int) -> Sparse:
    return Sparse(size, pattern=b"a line of ordinary text\n" * 512)


def make_csv(size: int) -> Sparse:
    return Sparse(size, {0: b"id,name,any date:\n"}, pattern=b"17,Ada,2026-01-31\n" * 512)


def make_json(size: int) -> Sparse:
    return Sparse(
        size,
        {0: b"[", size - 45: b"{}" + b" " * 42 + b"]"},
        pattern=b' {"id": 1, "name": "Ada", "tags": [1, 2]},\n' * 512,
    )


def make_ndjson(size: int) -> Sparse:
    return Sparse(size, pattern=b'{"id": 1, "name": "Ada", "tags": [1, 2]}\n' * 512)


def make_eml(size: int) -> Sparse:
    """A message with one attachment that fills it."""
    head = sample_files.make_mail().replace(b"YSxiCjEsMgo=\n", b"")
    end = head.rindex(b"\n--")
    return Sparse(size, {0: head[:end] + b"\n", size - len(head) + end: head[end:]}, pattern=b"YWJj" * 18 + b"\n")


def make_mbox(size: int) -> Sparse:
    return Sparse(size, pattern=sample_files.make_mbox() * 10)


def make_pdf(size: int, drawn: bytes = b"0 0 m 99 99 l S", more: int = 0) -> Sparse:
    """One page and, between it and the table of objects, a stream that fills the rest. `more` are unused."""
    small = hostile_files.pdf(
        [*hostile_files.page(hostile_files.stream(drawn)), hostile_files.stream(b"x" * 10), *[b"0"] * more]
    )
    table_at = int(small.split(b"startxref\n")[1].split()[0])
    cut = small.index(b"endstream", small.index(b"5 0 obj"))
    end = small[cut:].replace(b"startxref\n%d" % table_at, b"startxref\n%d" % (table_at + size - len(small)))
    grown = len(end) - (len(small) - cut)
    return Sparse(size + grown, {0: small[:cut], size + grown - len(end): end})


def zip_maker(entries: int) -> Callable[[int], Sparse]:
    """A zip of so many entries, stored, the first of which fills it."""

    def make(size: int) -> Sparse:
        written = _SparseWriter()
        with zipfile.ZipFile(written, "w") as package:
            _add_zeros(package, "film.mov", size - entries * 200)
            for number in range(1, entries):
                package.writestr(f"folder/file-{number}.txt", b"x")
        return written.to_sparse()

    return make


def make_docx(size: int, parts: int = 0) -> Sparse:
    """A document with a video in it, and perhaps many small pictures."""
    written = _SparseWriter()
    with zipfile.ZipFile(io.BytesIO(sample_files.make_docx())) as small, zipfile.ZipFile(written, "w") as package:
        _add_zeros(package, "word/media/film.mov", size - MEGABYTE // 2 - parts * 200)
        for name in small.namelist():
            package.writestr(name, small.read(name))
        for number in range(parts):
            package.writestr(f"word/media/image-{number}.png", b"x")
    return written.to_sparse()


def _add_zeros(package: zipfile.ZipFile, name: str, size: int) -> None:
    """Add a stored entry of so many zeros without writing them: their checksum, which is left at 0, would take
    most of the time of a test."""
    assert package.fp is not None
    entry = zipfile.ZipInfo(name)
    entry.file_size = entry.compress_size = size
    entry.CRC = 0
    entry.header_offset = package.fp.tell()
    package.fp.write(entry.FileHeader(zip64=True))
    package.fp.seek(size, io.SEEK_CUR)
    package.start_dir = package.fp.tell()
    package.filelist.append(entry)
    package.NameToInfo[name] = entry


def make_tar(size: int) -> Sparse:
    """Files of ten megabytes each."""
    pieces, position, number = {}, 0, 0
    while position < size - 11 * MEGABYTE:
        header = tarfile.TarInfo(f"file-{number}.bin")
        header.size = 10 * MEGABYTE
        pieces[position] = header.tobuf()
        position, number = position + 512 + header.size, number + 1
    return Sparse(position + 1024, pieces)


def make_gz(size: int) -> Sparse:
    """As many members as it takes; gzip counts them as one file."""
    return Sparse(size, pattern=gzip.compress(b"".join(b"%d some text\n" % number for number in range(40_000))))


def make_mp4(size: int) -> Sparse:
    """Recorded by a phone: the index comes last. The pictures' box gets a length of 64 bits."""
    small = sample_files.make_video("mp4")
    at = small.index(b"free")
    data_at, index_at = at - 4 + 16, small.index(b"moov") - 4
    assert small[at + 8 : at + 12] == b"mdat"
    index = small[index_at:]
    header = struct.pack(">I4sQ", 1, b"mdat", size - len(index) - (at - 4))
    begin = small[: at - 4] + header + small[data_at:index_at]
    return Sparse(size, {0: begin, size - len(index): index})


def make_wav(size: int) -> Sparse:
    small = bytearray(sample_files.make_audio("wav", "pcm_s16le"))
    at = small.index(b"data") + 4
    small[4:8], small[at : at + 4] = struct.pack("<I", size - 8), struct.pack("<I", size - at - 4)
    return Sparse(size, {0: bytes(small[: at + 4])})


def stream_maker(kind: str, codec: str, sound: str | None = None) -> Callable[[int], Sparse]:
    """A stream without an index, as in broadcasting."""

    def make(size: int) -> Sparse:
        small = (
            sample_files.make_video(kind, codec, sound, 4) if sound else sample_files.make_audio(kind, codec, 4)
        )
        return Sparse(size, pattern=small)

    return make


def make_mkv(size: int) -> Sparse:
    """The last element, a void, fills the rest of the segment, whose length is unknown."""
    small = sample_files.make_video("matroska")
    void = b"\xec" + (size - len(small) - 9 | 1 << 56).to_bytes(8)
    at = small.index(b"\x18\x53\x80\x67") + 4
    unknown = small[:at] + b"\x01" + b"\xff" * 7 + small[at + 8 :]
    return Sparse(size, {0: unknown + void})


class _SparseWriter(io.RawIOBase):
    """A file for writing that keeps only what isn't zero."""

    def __init__(self) -> None:
        self._pieces: dict[int, bytes] = {}
        self._position = self._end = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._end}[whence] + offset
        return self._position

    def write(self, data: bytes) -> int:  # type: ignore[override]  # typeshed names a private type
        if data != bytes(len(data)):
            self._pieces[self._position] = bytes(data)
        self._position += len(data)
        self._end = max(self._end, self._position)
        return len(data)

    def to_sparse(self) -> Sparse:
        return Sparse(self._end, self._pieces)


KINDS: dict[str, Callable[[int], Sparse]] = {
    "jpeg": image_maker("JPEG"),
    "png": image_maker("PNG"),
    "tiff": image_maker("TIFF"),
    "webp": image_maker("WEBP"),
    "dng": make_dng,
    "svg": make_svg,
    "pdf": make_pdf,
    "text": make_text,
    "csv": make_csv,
    "json": make_json,
    "ndjson": make_ndjson,
    "eml": make_eml,
    "mbox": make_mbox,
    "zip": zip_maker(2000),
    "docx": make_docx,
    "tar": make_tar,
    "gzip": make_gz,
    "mp4": make_mp4,
    "mkv": make_mkv,
    "wav": make_wav,
    "mp3": stream_maker("mp3", "libmp3lame"),
    "mpeg-ts": stream_maker("mpegts", "libx264", "aac"),
}
