"""Office documents and e-books."""

import io
import struct
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from docx import Document

from chalicelib.processors.archives.zip import MAX_PART
from chalicelib.processors.office import xml_parts
from chalicelib.processors.office.counts import WORD_TEXTS, count_words
from chalicelib.processors.office.open_xml import open_xml_facts
from chalicelib.processors.registry import versions
from tests.processors import sample_files
from tests.processors.analyze import analyze_bytes, facts_of
from tests.processors.ole_files import make_ole

VERSION = versions()["office"]

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = {"[Content_Types].xml": f'<Types><Override ContentType="{TYPE}"/></Types>'}


def test_docx_facts() -> None:
    facts = facts_of(sample_files.make_docx())
    assert (facts["title"], facts["author"], facts["words"]) == ("Minutes", "Ada Lovelace", 1)


@pytest.mark.parametrize("make_sample", [sample_files.make_docx, sample_files.make_pptx])
def test_properties_of_an_empty_template_are_left_out(make_sample: Callable[[], bytes]) -> None:
    """The libraries keep the properties of their templates: 2013, an application, no words, a page."""
    assert {"created_at", "changed_at", "application", "pages"} & set(facts_of(make_sample())) == set()


def test_properties_of_an_empty_document_are_kept() -> None:
    target = io.BytesIO()
    Document().save(target)
    facts = facts_of(target.getvalue())
    assert (facts["created_at"], "words" in facts) == ("2013-12-23T23:15:00Z", True)


def docx(body: str, app: str = "", core: str = "") -> dict[str, object]:
    """Return the facts of a document with this body, and these elements in its properties."""
    parts: dict[str, str | bytes] = {
        **TYPES,
        "word/document.xml": f"<w:document xmlns:w='w' xmlns:mc='mc'><w:body>{body}</w:body></w:document>",
        "docProps/app.xml": f"<Properties>{app}</Properties>",
        "docProps/core.xml": f"<c:coreProperties xmlns:c='c' xmlns:dcterms='d'>{core}</c:coreProperties>",
    }
    return facts_of(sample_files.zip_files(parts))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "<w:p><w:r><w:t>one t</w:t></w:r><w:r><w:t>wo</w:t></w:r></w:p><w:p><w:r><w:t>three</w:t></w:r></w:p>",
            3,
        ),
        ("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>", 3),
        ("<w:p><w:r><w:t>日本語の text</w:t></w:r></w:p>", 5),
        ("<w:p><w:r><w:delText>deleted</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>", 0),
        ("<w:p><mc:Choice><w:t>a</w:t></mc:Choice><mc:Fallback><w:t>a</w:t></mc:Fallback></w:p>", 1),
        ("", 0),
    ],
)
def test_words_are_counted_in_the_document(body: str, words: int) -> None:
    assert docx(body)["words"] == words


@pytest.mark.parametrize("prefix", ["ns0", ""])
def test_prefixes_are_up_to_the_program(prefix: str) -> None:
    """ElementTree, for one, numbers them."""
    begin, xmlns = (f"{prefix}:", f"xmlns:{prefix}") if prefix else ("", "xmlns")

    def rename(xml: str) -> str:
        return xml.replace("w:", begin)

    document = rename(f"<w:document {xmlns}='w'><w:p><w:r><w:t>one two</w:t></w:r></w:p></w:document>")
    assert facts_of(sample_files.zip_files({**TYPES, "word/document.xml": document}))["words"] == 2
    content = rename(f"<w:content {xmlns}='w'><w:spreadsheet><w:table w:name='Eins'/></w:spreadsheet></w:content>")
    spreadsheet: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": content,
    }
    assert facts_of(sample_files.zip_files(spreadsheet))["sheet_names"] == ["Eins"]


def test_counts_that_contradict_the_document_are_left_out() -> None:
    body = "<w:p><w:r><w:t>" + "word " * 1000 + "</w:t></w:r></w:p>"
    created = "<dcterms:created>2024-02-29T12:30:15Z</dcterms:created>"
    facts = docx(body, "<Words>980</Words><Pages>3</Pages>", created)
    assert (facts["words"], facts["pages"], facts["created_at"]) == (1000, 3, "2024-02-29T12:30:15Z")
    facts = docx(body, "<Words>70</Words><Pages>1</Pages>", created)
    assert (facts["words"], facts.get("pages"), facts["created_at"]) == (1000, None, "2024-02-29T12:30:15Z")
    facts = docx(body, "<Words>" + "9" * 5000 + "</Words><Pages>1</Pages>", created)
    assert (facts["words"], facts["pages"]) == (1000, 1)
    facts = docx(body, "<Words>0</Words><Pages>1</Pages>", created)
    assert (facts["words"], facts.get("pages"), facts.get("created_at")) == (1000, None, None)


def test_document_that_is_too_long_has_the_stated_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_parts, "MAX_SCANNED", 1000)
    body = "<w:p><w:r><w:t>" + "word " * 1000 + "</w:t></w:r></w:p>"
    content = sample_files.zip_files(
        {**TYPES, "word/document.xml": f"<w:document xmlns:w='w'>{body}</w:document>", "docProps/app.xml": "{}"}
    )
    with ZipFile(io.BytesIO(content)) as archive:
        assert count_words(archive, "word/document.xml", WORD_TEXTS) is None
    assert "words" not in open_xml_facts(ZipFile(io.BytesIO(content)), frozenset({"word/document.xml"}))


@pytest.mark.parametrize(
    ("written", "is_shown"),
    [
        ("2024-02-29T12:30:15Z", True),
        ("2024-02-29T12:30:15+01:00", True),
        ("2024-02-29T12:30:15.1234567", True),
        ("2024", True),
        ("2024-13-40T25:99:99", False),
        ("0000-00-00T00:00:00Z", False),
        ("1601-01-01T00:00:00Z", False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_dates_that_are_none_are_left_out(written: str, is_shown: bool) -> None:
    facts = docx("", core=f"<dcterms:created>{written}</dcterms:created>")
    assert facts.get("created_at") == (written if is_shown else None)


def test_entities_in_a_document_are_refused() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    document = f"<!DOCTYPE d [<!ENTITY l0 'ha '>{laughs}]><w:document xmlns:w='w'><w:t>&l11;</w:t></w:document>"
    assert facts_of(sample_files.zip_files({**TYPES, "word/document.xml": document})) == {"version": VERSION}


def test_xlsx_facts() -> None:
    facts = facts_of(sample_files.make_xlsx())
    assert (facts["title"], facts["sheets"], facts["sheet_names"]) == ("Figures", 2, ["Sheet", "Two"])
    assert facts["created_at"]


def test_pptx_facts() -> None:
    facts = facts_of(sample_files.make_pptx())
    assert (facts["title"], facts["slides"]) == ("Pitch", 2)


def test_odt_facts() -> None:
    facts = facts_of(sample_files.make_odt())
    assert (facts["title"], facts["application"], facts["pages"], facts["words"]) == (
        "Letter",
        "LibreOffice",
        4,
        800,
    )


def open_document(kind: str, body: str, meta: str = "") -> dict[str, object]:
    names = "xmlns:office='o' xmlns:text='t' xmlns:table='b' xmlns:draw='d' xmlns:meta='m' xmlns:dc='c'"
    content = f"<office:document-content {names}><office:body>{body}</office:body></office:document-content>"
    properties = f"<office:document-meta {names}><office:meta>{meta}</office:meta></office:document-meta>"
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    return facts_of(
        sample_files.zip_files({"mimetype": media_type, "content.xml": content, "meta.xml": properties})
    )


@pytest.mark.parametrize("suffix", ["", "-template"])
def test_what_an_open_document_consists_of_is_counted(suffix: str) -> None:
    inner = "<table:table table:name='inner'/>"
    tables = f"<table:table table:name='Eins'>{inner}</table:table><table:table table:name='Zwei'/>"
    facts = open_document(f"spreadsheet{suffix}", f"<office:spreadsheet>{tables}</office:spreadsheet>")
    assert (facts["sheets"], facts["sheet_names"]) == (2, ["Eins", "Zwei"])
    pages = "<draw:page><draw:frame/></draw:page>" * 4
    assert (
        open_document(f"presentation{suffix}", f"<office:presentation>{pages}</office:presentation>")["slides"]
        == 4
    )
    assert open_document(f"graphics{suffix}", f"<office:drawing>{pages}</office:drawing>")["pages"] == 4
    text = (
        "<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h>One</text:h>"
        "<text:p>two<text:s/>three <text:span>fo</text:span>ur<office:annotation><text:p>note</text:p>"
        "</office:annotation></text:p></office:text>"
    )
    assert open_document(f"text{suffix}", text)["words"] == 4


def test_encrypted_open_document_is_flagged() -> None:
    entry = "<m:file-entry m:full-path='content.xml'><m:encryption-data/></m:file-entry>"
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": bytes(range(256)),
        "META-INF/manifest.xml": f"<m:manifest xmlns:m='m'>{entry}</m:manifest>",
    }
    assert facts_of(sample_files.zip_files(parts)) == {"version": VERSION, "encrypted": True}


def test_tables_of_a_text_are_no_sheets() -> None:
    meta = "<meta:document-statistic meta:table-count='3' meta:page-count='2' meta:word-count='99'/>"
    text = f"<office:text><text:p>{'word ' * 90}</text:p></office:text>"
    facts = open_document("text", text, f"{meta}<dc:date>2024-13-40</dc:date>")
    assert facts == {"version": VERSION, "pages": 2, "words": 90}
    assert open_document("text", "<office:text/>", meta) == {"version": VERSION, "words": 0}


def make_property_set(properties: dict[int, tuple[int, bytes]]) -> bytes:
    """Return a stream of properties by number: their type and value. [MS-OLEPS] 2.21"""
    values = [struct.pack("<I", kind) + value + bytes(-len(value) % 4) for kind, value in properties.values()]
    begin = 8 + 8 * len(values)
    offsets = [begin + sum(map(len, values[:index])) for index in range(len(values))]
    table = b"".join(struct.pack("<II", *pair) for pair in zip(properties, offsets, strict=True))
    section = struct.pack("<II", begin + sum(map(len, values)), len(values)) + table + b"".join(values)
    return struct.pack("<HHI16xI16xI", 0xFFFE, 0, 0, 1, 48) + section


def make_summary(created: int = 133_536_834_150_000_000) -> bytes:
    title = "Отчёт".encode("cp1251") + b"\0"
    return make_property_set(
        {
            1: (2, struct.pack("<h", 1251)),
            2: (30, struct.pack("<I", len(title)) + title),
            12: (64, struct.pack("<Q", created)),
            14: (3, struct.pack("<i", 3)),
            15: (3, struct.pack("<i", 0)),
        }
    )


def make_workbook(names: list[str]) -> bytes:
    sheets = []
    for name in names:
        wide = not name.isascii()
        text = bytes([len(name), wide]) + name.encode("utf-16-le" if wide else "latin-1")
        sheets.append(struct.pack("<HHIBB", 0x85, 6 + len(text), 0, 0, 0) + text)
    return struct.pack("<HHHH4x", 0x809, 8, 0x600, 5) + b"".join(sheets) + struct.pack("<HH", 0x0A, 0)


def test_facts_of_old_documents() -> None:
    summary = {"\x05SummaryInformation": make_summary()}
    analysis = analyze_bytes(make_ole({"WordDocument": bytes(5000), "Macros/VBA/dir": b"x", **summary}))
    assert analysis.detected_type == "application/msword"
    assert analysis.result["office"] == {
        "version": VERSION,
        "title": "Отчёт",
        "created_at": "2024-02-29T12:30:15Z",
        "pages": 3,
        "macros": True,
    }
    facts = facts_of(make_ole({"Workbook": make_workbook(["One", "Zwölf", "日本"]), **summary}))
    assert (facts["sheets"], facts["sheet_names"]) == (3, ["One", "Zwölf", "日本"])
    slides = make_property_set({7: (3, struct.pack("<i", 12))})
    facts = facts_of(make_ole({"PowerPoint Document": b"x", "\x05DocumentSummaryInformation": slides}))
    assert facts == {"version": VERSION, "slides": 12}
    facts = facts_of(make_ole({"WordDocument": b"x", "\x05SummaryInformation": make_summary(0)}))
    assert "created_at" not in facts


RECORDS = {
    "xls": struct.pack("<HHHH4x", 0x809, 8, 0x600, 5) + struct.pack("<HHH4x", 0x2F, 6, 1),
    "xls with a record before": struct.pack("<HHHH4x", 0x809, 8, 0x600, 5)
    + struct.pack("<HH", 0x86, 0)
    + struct.pack("<HHH4x", 0x2F, 6, 1),
}


@pytest.mark.parametrize(
    "streams",
    [
        {"Workbook": records + make_workbook(["\x9f\x13"])[12:] + bytes(padding)}
        for records in RECORDS.values()
        for padding in (0, 5000, 2**21)
    ]
    + [
        {"WordDocument": b"\xec\xa5\xc1\x00" + bytes(6) + b"\x00\x13" + bytes(length)}
        for length in (100, 5000, 2**21)
    ]
    + [{"PowerPoint Document": b"x", "Current User": bytes(12) + b"\xdf\xc4\xd1\xf3" + bytes(20)}],
)
def test_old_document_with_a_password_is_flagged(streams: dict[str, bytes]) -> None:
    """The names of an encrypted workbook's sheets are no text."""
    assert facts_of(make_ole(streams)) == {"version": VERSION, "encrypted": True}


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_damaged_old_document_is_flagged(share: float) -> None:
    content = make_ole({"WordDocument": b"\xec\xa5\xc1\x00" + bytes(50_000)})
    assert facts_of(content[: int(len(content) * share)]) == {"version": VERSION, "damaged": True}


def test_epub_facts() -> None:
    facts = facts_of(sample_files.make_epub())
    assert (facts["title"], facts["author"], facts["language"]) == ("Effi Briest", "Theodor Fontane", "de")
    assert (facts["chapters"], facts["published_at"], "changed_at" in facts) == (2, "1895-10", False)


def package(main: str, parts: dict[str, str | bytes]) -> dict[str, object]:
    """Return the facts of a package whose main part has this content type."""
    types = f"<Types><Override ContentType='application/vnd.{main}'/></Types>"
    return facts_of(sample_files.zip_files({"[Content_Types].xml": types, **parts}))


def test_pages_of_a_drawing_and_sheets_of_a_binary_workbook_are_counted() -> None:
    pages = "<Pages xmlns='v'><Page ID='0'/><Page ID='1'><PageSheet/></Page></Pages>"
    assert package("ms-visio.drawing.main+xml", {"visio/pages/pages.xml": pages})["pages"] == 2
    sheets: dict[str, str | bytes] = {f"xl/worksheets/sheet{number}.bin": b"x" for number in range(3)}
    main = "ms-excel.sheet.binary.macroEnabled.main"
    assert package(main, {"xl/workbook.bin": b"x", **sheets})["sheets"] == 3


def test_slides_are_those_of_the_presentation() -> None:
    """Programs leave the parts of removed slides in the file."""
    listed = "<p:presentation xmlns:p='p'><p:sldIdLst><p:sldId/><p:sldId/></p:sldIdLst></p:presentation>"
    parts: dict[str, str | bytes] = {f"ppt/slides/slide{number}.xml": "<a/>" for number in range(5)}
    main = "openxmlformats-officedocument.presentationml.presentation.main+xml"
    assert package(main, {"ppt/presentation.xml": listed, **parts})["slides"] == 2
    assert package(main, {"ppt/presentation.xml": "<damaged", **parts})["slides"] == 5


TITLE = "<coreProperties xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>{}</dc:title></coreProperties>"


def core(xml: str | bytes) -> dict[str, object]:
    return facts_of(sample_files.zip_files({**TYPES, "docProps/core.xml": xml}))


def test_macros_are_flagged() -> None:
    assert facts_of(sample_files.zip_files({**TYPES, "word/vbaProject.bin": "x"}))["macros"] is True


def test_damaged_part_is_skipped() -> None:
    assert core("<not xml") == {"version": VERSION}
    app = "<Properties><Pages>3</Pages><Words>a</Words></Properties>"
    parts: dict[str, str | bytes] = {**TYPES, "docProps/core.xml": "<", "docProps/app.xml": app}
    assert facts_of(sample_files.zip_files(parts)) == {"version": VERSION, "pages": 3}


def test_xml_entities_are_refused() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    assert core(f"<!DOCTYPE d [<!ENTITY l0 'ha'>{laughs}]>" + TITLE.format("&l11;")) == {"version": VERSION}
    assert core("<!DOCTYPE d [<!ENTITY x 'one laugh'>]>" + TITLE.format("&x;")) == {"version": VERSION}
    assert core("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + TITLE.format("&x;")) == {
        "version": VERSION
    }


def test_part_of_gigabytes_is_not_decompressed() -> None:
    assert core(TITLE.format("x" * (2 * MAX_PART))) == {"version": VERSION}


def test_long_title_is_cut() -> None:
    title = core(TITLE.format("x" * 100_000))["title"]
    assert isinstance(title, str)
    assert len(title) == 4000


def test_unknown_xml_encoding_is_skipped() -> None:
    assert core(b"<?xml version='1.0' encoding='klingon'?><a/>") == {"version": VERSION}


def test_deeply_nested_xml_elements() -> None:
    assert core("<a>" * 100_000 + "</a>" * 100_000) == {"version": VERSION}
