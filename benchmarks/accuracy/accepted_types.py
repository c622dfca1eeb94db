"""Types that differ from those of other detectors, with the reason for each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Patterns, as of fnmatch, for the type that another detector tells and for the one that is detected."""

    expected: str
    detected: str
    reason: str


_CODE = (
    "what a text is a program in isn't told by its words: an extension tells more, and wrong guesses are frequent"
)
_MORE_EXACT = "the same, told more exactly"
_SAME = "another name of the same format"
_CONTAINER = "the other detector names the container alone"

ACCEPTED = (
    *(
        Difference(code, "text/plain", _CODE)
        for code in (
            *(
                "text/x-script.python",
                "text/x-c",
                "text/x-c++",
                "text/x-asm",
                "text/x-ruby",
                "text/x-m4",
                "text/x-java",
            ),
            *(
                "text/x-lisp",
                "text/x-makefile",
                "text/x-msdos-batch",
                "text/x-objective-c",
                "application/javascript",
            ),
            *("text/x-algol68", "text/x-perl", "text/x-php", "text/x-awk", "text/javascript", "text/x-tex"),
            *(
                "text/troff",
                "text/html",
                "application/vnd.hp-hpgl",
                "text/x-bcpl",
                "text/x-forth",
                "text/x-fortran",
            ),
        )
    ),
    Difference("text/x-script.python", "text/x-python", _SAME),
    Difference("text/xml", "application/xhtml+xml", "a page in XML"),
    Difference("application/xml", "*+xml", "XML whose first element tells the format"),
    Difference("text/html", "*+xml", "XML whose first element tells the format"),
    Difference("inode/x-empty", "application/x-empty", _SAME),
    Difference("application/zip", "application/*", _CONTAINER),
    Difference("application/zip", "model/*", _CONTAINER),
    Difference("application/zip", "image/openraster", _CONTAINER),
    Difference("application/x-ole-storage", "application/*", _CONTAINER),
    Difference("application/vnd.ms-office", "application/*", _CONTAINER),
)
