"""Canonical names of media types, and their aliases."""

import re

UNKNOWN = "application/octet-stream"

PLAIN_TEXT = "text/plain"

EMPTY = "application/x-empty"
"""What the `file` command calls a file of 0 bytes."""

ZIP = "application/zip"

TIFF = "image/tiff"

OLE = "application/x-ole-storage"
"""A container of old Office documents and others."""

_ALIASES = {
    # S3's default, curl's, and what servers say to have a browser save a file
    UNKNOWN: "binary/octet-stream application/x-www-form-urlencoded application/x-binary application/x-download"
    " application/force-download application/unknown",
    "application/gzip": "application/x-gzip-compressed",
    "application/java-archive": "application/x-java-archive application/x-jar",
    "application/json": "text/json application/x-json text/x-json",
    "application/msword": "application/vnd.ms-word application/x-msword",
    "application/pdf": "image/pdf application/acrobat application/nappdf",
    "application/rtf": "text/rtf",
    "application/sql": "text/sql text/x-sql",
    "application/java-vm": "application/java application/x-java application/x-java-class",
    "application/vnd.microsoft.portable-executable": "application/x-msdownload application/x-msdos-program"
    " application/x-ms-dos-executable application/x-dosexec application/x-exe application/exe application/x-winexe"
    " application/x-msdos-windows",
    "application/vnd.ms-excel": "application/excel application/msexcel application/x-msexcel",
    "application/vnd.ms-powerpoint": "application/mspowerpoint application/powerpoint",
    "application/vnd.rar": "application/x-rar application/x-rar-compressed",
    "application/x-bzip2": "application/x-bzip application/bzip2",
    "application/x-executable": "application/x-elf application/x-pie-executable application/x-sharedlib"
    " application/x-object application/x-core",
    "application/x-hdf": "application/x-hdf5",
    "application/x-ndjson": "application/jsonl application/x-jsonlines application/jsonlines application/x-jsonl",
    "application/x-python-code": "application/x-python-bytecode application/x-bytecode.python",
    "application/x-shockwave-flash": "application/vnd.adobe.flash.movie",
    "application/x-sqlite3": "application/vnd.sqlite3",
    "application/x-tar": "application/x-gtar application/x-ustar",
    "application/x-xz": "",
    "application/xml": "text/xml",
    "application/yaml": "text/yaml text/x-yaml",
    ZIP: "application/x-zip-compressed multipart/x-zip",
    "application/zstd": "",
    "audio/aac": "audio/aacp audio/vnd.dlna.adts audio/x-hx-aac-adts",
    "audio/aiff": "audio/x-aifc audio/x-aiffc",
    "audio/amr": "audio/amr-encrypted",
    "audio/basic": "audio/x-au",
    "audio/flac": "",
    "audio/midi": "audio/mid",
    "audio/mp4": "audio/m4a audio/x-m4a audio/x-m4b audio/x-m4r",
    "audio/mpeg": "audio/mp3 audio/mpeg3 audio/mpg audio/mp2 audio/mpa",
    "audio/ogg": "application/ogg audio/opus audio/vorbis audio/x-vorbis+ogg audio/x-opus+ogg audio/x-flac+ogg"
    " audio/x-oggflac audio/x-speex+ogg",
    "audio/wav": "audio/wave audio/vnd.wave audio/x-pn-wav",
    "application/vnd.debian.binary-package": "application/x-debian-package application/x-deb",
    "application/x-archive": "application/x-unix-archive",
    "font/otf": "application/x-font-otf application/x-font-opentype application/vnd.ms-opentype",
    "font/ttf": "application/x-font-ttf application/x-font-truetype application/font-sfnt font/sfnt",
    "font/woff": "application/font-woff application/x-font-woff",
    "font/woff2": "application/font-woff2",
    "image/avif": "image/avif-sequence",
    "image/fits": "application/fits",
    "image/vnd.dwg": "image/x-dwg application/acad application/x-acad application/dwg",
    "image/x-cmu-raster": "image/x-sun-raster",
    "image/x-rgb": "image/x-sgi image/sgi",
    "image/bmp": "image/x-ms-bmp image/x-windows-bmp image/x-dib",
    "image/jp2": "image/jpeg2000 image/jpeg2000-image",
    "image/jpeg": "image/jpg image/pjpeg image/x-citrix-jpeg image/jfif",
    "image/png": "image/apng image/vnd.mozilla.apng image/x-citrix-png",
    "image/svg+xml": "image/svg image/svg-xml",
    TIFF: "image/tif",
    "image/vnd.adobe.photoshop": "image/psd image/photoshop application/photoshop application/psd",
    "image/x-adobe-dng": "image/x-dng image/dng",
    "image/x-fuji-raf": "image/x-fujifilm-raf image/x-raw-fuji",
    "image/x-panasonic-rw2": "image/x-panasonic-raw2 image/x-panasonic-rw image/x-panasonic-raw",
    "image/x-icon": "image/vnd.microsoft.icon image/ico image/icon image/x-win-bitmap",
    "text/csv": "application/csv text/comma-separated-values",
    "text/javascript": "application/javascript application/ecmascript text/ecmascript",
    "text/markdown": "",
    "text/tab-separated-values": "text/tsv",
    "text/vcard": "text/directory",
    "application/avro": "application/x-avro-binary application/vnd.apache.avro avro/binary",
    "application/dicom": "image/dicom",
    "application/mxf": "video/mxf",
    "application/onenote": "application/msonenote",
    "application/pgp-encrypted": "application/pgp",
    "application/postscript": "application/eps application/x-eps image/eps image/x-eps",
    "application/vnd.apache.arrow.file": "application/x-arrow",
    "application/vnd.apache.parquet": "application/x-parquet application/parquet",
    "application/vnd.apple.mpegurl": "application/x-mpegurl audio/mpegurl audio/x-mpegurl",
    "application/vnd.ms-access": "application/x-msaccess application/msaccess application/mdb application/x-mdb",
    "application/vnd.ms-htmlhelp": "application/x-chm application/chm",
    "application/vnd.ms-visio.drawing": "application/vnd.ms-visio.drawing.main+xml",
    "application/vnd.ms-xpsdocument": "application/oxps",
    "application/vnd.rn-realmedia": "application/x-pn-realmedia application/vnd.rn-realmedia-vbr",
    "application/vnd.shp": "application/x-esri-shape application/x-shapefile",
    "application/vnd.tcpdump.pcap": "application/x-pcap application/pcap application/cap",
    "application/vnd.visio": "application/x-visio",
    "application/wasm": "",
    "application/x-ace": "application/x-ace-compressed",
    "application/x-apple-diskimage": "application/x-dmg",
    "application/x-chrome-extension": "application/x-google-chrome-extension",
    "application/x-font-type1": "application/x-font-pfb font/type1",
    "application/x-indesign": "application/x-adobe-indesign",
    "application/x-iso9660-image": "application/x-cd-image application/vnd.efi.iso",
    "application/x-lha": "application/x-lzh application/x-lzh-compressed application/lzh",
    "application/x-lzip": "application/lzip",
    "application/x-lzop": "",
    "application/x-mobipocket-ebook": "application/vnd.amazon.mobi8-ebook",
    "application/x-ms-pst": "application/vnd.ms-outlook-pst",
    "application/x-msi": "application/vnd.ms-msi application/x-ms-installer application/x-windows-installer",
    "application/x-nintendo-nes-rom": "application/x-nes-rom",
    "application/x-ole-storage": "application/x-cfb application/cdfv2",
    "application/x-pcapng": "",
    "application/x-xpinstall": "",
    "application/vnd.smaf": "application/x-smaf",
    "image/vnd.zbrush.pcx": "image/pcx image/x-pcx",
    "audio/ac3": "audio/a52 audio/vnd.dolby.dd-raw",
    "audio/eac3": "audio/vnd.dolby.dd+",
    "audio/vnd.wave64": "audio/x-w64 audio/w64",
    "audio/x-ape": "audio/ape audio/x-monkeys-audio",
    "audio/x-dsf": "audio/dsf audio/dsd audio/x-dsd",
    "audio/x-matroska": "audio/matroska",
    "audio/x-musepack": "audio/musepack",
    "audio/x-voc": "audio/voc",
    "audio/x-wavpack": "audio/wavpack",
    "font/collection": "application/x-font-ttc",
    "image/emf": "image/x-emf application/emf application/x-emf",
    "image/j2c": "image/x-jp2-codestream",
    "image/jxl": "",
    "image/jxr": "image/vnd.ms-photo",
    "image/ktx": "",
    "image/qoi": "",
    "image/vnd.djvu": "image/djvu image/vnd.djvu+multipage",
    "image/wmf": "image/x-wmf application/wmf application/x-wmf application/x-msmetafile",
    "image/x-dds": "image/dds image/vnd.ms-dds image/vnd-ms.dds",
    "image/x-exr": "image/exr",
    "image/x-icns": "image/icns",
    "image/x-tga": "image/tga image/targa image/x-targa",
    "model/3mf": "application/vnd.ms-3mfdocument",
    "model/step": "application/step application/x-step",
    "model/stl": "application/sla application/vnd.ms-pki.stl model/x.stl-ascii model/x.stl-binary",
    "model/vrml": "x-world/x-vrml",
    "text/troff": "application/x-troff application/x-troff-man text/x-troff",
    "text/x-diff": "text/x-patch text/diff",
    "text/x-gettext-translation": "text/x-po application/x-gettext",
    "text/x-ms-regedit": "application/x-ms-regedit",
    "text/x-shellscript": "application/x-sh application/x-shellscript text/x-sh",
    "text/x-tex": "application/x-tex application/x-latex text/x-latex",
    "video/mj2": "image/mj2 video/mjp2",
    "video/3gpp": "video/3gp",
    "video/mp2t": "video/vnd.dlna.mpeg-tts",
    "video/mp4": "video/m4v video/mp4v-es",
    "video/mpeg": "video/mpg video/mpeg2 video/mpeg-system video/dvd",
    "video/ogg": "video/x-theora video/x-theora+ogg video/x-ogm video/x-ogm+ogg",
    "video/x-flv": "video/flv application/x-flash-video",
    "video/x-matroska": "video/matroska application/x-matroska",
    "video/x-ms-asf": "application/vnd.ms-asf",
    "video/x-msvideo": "video/avi video/msvideo video/vnd.avi video/divx video/vnd.divx",
}
"""Aliases in browsers, Windows, freedesktop.org's shared-mime-info and detectors, by canonical name. A name that
only differs from these by its `x-` (RFC 6648) needs no entry."""

_CANONICAL = {name: canonical for canonical, aliases in _ALIASES.items() for name in (canonical, *aliases.split())}

MEDIA_TYPE_PATTERN = r"[A-Za-z0-9_!#$&^.+-]{1,127}/[A-Za-z0-9_!#$&^.+-]{1,127}( *;[ -~]{0,200})?"
"""RFC 6838, 4.2, perhaps with parameters."""
_MEDIA_TYPE = re.compile(MEDIA_TYPE_PATTERN)


def is_media_type(text: str) -> bool:
    """Return whether the text is a media type (RFC 6838, 4.2), perhaps with parameters."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def essence(media_type: str) -> str:
    """Return the type without its parameters, in lower case and under its canonical name."""
    bare = media_type.split(";", 1)[0].strip().lower()
    return _CANONICAL.get(bare) or _CANONICAL.get(bare.replace("/x-", "/"), bare)
