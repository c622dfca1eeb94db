"""Encodings of short and long texts. `make accuracy` measures many more."""

import io
import random

import pytest

from chalicelib.processors.text.encoding import Encoding, detect_encoding
from chalicelib.processors.text.mojibake import measure_mojibake
from chalicelib.processors.text.utf_8_reader import LOOK_AHEAD, PIECE, Utf8Reader
from tests.processors.analyze import facts_of

WESTERN = ["cp1252", "iso8859-15", "cp850", "mac-roman"]
CENTRAL = ["cp1250", "iso8859-2", "cp852"]
CYRILLIC = ["cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic"]

SENTENCES = {
    "Der Zug nach Köln fährt heute später; bitte hören Sie auf die Durchsagen.": WESTERN,
    "Le dîner sera prêt à huit heures, après la fête du village.": WESTERN,
    "Mañana lloverá en la región, según el último parte meteorológico.": WESTERN,
    "A reunião foi adiada para amanhã; não há informações sobre o salão.": WESTERN,
    "La città è più bella di notte, perché c'è meno rumore.": WESTERN,
    "Smørrebrød og øl koster ikke så meget på øen.": WESTERN,
    "Hän söi äidin tekemää ruokaa yöllä.": WESTERN,
    "Zítra přijede můj přítel z Plzně, máme spolu večeři.": CENTRAL,
    "Książka leży na półce, weź ją i przeczytaj do środy.": CENTRAL,
    "A vonat később indul, kérjük, várjanak türelemmel a peronon.": CENTRAL,
    "Molimo pričekajte nekoliko trenutaka dok se učitavaju sve vaše poruke.": CENTRAL,
    "Завтра утром поезд отправится с третьего пути, не опаздывайте.": CYRILLIC,
    "Утре сутринта влакът тръгва от третия перон, моля не закъснявайте.": ["cp1251", "iso8859-5", "cp866"],
    "Завтра вранці поїзд вирушить із третьої колії, її вже підготували.": ["cp1251", "koi8-u"],
    "Αύριο το πρωί το τρένο φεύγει από την τρίτη αποβάθρα.": ["cp1253", "iso8859-7"],
    "Yarın sabah üçüncü perondan kalkan trene binmeyi unutmayın, lütfen.": ["cp1254", "iso8859-9"],
    "מחר בבוקר הרכבת יוצאת מהרציף השלישי, נא לא לאחר.": ["cp1255", "iso8859-8"],
    "غدا صباحا ينطلق القطار من الرصيف الثالث، نرجو عدم التأخر.": ["cp1256", "iso8859-6"],
    "Rytoj ryte traukinys išvyksta iš trečiojo perono, prašome nevėluoti.": ["cp1257", "iso8859-13"],
    "Rīt no rīta vilciens atiet no trešā perona, lūdzu, nenokavējiet.": ["cp1257", "iso8859-13"],
    "พรุ่งนี้เช้ารถไฟออกจากชานชาลาที่สาม": ["cp874"],
    "明日の朝、電車は三番線から出発します。遅れないでください。": ["cp932", "euc-jp", "iso2022-jp"],
    "내일 아침 기차는 삼번 승강장에서 출발합니다.": ["cp949"],
    "明天早上火车从第三站台出发，请不要迟到。": ["gbk", "gb18030", "hz"],
    "明天早上火車從第三月台出發，請不要遲到。": ["big5"],
}

TABLES = {
    "Straße;Größe;Menü\r\nHauptstraße;5;Käse\r\n": "cp1252",
    "prénom;âge;ville\r\nHélène;31;Orléans\r\n": "cp1252",
    "Jméno;Město\r\nJiří;Děčín\r\n": "cp1250",
    "Имя;Город\r\nПётр;Орёл\r\n": "cp1251",
    "Όνομα;Πόλη\r\nΕλένη;Πάτρα\r\n": "cp1253",
    "氏名,住所\r\n鈴木,大阪\r\n": "cp932",
    "姓名,地址\r\n李四,上海\r\n": "gbk",
}


def means_the_same(content: bytes, encoding: str, found: Encoding) -> bool:
    return found.name is not None and content.decode(found.name) == content.decode(encoding)


def test_sentences_in_their_languages_encodings() -> None:
    wrong = [
        (sentence[:20], encoding, found.name)
        for sentence, encodings in SENTENCES.items()
        for encoding in encodings
        for content in (f"{sentence}\r\n".encode(encoding), f"{sentence}\n".encode(encoding) * 8)
        if not means_the_same(content, encoding, found := detect_encoding(content, whole=True))
        or found.guessed != (encoding != "iso2022-jp")
    ]
    assert wrong == []


@pytest.mark.parametrize(("table", "encoding"), TABLES.items())
def test_encoding_of_a_small_table(table: str, encoding: str) -> None:
    content = table.encode(encoding)
    assert means_the_same(content, encoding, detect_encoding(content, whole=True))


@pytest.mark.parametrize(
    ("content", "encoding", "guessed", "damaged"),
    [
        (b"", "ascii", False, False),
        (b"plain\n", "ascii", False, False),
        (b"\x1b[31mred\x1b[0m\x1b(B\n", "ascii", False, False),
        (b"if a ~{ b\n", "ascii", False, False),
        ("Café\n".encode(), "utf-8", False, False),
        ("I ♥ it\n".encode(), "utf-8", False, False),
        ("Grüße aus Köln, schöne Stadt\n".encode().replace(b"\xc3\xb6", b"\xff", 1), "utf-8", True, True),
        ("Grüße aus Köln\n".encode() * 20 + b"\xff", "utf-8", False, True),
        ("Grüße, Tschö".encode()[:-1], "utf-8", True, True),
        ("Все счастливые семьи".encode()[:-1], "utf-8", False, True),
        (b"\xef\xbb\xbfGr\xfc\xdfe\n", "utf-8-sig", False, True),
        (b"caf\xe9\n", "cp1252", True, False),
        (b"Gr\xfc\xdfe \xe9\n", "cp1252", True, False),
        ("Größe\n".encode("utf-16-le"), "utf-16-le", True, False),
        ("Größe der Datei\n".encode("utf-16-be"), "utf-16-be", False, False),
        (random.Random(1).randbytes(5000), None, True, False),
    ],
)
def test_encoding_states_whether_it_is_a_guess_or_damaged(
    content: bytes, encoding: str | None, guessed: bool, damaged: bool
) -> None:
    assert detect_encoding(content, whole=True) == Encoding(encoding, guessed=guessed, damaged=damaged)


@pytest.mark.parametrize("place", [PIECE - 1, PIECE, 3 * PIECE + 7, LOOK_AHEAD + 5, 10_000_000])
@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [
        ("Grüße aus Köln, schönen Tag\n", "cp1252", True),
        ("Grüße aus Köln\n", "utf-8", False),
        ("é", "utf-8", False),
    ],
)
def test_first_letter_beyond_ascii_comes_late(place: int, text: str, encoding: str, guessed: bool) -> None:
    filler = b"just plain ascii\n" * (place // 17) + b"x" * (place % 17)
    facts = facts_of(filler + text.encode(encoding))
    assert (facts["encoding"], facts["encoding_guessed"]) == (encoding, guessed)
    assert facts["lines"] == place // 17 + 1


def test_characters_that_distinguish_encodings_may_come_late() -> None:
    """One é in the first 64 KiB is the same in many encodings."""
    content = "Émile\n" + "plain ascii\n" * 20_000 + "Zítra přijede můj přítel z Plzně\n" * 10
    assert facts_of(content.encode("cp1250"))["encoding"] == "cp1250"


def test_damage_is_found_wherever_it_is() -> None:
    content = "Grüße\n".encode() * 100_000
    assert "encoding_damaged" not in facts_of(content)
    assert facts_of(content + b"\xff")["encoding_damaged"] is True
    assert facts_of(content + "ü".encode()[:1])["encoding_damaged"] is True


@pytest.mark.parametrize(
    "encoding", ["cp932", "gb18030", "utf-8", "utf-16", "utf-16-be", "utf-32", "cp1251", "iso2022-jp"]
)
def test_characters_across_pieces_stay_whole(encoding: str) -> None:
    sentence = "Привет\n" if encoding == "cp1251" else "明日の朝、三番線から出発します。abc\n"
    content = (sentence * 20_000).encode(encoding)
    assert len(content) > 2 * PIECE
    reader = Utf8Reader(io.BytesIO(content), len(content), len(content))
    assert reader.read() == (sentence * 20_000).encode()


def test_bytes_without_encoding_have_none() -> None:
    content = bytes(random.Random(2).choices(range(128, 256), k=5000))
    facts = facts_of(content)
    assert "encoding" not in facts
    assert "encoding_guessed" not in facts


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Voilà l'été", "Voilа l'йtй"),
        ("données", "donn‚es"),
        ("«Größe»", "╗Größe«"),
        ("più", "piŲ"),
        ("Hauptstraße", "Hauptstra゚e"),
        ("col·legi", "m·quina"),
    ],
)
def test_text_in_a_wrong_encoding_is_mojibake(right: str, wrong: str) -> None:
    assert measure_mojibake(right).share == 0
    assert measure_mojibake(wrong).share > 0
