"""Detect the type of a zip by the names of its entries."""

from collections.abc import Sequence

_BY_NAME = {
    "META-INF/mozilla.rsa": "application/x-xpinstall",  # Mozilla, Add-on signing
    "install.rdf": "application/x-xpinstall",  # Mozilla, Install Manifests
    "extension.vsixmanifest": "application/vsix",  # Visual Studio, VSIX package
    "AndroidManifest.xml": "application/vnd.android.package-archive",  # Android, App manifest
    "META-INF/MANIFEST.MF": "application/java-archive",  # JAR File Specification
    "index.apxl": "application/vnd.apple.keynote",  # iWork '09
    "doc.kml": "application/vnd.google-earth.kmz",  # KML 2.2, KMZ Files
}
"""By an entry that only one kind has, with the source. The first one that is there counts."""

_IWORK = "Index/Document.iwa"
_SLIDES = ("Index/MasterSlide", "Index/TemplateSlide", "Index/Slide")
_TABLES, _TABLES_OF_ALL = "Index/Tables/", "Index/Tables/DataList"

_SCENES = (".usda", ".usdc", ".usd")


def detect_by_names(names: Sequence[str]) -> str | None:
    """Return the media type of a zip by the names of its entries, or None."""
    known = frozenset(names)
    if _IWORK in known:
        return _detect_iwork(names)
    for name, media_type in _BY_NAME.items():
        if name in known:
            return media_type
    if any(name.startswith("Payload/") and ".app/" in name for name in names):
        return "application/x-ios-app"
    return "model/vnd.usdz+zip" if names and names[0].lower().endswith(_SCENES) else None


def _detect_iwork(names: Sequence[str]) -> str:
    """Return the kind of an iWork document. They differ in what is beside the document, which isn't specified."""
    if any(name.startswith(_SLIDES) for name in names):
        return "application/vnd.apple.keynote"
    has_tables = any(name.startswith(_TABLES) and not name.startswith(_TABLES_OF_ALL) for name in names)
    return "application/vnd.apple.numbers" if has_tables else "application/vnd.apple.pages"
