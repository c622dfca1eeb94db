"""Office documents and e-books."""

from chalicelib.processors.archives.zip import MAX_PART
from tests.processors import sample_files
from tests.processors.analyze import facts_of


def test_a_text_document() -> None:
    found = facts_of(sample_files.docx())
    assert (found["title"], found["author"], found["pages"]) == ("Minutes", "Somebody", 1)


def test_a_spreadsheet() -> None:
    found = facts_of(sample_files.xlsx())
    assert (found["title"], found["sheets"], found["sheet_names"]) == ("Figures", 2, ["Sheet", "Two"])


def test_a_presentation() -> None:
    found = facts_of(sample_files.pptx())
    assert (found["title"], found["slides"]) == ("Pitch", 2)


def test_an_open_document() -> None:
    found = facts_of(sample_files.odt())
    assert (found["title"], found["application"], found["pages"], found["words"]) == (
        "Letter",
        "LibreOffice",
        4,
        812,
    )


def test_a_book() -> None:
    found = facts_of(sample_files.epub())
    assert (found["title"], found["author"], found["language"]) == ("Effi Briest", "Theodor Fontane", "de")
    assert found["chapters"] == 2


TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = {"[Content_Types].xml": f'<Types><Override ContentType="{TYPE}"/></Types>'}
TITLE = "<coreProperties xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>{}</dc:title></coreProperties>"


def core(xml: str | bytes) -> dict[str, object]:
    return facts_of(sample_files.zipped({**TYPES, "docProps/core.xml": xml}))


def test_macros_are_told_of() -> None:
    assert facts_of(sample_files.zipped({**TYPES, "word/vbaProject.bin": "x"}))["macros"] is True


def test_a_damaged_part_tells_nothing_and_the_others_do() -> None:
    assert core("<not xml") == {"version": 1}
    app = "<Properties><Pages>3</Pages><Words>a</Words></Properties>"
    parts: dict[str, str | bytes] = {**TYPES, "docProps/core.xml": "<", "docProps/app.xml": app}
    assert facts_of(sample_files.zipped(parts)) == {"version": 1, "pages": 3}


def test_entities_are_refused() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    assert core(f"<!DOCTYPE d [<!ENTITY l0 'ha'>{laughs}]>" + TITLE.format("&l11;")) == {"version": 1}
    assert core("<!DOCTYPE d [<!ENTITY x 'one laugh'>]>" + TITLE.format("&x;")) == {"version": 1}
    assert core("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + TITLE.format("&x;")) == {"version": 1}


def test_a_part_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    assert core(TITLE.format("x" * (2 * MAX_PART))) == {"version": 1}


def test_a_title_without_an_end_is_cut() -> None:
    title = core(TITLE.format("x" * 100_000))["title"]
    assert isinstance(title, str)
    assert len(title) == 4000


def test_an_unknown_encoding() -> None:
    assert core(b"<?xml version='1.0' encoding='klingon'?><a/>") == {"version": 1}


def test_elements_nested_deep() -> None:
    assert core("<a>" * 100_000 + "</a>" * 100_000) == {"version": 1}
