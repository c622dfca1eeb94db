"""Types that differ from those of other detectors, with the reason for each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Patterns, as of fnmatch, for the type from another detector and for the one that is detected."""

    expected: str
    detected: str
    reason: str


_CODE = "the programming language isn't guessed: the extension is a better sign, and wrong guesses are frequent"
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
                "text/x-bcpl",
                "text/x-forth",
                "text/x-fortran",
            ),
        )
    ),
    Difference("text/x-script.python", "text/x-python", _SAME),
    Difference("text/xml", "application/xhtml+xml", "a page in XML"),
    Difference("application/xml", "*+xml", "XML whose format follows from its first element"),
    Difference("text/html", "*+xml", "XML whose format follows from its first element"),
    Difference("inode/x-empty", "application/x-empty", _SAME),
    Difference("application/zip", "application/*", _CONTAINER),
    Difference("application/zip", "model/*", _CONTAINER),
    Difference("application/zip", "image/openraster", _CONTAINER),
    Difference("application/x-ole-storage", "application/*", _CONTAINER),
    Difference("application/vnd.ms-office", "application/*", _CONTAINER),
    *(
        Difference(expected, detected, _SAME)
        for expected, detected in (
            ("application/vnd.visio", "application/vnd.ms-visio.*"),
            ("application/x-ft-draco", "application/x-draco"),
            ("application/x-ft-windows-registry-hive", "application/x-windows-registry-hive"),
            ("application/x-ft-apple.alias", "application/x-apple-alias"),
            ("application/x-ft-fbx", "application/x-fbx"),
            ("application/vnd.ms-outlook", "application/x-ms-pst"),
            ("application/fits", "image/fits"),
            ("application/winhelp", "application/winhlp"),
            ("application/x-java-applet", "application/java-vm"),
            ("application/x-virtualbox-vhd", "application/x-vhd-disk"),
            ("application/x-perl", "text/x-perl"),
            ("text/x-python3", "text/x-python"),
            ("video/mp1s", "video/mpeg"),
            ("video/mp2p", "video/mpeg"),
            ("video/x-ms-wmv", "video/x-ms-asf"),
            ("audio/x-ms-asf", "audio/x-ms-wma"),
            ("audio/x-ms-asf", "video/x-ms-asf"),
        )
    ),
    Difference("image/heif", "image/heic", "a picture's brand that says how it is compressed"),
    Difference("image/heif-sequence", "image/heic-sequence", "a picture's brand that says how it is compressed"),
    Difference("video/mp4", "audio/mp4", "no video track, or the brand M4P"),
    Difference("audio/3gpp2", "video/3gpp*", "Python's type of the extension; the file has a video track"),
    *(
        Difference(kind, "application/x-pem-file", "several things may be in one PEM file")
        for kind in (
            "application/pkix-cert",
            "application/pkix-crl",
            "application/x-x509-ca-cert",
            "application/pkcs*",
        )
    ),
    Difference("*", "application/xml", "XML of an application; no type contradicts it"),
    Difference("application/x-k*", "application/zip", "KOffice before OpenDocument, as any zip"),
    Difference("application/x-k*", "application/gzip", "KOffice before 2001, as any gzip"),
    Difference("application/*+json", "application/json", "JSON of an application"),
    Difference("application/vnd.apple.pkpass", "application/zip", "a zip of an application"),
    Difference("application/x-zip-compressed-fb2", "application/zip", "a zip of an application"),
    Difference("application/ovf", "application/x-tar", "a tar of an application"),
    Difference("application/x-iso9660-appimage", "application/x-executable", "the program that it is, too"),
    Difference("application/vnd.appimage", "application/x-executable", "the program that it is, too"),
    Difference("application/x-php", "text/html", "PHP within a page"),
    Difference("text/html", "application/yaml", "it begins with %YAML"),
    Difference("application/annodex", "*/ogg", "Ogg with more than sound and pictures"),
    Difference("audio/vnd.audible.aax", "audio/mp4", "MP4 of an application"),
    Difference("audio/vnd.dts.hd", "audio/vnd.dts", "its core, which comes first"),
    Difference("application/x-gameboy-color-rom", "application/x-gameboy-rom", "one signature"),
    Difference("text/x-gettext-translation-template", "text/x-gettext-translation", "one format"),
)
