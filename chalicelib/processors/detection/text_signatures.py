"""The signatures of formats that are text. The first row that matches counts."""

import re

from msgspec import Struct

_FREEDESKTOP = "shared-mime-info 2.4"
"""https://gitlab.freedesktop.org/xdg/shared-mime-info"""

_FILE_NAMES = r"--- \S.*\n\+\+\+ \S.*\n@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@"
"""The beginning of a unified diff."""


class TextSignature(Struct, frozen=True):
    """One row of the table."""

    media_type: str
    begin: str
    """The text's first characters, after a byte order mark and blank lines."""
    source: str
    """The specification, or another place where the format is described."""
    pattern: str = ""
    """A regular expression for the text's beginning, compiled when a text begins like this."""

    def matches(self, text: str) -> bool:
        """Return whether a text without leading white space, and with `\\n` for line ends, has this format."""
        return text.startswith(self.begin) and re.match(self.pattern, text) is not None


def _script(media_type: str, interpreters: str) -> TextSignature:
    """Return the row of a script, whose first line names its interpreter, perhaps by env(1)."""
    path = rf"#! ?(?:\S*/)?(?:env (?:-S )?(?:\S*/)?)?(?:{interpreters})[\d.]*(?:\s|\Z)"
    return TextSignature(media_type, "#!", "execve(2), Interpreter scripts", path)


TABLE = (
    TextSignature("text/vtt", "WEBVTT", "WebVTT 4.1", r"WEBVTT(?:\s|\Z)"),
    TextSignature(
        "application/x-subrip", "1\n00:", _FREEDESKTOP, r"1\n00:\d\d:\d\d[,.]\d{1,3} --> \d\d:\d\d:\d\d"
    ),
    TextSignature("text/x-ssa", "[Script Info]", _FREEDESKTOP),
    TextSignature("text/calendar", "BEGIN:VCALENDAR", "RFC 5545 3.4", r"BEGIN:VCALENDAR\n"),
    TextSignature("text/vcard", "BEGIN:VCARD", "RFC 6350 6.1.1", r"BEGIN:VCARD\n"),
    TextSignature("application/pgp-encrypted", "-----BEGIN PGP MESSAGE", "RFC 9580 6.2"),
    TextSignature("application/pgp-signature", "-----BEGIN PGP SIGNATURE-----", "RFC 9580 6.2"),
    TextSignature("application/pgp-keys", "-----BEGIN PGP PUBLIC KEY BLOCK-----", "RFC 9580 6.2"),
    TextSignature("application/pgp-keys", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "RFC 9580 6.2"),
    TextSignature(
        "application/x-pem-file", "-----BEGIN ", "RFC 7468 2", r"-----BEGIN (?!PGP)[A-Z0-9 ]{3,40}-----\n[A-Za-z]"
    ),
    TextSignature("text/x-ms-regedit", "Windows Registry Editor Version 5.00\n", "Microsoft, .reg file"),
    TextSignature("text/x-ms-regedit", "REGEDIT4\n", "Microsoft, .reg file"),
    TextSignature("application/postscript", "%!PS", "Adobe Technical Note 5001, 3", r"%!PS(?:-Adobe-\d|\s)"),
    TextSignature("application/rtf", "{\\rtf", "Rich Text Format 1.9.1, Header", r"\{\\rtf\d*[\s\\{]"),
    TextSignature("application/yaml", "%YAML ", "YAML 1.2.2, 6.8.1", r"%YAML \d\.\d\s"),
    TextSignature(
        "model/stl", "solid", "Stereolithography Interface Specification", r"solid\b.*\s+facet\s+normal\s"
    ),
    TextSignature("model/step", "ISO-10303-21;", "ISO 10303-21, 5.3"),
    TextSignature("model/vrml", "#VRML V", "ISO/IEC 14772-1, 5.2", r"#VRML V[12]\.0 (?:utf8|ascii)"),
    TextSignature(
        "image/vnd.dxf",
        "0\n",
        "DXF Reference",
        r"0\n\s*SECTION\n\s*2\n\s*(?:HEADER|CLASSES|TABLES|BLOCKS|ENTITIES)\n",
    ),
    TextSignature("image/x-xpixmap", "/* XPM */", "XPM Manual 3.4, 3"),
    TextSignature(
        "image/x-xbitmap", "#define ", "X11 Xlib, C.2", r"#define \w+_width \d+\n#define \w+_height \d+\n"
    ),
    TextSignature("application/vnd.apple.mpegurl", "#EXTM3U", "RFC 8216 4.1", r"#EXTM3U\s"),
    TextSignature("text/x-gettext-translation", "msgid ", "GNU gettext, PO Files", r'msgid ""\nmsgstr ""\n"'),
    TextSignature(
        "text/x-gettext-translation", "#", "GNU gettext, PO Files", r'(?:#[^\n]*\n|\n)*msgid ""\nmsgstr ""\n"'
    ),
    TextSignature("text/x-tex", "\\documentclass", "LaTeX2e reference manual, 3", r"\\documentclass\s*[\[{]"),
    TextSignature("text/x-tex", "\\documentstyle", "LaTeX 2.09", r"\\documentstyle\s*[\[{]"),
    TextSignature("text/x-texinfo", "\\input texinfo", "Texinfo manual, 2.2"),
    TextSignature("text/troff", ".", "man(7), mdoc(7)", r"(?:[.']\\\"[^\n]*\n|\.\n|\n)*\.(?:TH|Dd) \S"),
    TextSignature("text/troff", "'", "man(7), mdoc(7)", r"(?:[.']\\\"[^\n]*\n|\.\n|\n)*\.(?:TH|Dd) \S"),
    TextSignature("text/x-diff", "--- ", "diff(1), Unified Format", _FILE_NAMES),
    TextSignature(
        "text/x-diff", "diff ", "diff(1), Unified Format", rf"diff [^\n]*\n(?:.*\n){{0,8}}?{_FILE_NAMES}"
    ),
    TextSignature(
        "text/x-diff", "diff --git ", "git-diff(1)", r"diff --git [^\n]+\n(?:new|deleted|old|index|simil|copy)"
    ),
    TextSignature("text/x-diff", "Index: ", "svn diff", rf"Index: [^\n]*\n=+\n(?:.*\n){{0,3}}?{_FILE_NAMES}"),
    TextSignature("text/x-diff", "*** ", "diff(1), Context Format", r"\*\*\* \S[^\n]*\n--- \S[^\n]*\n\*{15}\n"),
    TextSignature("text/x-diff", "From ", "git-format-patch(1)", r"From [0-9a-f]{40} Mon Sep 17 00:00:00 2001\n"),
    TextSignature(
        "text/x-uuencode", "begin ", "IEEE Std 1003.1, uuencode", r"begin 0?[0-7]{3} \S.*\n[!-`]{2,61}\n"
    ),
    TextSignature("text/x-php", "<?php", "https://www.php.net/language.basic-syntax.phptags", r"<\?php\s"),
    _script("text/x-shellscript", "sh|bash|dash|ash|ksh|mksh|zsh|fish|csh|tcsh"),
    _script("text/x-python", "python"),
    _script("text/x-perl", "perl"),
    _script("text/x-ruby", "ruby"),
    _script("text/javascript", "node|nodejs|deno|bun"),
    _script("text/x-php", "php"),
    _script("text/x-lua", "lua|luajit"),
    _script("text/x-awk", "awk|gawk|mawk|nawk"),
    _script("text/x-tcl", "tclsh|wish|expect"),
)
