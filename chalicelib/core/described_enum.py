"""An enumeration whose members say what they mean."""

from enum import StrEnum


class DescribedEnum(StrEnum):
    """An enumeration of strings, whose members have a `meaning` that the API's description shows."""

    meaning: str
    """In Markdown."""

    def __new__(cls, value: str, meaning: str = "") -> "DescribedEnum":
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member
