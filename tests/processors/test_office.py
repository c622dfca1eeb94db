"""Office documents and e-books."""

from chalicelib.processors.archives.zip import MAX_PART
from tests.processors import sample_files
from tests.processors.analyze import facts_of


def test_docx_facts() -> None:
    facts = facts_of(sample_files.make_docx())
    assert (facts["title"], facts["author"], facts["pages"]) == ("Minutes", "Ada Lovelace", 1)


def test_xlsx_facts() -> None:
    facts = facts_of(sample_files.make_xlsx())
    assert (facts["title"], facts["sheets"], facts["sheet_names"]) == ("Figures", 2, ["Sheet", "Two"])


def test_pptx_facts() -> None:
    facts = facts_of(sample_files.make_pptx())
    assert (facts["title"], facts["slides"]) == ("Pitch", 2)


def test_odt_facts() -> None:
    facts = facts_of(sample_files.make_odt())
    assert (facts["title"], facts["application"], facts["pages"], facts["words"]) == (
        "Letter",
        "LibreOffice",
        4,
        812,
    )


def test_epub_facts() -> None:
    facts = facts_of(sample_files.make_epub())
    assert (facts["title"], facts["author"], facts["language"]) == ("Effi Briest", "Theodor Fontane", "de")
    assert facts["chapters"] == 2


TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = {"[Content_Types].xml": f'<Types><Override ContentType="{TYPE}"/></Types>'}
TITLE = "<coreProperties xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>{}</dc:title></coreProperties>"


def core(xml: str | bytes) -> dict[str, object]:
    return facts_of(sample_files.zip_files({**TYPES, "docProps/core.xml": xml}))


def test_macros_are_flagged() -> None:
    assert facts_of(sample_files.zip_files({**TYPES, "word/vbaProject.bin": "x"}))["macros"] is True


def test_damaged_part_is_skipped() -> None:
    assert core("<not xml") == {"version": 1}
    app = "<Properties><Pages>3</Pages><Words>a</Words></Properties>"
    parts: dict[str, str | bytes] = {**TYPES, "docProps/core.xml": "<", "docProps/app.xml": app}
    assert facts_of(sample_files.zip_files(parts)) == {"version": 1, "pages": 3}


def test_xml_entities_are_refused() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    assert core(f"<!DOCTYPE d [<!ENTITY l0 'ha'>{laughs}]>" + TITLE.format("&l11;")) == {"version": 1}
    assert core("<!DOCTYPE d [<!ENTITY x 'one laugh'>]>" + TITLE.format("&x;")) == {"version": 1}
    assert core("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + TITLE.format("&x;")) == {"version": 1}


def test_part_of_gigabytes_is_not_decompressed() -> None:
    assert core(TITLE.format("x" * (2 * MAX_PART))) == {"version": 1}


def test_long_title_is_cut() -> None:
    title = core(TITLE.format("x" * 100_000))["title"]
    assert isinstance(title, str)
    assert len(title) == 4000


def test_unknown_xml_encoding_is_skipped() -> None:
    assert core(b"<?xml version='1.0' encoding='klingon'?><a/>") == {"version": 1}


def test_deeply_nested_xml_elements() -> None:
    assert core("<a>" * 100_000 + "</a>" * 100_000) == {"version": 1}
