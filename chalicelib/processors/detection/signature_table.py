"""The signatures of binary formats, by area. The first row that matches counts."""

from chalicelib.core.media_types.names import OLE
from chalicelib.processors.detection.signature import Signature

_FILE = "file(1), magic/Magdir/"
"""https://github.com/file/file, whose comments name the authors of what isn't specified in public."""
_FREEDESKTOP = "shared-mime-info 2.4"
"""https://gitlab.freedesktop.org/xdg/shared-mime-info"""
_MS_CFB = "[MS-CFB] 2.2"
_RIFF = "Multimedia Programming Interface and Data Specifications 1.0, 2"
_IFF = "EA IFF 85"

_ARCHIVES = (
    Signature("application/zip", {0: b"PK\x03\x04"}, "APPNOTE 4.3.7"),
    Signature("application/zip", {0: b"PK\x05\x06"}, "APPNOTE 4.3.16"),
    Signature(
        "application/zip", {0: b"PK00PK\x03\x04"}, "APPNOTE 8.5.4: to be split over disks, and then it wasn't"
    ),
    Signature("application/zip", {0: b"PK\x07\x08PK\x03\x04"}, "APPNOTE 8.5.3"),
    Signature("application/gzip", {0: b"\x1f\x8b\x08"}, "RFC 1952 2.3.1"),
    Signature("application/x-xz", {0: b"\xfd7zXZ\x00"}, "The .xz File Format 2.1.1.1"),
    Signature("application/zstd", {0: b"\x28\xb5\x2f\xfd"}, "RFC 8878 3.1.1"),
    Signature(
        "application/zstd",
        {0: b"\x50\x2a\x4d\x18"},
        "RFC 8878 3.1.2: a frame to be skipped",
        {0: b"\xf0\xff\xff\xff"},
    ),
    Signature("application/x-lz4", {0: b"\x04\x22\x4d\x18"}, "LZ4 Frame Format 1.6"),
    Signature("application/x-lzip", {0: b"LZIP\x01"}, "draft-diaz-lzip 2"),
    Signature("application/x-lzip", {0: b"LZIP\x00"}, "lzip 0.9, version 0"),
    Signature("application/x-lzop", {0: b"\x89LZO\x00\r\n\x1a\n"}, _FILE + "compress"),
    Signature("application/x-snappy-framed", {0: b"\xff\x06\x00\x00sNaPpY"}, "Snappy framing format 4.1"),
    Signature("application/x-lrzip", {0: b"LRZI\x00"}, "lrzip, doc/magic.header.txt"),
    Signature("application/x-bsdiff", {0: b"BSDIFF40"}, "bsdiff(1)"),
    Signature("application/x-java-pack200", {0: b"\xca\xfe\xd0\x0d"}, "JSR 200, 4.1"),
    Signature("application/x-alz", {0: b"ALZ\x01\x0a\x00\x00\x00"}, _FREEDESKTOP),
    Signature("application/x-7z-compressed", {0: b"7z\xbc\xaf\x27\x1c"}, "7-Zip, DOC/7zFormat.txt"),
    Signature("application/vnd.rar", {0: b"Rar!\x1a\x07"}, "https://www.rarlab.com/technote.htm"),
    Signature("application/x-ace", {7: b"**ACE**"}, _FILE + "archive"),
    Signature("application/vnd.ms-cab-compressed", {0: b"MSCF\x00\x00\x00\x00"}, "[MS-CAB] 2.1"),
    Signature("application/vnd.ms-cab-compressed", {0: b"ISc("}, _FILE + "archive: InstallShield's"),
    Signature("application/x-zoo", {20: b"\xdc\xa7\xc4\xfd"}, _FILE + "archive"),
    Signature("application/x-stuffit", {0: b"SIT!", 10: b"rLau"}, _FILE + "archive"),
    Signature("application/x-stuffit", {0: b"StuffIt (c)1997-"}, _FILE + "archive"),
    Signature("application/x-xar", {0: b"xar!\x00\x1c\x00\x01"}, _FILE + "xar"),
    Signature("application/vnd.flatpak", {0: b"flatpak\x00"}, _FREEDESKTOP),
    Signature("application/x-openzim", {0: b"ZIM\x04"}, "https://wiki.openzim.org/wiki/ZIM_file_format"),
    Signature("application/x-cpio", {0: b"070701"}, "cpio(5)"),
    Signature("application/x-cpio", {0: b"070702"}, "cpio(5)"),
    Signature("application/x-cpio", {0: b"070707"}, "cpio(5)"),
    Signature("application/vnd.debian.binary-package", {0: b"!<arch>\ndebian-binary"}, "deb(5)"),
    Signature("application/x-archive", {0: b"!<arch>\n"}, "ar(5)"),
    Signature("application/x-archive", {0: b"!<thin>\n"}, "GNU ar"),
    Signature("application/x-rpm", {0: b"\xed\xab\xee\xdb"}, "RPM package format, Lead"),
    Signature("application/x-chrome-extension", {0: b"Cr24\x02\x00\x00\x00"}, "Chromium, crx_file.h"),
    Signature("application/x-chrome-extension", {0: b"Cr24\x03\x00\x00\x00"}, "Chromium, crx_file.h"),
    Signature("application/x-par2", {0: b"PAR2\x00PKT"}, "Parity Volume Set Specification 2.0"),
    Signature("application/warc", {0: b"WARC/1."}, "ISO 28500"),
)

_DISKS = (
    Signature("application/vnd.squashfs", {0: b"hsqs"}, _FILE + "filesystems"),
    Signature("application/x-ms-wim", {0: b"MSWIM\x00\x00\x00"}, "Windows Imaging File Format"),
    Signature("application/x-qemu-disk", {0: b"QFI\xfb"}, "QEMU, docs/interop/qcow2.txt"),
    Signature("application/x-vmdk-disk", {0: b"KDMV"}, "VMware Virtual Disk Format 5.0"),
    Signature("application/x-vhd-disk", {0: b"conectix"}, "Virtual Hard Disk Image Format Specification"),
    Signature("application/x-vhdx-disk", {0: b"vhdxfile"}, "[MS-VHDX] 2.2.1"),
    Signature("application/x-vdi-disk", {64: b"\x7f\x10\xda\xbe"}, _FILE + "virtual"),
    Signature("application/x-luks", {0: b"LUKS\xba\xbe"}, "LUKS On-Disk Format 1.2.3"),
)

_DOCUMENTS = (
    Signature(OLE, {0: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, _MS_CFB),
    Signature("application/msword", {0: b"\xdb\xa5\x2d\x00"}, _FREEDESKTOP + ": Word 2"),
    Signature(
        "application/vnd.ms-excel", {0: b"\x09\x04\x06\x00\x00\x00\x10\x00"}, "OpenOffice's Excel, 5.8: BIFF4"
    ),
    Signature(
        "application/vnd.ms-excel", {0: b"\x09\x02\x06\x00\x00\x00\x10\x00"}, "OpenOffice's Excel, 5.8: BIFF3"
    ),
    Signature(
        "application/vnd.ms-excel", {0: b"\x09\x00\x04\x00\x02\x00\x10\x00"}, "OpenOffice's Excel, 5.8: BIFF2"
    ),
    Signature("application/x-ms-pst", {0: b"!BDN"}, "[MS-PST] 2.2.2.6"),
    Signature("application/vnd.ms-htmlhelp", {0: b"ITSF\x03\x00\x00\x00"}, _FILE + "msdos"),
    Signature("application/vnd.ms-tnef", {0: b"\x78\x9f\x3e\x22"}, "[MS-OXTNEF] 2.1.3.1"),
    Signature("application/vnd.lotus-wordpro", {0: b"WordPro\x00"}, _FREEDESKTOP),
    Signature("application/x-aportisdoc", {60: b"TEXtREAd"}, _FREEDESKTOP),
    Signature("application/winhlp", {0: b"\x3f\x5f\x03\x00"}, _FILE + "msdos"),
    Signature(
        "application/onenote",
        {0: b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"},
        "[MS-ONESTORE] 2.3.1",
    ),
    Signature("application/x-mswrite", {0: b"\x31\xbe\x00\x00\x00\xab"}, _FREEDESKTOP),
    Signature("application/x-mswrite", {0: b"\x32\xbe\x00\x00\x00\xab"}, _FREEDESKTOP),
    Signature("application/vnd.wordperfect", {0: b"\xffWPC"}, _FILE + "wordprocessors"),
    Signature("application/vnd.lotus-1-2-3", {0: b"\x00\x00\x02\x00\x06\x04\x06\x00\x08\x00"}, _FREEDESKTOP),
    Signature("application/vnd.lotus-1-2-3", {0: b"\x00\x00\x1a\x00\x00\x10\x04\x00"}, _FREEDESKTOP),
    Signature("application/x-mobipocket-ebook", {60: b"BOOKMOBI"}, _FREEDESKTOP),
    Signature(
        "application/x-indesign",
        {0: b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d"},
        _FILE + "adobe",
    ),
    Signature("application/x-dvi", {0: b"\xf7\x02\x01\x83\x92\xc0\x1c\x3b"}, "DVI format, preamble: TeX's unit"),
    Signature("application/postscript", {0: b"\xc5\xd0\xd3\xc6"}, "Encapsulated PostScript 3.0, 5.2"),
    Signature("application/postscript", {0: b"\x04%!PS"}, "Encapsulated PostScript 3.0: after a Ctrl-D"),
)

_PROGRAMS = (
    Signature("application/x-executable", {0: b"\x7fELF"}, "System V ABI, ELF header"),
    Signature("application/x-mach-binary", {0: b"\xce\xfa\xed\xfe"}, "mach-o/loader.h"),
    Signature("application/x-mach-binary", {0: b"\xcf\xfa\xed\xfe"}, "mach-o/loader.h"),
    Signature("application/x-mach-binary", {0: b"\xfe\xed\xfa\xce"}, "mach-o/loader.h"),
    Signature("application/x-mach-binary", {0: b"\xfe\xed\xfa\xcf"}, "mach-o/loader.h"),
    Signature("application/wasm", {0: b"\x00asm"}, "WebAssembly 5.5.16"),
    Signature("application/x-dex", {0: b"dex\n0", 7: b"\x00"}, "Android, Dalvik executable format"),
    Signature("application/x-llvm-bitcode", {0: b"BC\xc0\xde"}, "LLVM Bitcode File Format"),
    Signature("application/x-lua-bytecode", {0: b"\x1bLua"}, "Lua, lundump.h"),
    Signature("application/x-ms-shortcut", {0: b"L\0\0\0\x01\x14\x02\0"}, "[MS-SHLLINK] 2.1"),
    Signature("application/x-java-keystore", {0: b"\xfe\xed\xfe\xed\x00\x00\x00"}, _FREEDESKTOP),
    Signature("application/x-java-jce-keystore", {0: b"\xce\xce\xce\xce\x00\x00\x00"}, _FREEDESKTOP),
    Signature("application/x-nintendo-nes-rom", {0: b"NES\x1a"}, "https://www.nesdev.org/wiki/INES"),
    Signature(
        "application/x-gameboy-rom", {260: b"\xce\xed\x66\x66\xcc\x0d\x00\x0b"}, "Pan Docs, The Cartridge Header"
    ),
    Signature("application/x-n64-rom", {0: b"\x80\x37\x12\x40"}, _FREEDESKTOP),
    Signature("application/x-doom-wad", {0: b"IWAD"}, "Unofficial Doom Specs 2.1"),
    Signature("application/x-doom-wad", {0: b"PWAD"}, "Unofficial Doom Specs 2.1"),
    Signature("application/x-mame-chd", {0: b"MComprHD\x00"}, "MAME, chd.h"),
)

_SYSTEM = (
    Signature("application/vnd.tcpdump.pcap", {0: b"\xd4\xc3\xb2\xa1"}, "draft-ietf-opsawg-pcap 4"),
    Signature("application/vnd.tcpdump.pcap", {0: b"\xa1\xb2\xc3\xd4"}, "draft-ietf-opsawg-pcap 4"),
    Signature("application/vnd.tcpdump.pcap", {0: b"\x4d\x3c\xb2\xa1"}, "draft-ietf-opsawg-pcap 4"),
    Signature("application/vnd.tcpdump.pcap", {0: b"\xa1\xb2\x3c\x4d"}, "draft-ietf-opsawg-pcap 4"),
    Signature("application/x-pcapng", {0: b"\n\r\r\n", 8: b"\x4d\x3c\x2b\x1a"}, "draft-ietf-opsawg-pcapng 4.1"),
    Signature("application/x-pcapng", {0: b"\n\r\r\n", 8: b"\x1a\x2b\x3c\x4d"}, "draft-ietf-opsawg-pcapng 4.1"),
    Signature("application/x-windows-registry-hive", {0: b"regf"}, _FILE + "windows"),
    Signature("application/x-ms-evtx", {0: b"ElfFile\x00"}, _FILE + "windows"),
    Signature("application/x-dmp", {0: b"MDMP\x93\xa7"}, "minidumpapiset.h"),
    Signature("application/x-bplist", {0: b"bplist0"}, "CoreFoundation, CFBinaryPList.c"),
    Signature("application/x-ds-store", {0: b"\x00\x00\x00\x01Bud1"}, _FILE + "apple"),
    Signature("application/x-apple-alias", {0: b"book\x00\x00\x00\x00mark\x00\x00\x00\x00"}, _FILE + "macintosh"),
    Signature("application/applefile", {0: b"\x00\x05\x16\x00\x00\x02\x00\x00"}, "RFC 1740, appendix A"),
    Signature("multipart/appledouble", {0: b"\x00\x05\x16\x07\x00\x02\x00\x00"}, "RFC 1740, appendix B"),
    Signature("application/x-gettext-translation", {0: b"\xde\x12\x04\x95"}, "GNU gettext, MO Files"),
    Signature("application/x-gettext-translation", {0: b"\x95\x04\x12\xde"}, "GNU gettext, MO Files"),
    Signature("application/x-keepass2", {0: b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"}, _FREEDESKTOP),
    Signature("application/x-bittorrent", {0: b"d8:announce"}, "BEP 3"),
    Signature("application/x-bittorrent", {0: b"d13:announce-list"}, "BEP 12"),
)

_DATA = (
    Signature(
        "application/geopackage+sqlite3", {0: b"SQLite format 3\x00", 68: b"GPKG"}, "OGC 12-128r19, 1.1.1.1.1"
    ),
    Signature(
        "application/x-sqlite3", {0: b"SQLite format 3\x00"}, "https://www.sqlite.org/fileformat.html 1.3.1"
    ),
    Signature("application/x-sqlite2", {0: b"** This file contains an SQLite 2"}, _FREEDESKTOP),
    Signature("application/vnd.ms-access", {4: b"Standard Jet DB"}, _FILE + "database"),
    Signature("application/vnd.ms-access", {4: b"Standard ACE DB"}, _FILE + "database"),
    Signature("application/vnd.apache.parquet", {0: b"PAR1"}, "Apache Parquet, File Format"),
    Signature("application/vnd.apache.parquet", {0: b"PARE"}, "Apache Parquet, Encryption 5.5"),
    Signature(
        "application/vnd.apache.arrow.file", {0: b"ARROW1\x00\x00"}, "Arrow Columnar Format, IPC File Format"
    ),
    Signature("application/vnd.apache.feather", {0: b"FEA1"}, "Apache Arrow, Feather 1"),
    Signature("application/avro", {0: b"Obj\x01"}, "Apache Avro, Object Container Files"),
    Signature("application/x-hdf", {0: b"\x89HDF\r\n\x1a\n"}, "HDF5 File Format II.A"),
    Signature("application/x-hdf", {0: b"\x0e\x03\x13\x01"}, "HDF4 Specification 1.2"),
    Signature("application/x-netcdf", {0: b"CDF\x01"}, "NetCDF Classic Format"),
    Signature("application/x-netcdf", {0: b"CDF\x02"}, "NetCDF 64-bit Offset Format"),
    Signature("application/x-netcdf", {0: b"CDF\x05"}, "NetCDF CDF-5"),
    Signature("application/x-matlab-data", {0: b"MATLAB 5.0 MAT-file"}, "MAT-File Format, 1"),
    Signature("application/x-npy", {0: b"\x93NUMPY"}, "NEP 1"),
    Signature("application/x-spss-sav", {0: b"$FL2"}, "GNU PSPP, System File Format"),
    Signature("application/x-spss-sav", {0: b"$FL3"}, "GNU PSPP, System File Format"),
    Signature("application/x-stata-dta", {0: b"<stata_dta><header><release>"}, "Stata, help dta"),
    Signature(
        "application/x-jmp-data",
        {0: b"\xff\xff\x00\x00\x07\x00\x00\x00\x04\x00\x00\x00\x01\x00"},
        _FILE + "statistics",
    ),
    Signature("application/vnd.shp", {0: b"\x00\x00\x27\x0a", 28: b"\xe8\x03\x00\x00"}, "ESRI Shapefile, table 1"),
    Signature("application/vnd.las", {0: b"LASF\x00\x00"}, "ASPRS LAS 1.4, table 3"),
    Signature("application/dicom", {128: b"DICM"}, "DICOM PS3.10, 7.1"),
    Signature("image/fits", {0: b"SIMPLE  =" + b" " * 20 + b"T"}, "FITS 4.0, 4.4.1.1"),
    Signature("application/x-mie", {0: b"~\x10\x04\xfe0MIE"}, "https://exiftool.org/MIE1.1-20070121.pdf"),
    Signature("application/x-mie", {0: b"~\x18\x04\xfe0MIE"}, "https://exiftool.org/MIE1.1-20070121.pdf"),
)

_MODELS = (
    Signature("model/gltf-binary", {0: b"glTF\x02\x00\x00\x00"}, "glTF 2.0, 4.4.2"),
    Signature("model/gltf-binary", {0: b"glTF\x01\x00\x00\x00"}, "KHR_binary_glTF"),
    Signature("application/x-fbx", {0: b"Kaydara FBX Binary  \x00"}, "https://code.blender.org/2013/08/"),
    Signature("application/x-blender", {0: b"BLENDER"}, "Blender, BLO_core_file_reader.hh"),
    Signature("application/x-draco", {0: b"DRACO\x01"}, "Draco Bitstream Specification 3.1"),
    Signature("application/x-draco", {0: b"DRACO\x02"}, "Draco Bitstream Specification 3.1"),
    Signature(
        "application/vnd.sketchup.skp",
        {0: b"\xff\xfe\xff\x0e" + "SketchUp Model".encode("utf-16-le")},
        _FREEDESKTOP,
    ),
    Signature("image/vnd.dwg", {0: b"AC10"}, "Open Design Specification for .dwg, 3"),
    Signature("image/vnd.dxf", {0: b"AutoCAD Binary DXF\r\n\x1a\x00"}, "DXF Reference, Binary DXF Files"),
)

_FONTS = (
    Signature("font/otf", {0: b"OTTO\x00"}, "OpenType 1.9, Table directory"),
    Signature("font/collection", {0: b"ttcf\x00"}, "OpenType 1.9, Font collections"),
    Signature("font/woff", {0: b"wOFF"}, "WOFF 1.0, 3"),
    Signature("font/woff2", {0: b"wOF2"}, "WOFF 2.0, 4"),
    Signature("application/x-font-type1", {0: b"%!PS-AdobeFont-1."}, "Adobe Type 1 Font Format, 2.2"),
    Signature("application/x-font-type1", {0: b"%!FontType1-1."}, _FILE + "fonts"),
    Signature(
        "application/x-font-type1", {0: b"\x80\x01", 6: b"%!PS-AdobeFont-1."}, "Adobe Technical Note 5040, 3.3"
    ),
    Signature(
        "application/x-font-type1", {0: b"\x80\x01", 6: b"%!FontType1-1."}, "Adobe Technical Note 5040, 3.3"
    ),
    Signature("application/x-font-pcf", {0: b"\x01fcp"}, _FILE + "fonts"),
    Signature("image/x-xcursor", {0: b"Xcur\x10\x00\x00\x00"}, "Xcursor(3)"),
)

_PICTURES = (
    Signature("image/png", {0: b"\x89PNG\r\n\x1a\n"}, "PNG 3, 5.2"),
    Signature("video/x-mng", {0: b"\x8aMNG\r\n\x1a\n"}, "MNG 1.0, 3"),
    Signature("image/x-jng", {0: b"\x8bJNG\r\n\x1a\n"}, "JNG 1.0"),
    Signature("image/jls", {0: b"\xff\xd8\xff\xf7"}, "ITU-T T.87, C.1.1"),
    Signature("image/jpeg", {0: b"\xff\xd8\xff"}, "ITU-T T.81, B.1.1.3"),
    Signature("image/gif", {0: b"GIF87a"}, "GIF89a, 17"),
    Signature("image/gif", {0: b"GIF89a"}, "GIF89a, 17"),
    Signature("image/webp", {0: b"RIFF", 8: b"WEBP"}, "RFC 9649 2.4"),
    Signature("image/tiff", {0: b"II*\x00"}, "TIFF 6.0, 2"),
    Signature("image/tiff", {0: b"MM\x00*"}, "TIFF 6.0, 2"),
    Signature("image/tiff", {0: b"II+\x00\x08\x00\x00\x00"}, "BigTIFF"),
    Signature("image/tiff", {0: b"MM\x00+\x00\x08\x00\x00"}, "BigTIFF"),
    Signature("image/jxr", {0: b"II\xbc\x01"}, "ITU-T T.832, A.5"),
    Signature("image/jxl", {0: b"\x00\x00\x00\x0cJXL \r\n\x87\n"}, "ISO/IEC 18181-2, 9.1"),
    Signature("image/jp2", {4: b"jP  \r\n\x87\n", 20: b"jp2 "}, "ITU-T T.800, I.5"),
    Signature("image/jpx", {4: b"jP  \r\n\x87\n", 20: b"jpx "}, "ITU-T T.801, M.8"),
    Signature("image/jpm", {4: b"jP  \r\n\x87\n", 20: b"jpm "}, "ITU-T T.805, B.4"),
    Signature("video/mj2", {4: b"jP  \r\n\x87\n", 20: b"mjp2"}, "ITU-T T.802, A.2"),
    Signature("image/jp2", {4: b"jP  \r\n\x87\n"}, "ITU-T T.800, I.5.1"),
    Signature("image/j2c", {0: b"\xff\x4f\xff\x51\x00"}, "ITU-T T.800, A.4.1 and A.5.1"),
    Signature("image/bpg", {0: b"BPG\xfb"}, "https://bellard.org/bpg/bpg_spec.txt 3.1"),
    Signature("image/flif", {0: b"FLIF"}, "FLIF 16 specification"),
    Signature("image/qoi", {0: b"qoif"}, "https://qoiformat.org/qoi-specification.pdf"),
    Signature("image/ktx", {0: b"\xabKTX 11\xbb\r\n\x1a\n"}, "KTX 1, 2.1"),
    Signature("image/ktx2", {0: b"\xabKTX 20\xbb\r\n\x1a\n"}, "KTX 2, 3.1"),
    Signature("image/x-dds", {0: b"DDS \x7c\x00\x00\x00"}, "Programming Guide for DDS"),
    Signature("image/x-exr", {0: b"\x76\x2f\x31\x01"}, "OpenEXR File Layout"),
    Signature("image/vnd.radiance", {0: b"#?RADIANCE\n"}, "Radiance File Formats"),
    Signature("image/x-dpx", {0: b"SDPX\x00"}, "SMPTE 268M"),
    Signature("image/x-dpx", {0: b"XPDS\x00"}, "SMPTE 268M"),
    Signature("image/vnd.adobe.photoshop", {0: b"8BPS\x00\x01"}, "Adobe Photoshop File Formats, File Header"),
    Signature("image/vnd.adobe.photoshop", {0: b"8BPS\x00\x02"}, "Adobe Photoshop File Formats, File Header"),
    Signature("image/x-xcf", {0: b"gimp xcf "}, "GIMP, devel-docs/xcf.txt"),
    Signature("image/vnd.djvu", {0: b"AT&TFORM", 12: b"DJV"}, "DjVu3, 8.1"),
    Signature("image/x-icns", {0: b"icns"}, _FREEDESKTOP),
    Signature("image/emf", {0: b"\x01\x00\x00\x00", 40: b" EMF"}, "[MS-EMF] 2.3.4.2"),
    Signature("image/wmf", {0: b"\xd7\xcd\xc6\x9a\x00\x00"}, "[MS-WMF] 2.3.2.3"),
    Signature("image/x-cmu-raster", {0: b"\x59\xa6\x6a\x95"}, "rasterfile(5)"),
    Signature("image/x-rgb", {0: b"\x01\xda\x00\x01\x00"}, "SGI Image File Format"),
    Signature("image/x-rgb", {0: b"\x01\xda\x01\x01\x00"}, "SGI Image File Format"),
    Signature("image/x-ilbm", {0: b"FORM", 8: b"ILBM"}, _IFF),
    Signature("image/x-ilbm", {0: b"FORM", 8: b"PBM "}, _IFF),
    Signature("application/vnd.iccprofile", {36: b"acsp"}, "ICC.1:2022, 7.2.11"),
    Signature("image/jxsc", {0: b"\x00\x00\x00\x0cJXS \r\n\x87\n"}, "ISO/IEC 21122-3, A.4"),
    Signature("image/x-gimp-gbr", {20: b"GIMP"}, "GIMP, devel-docs/gbr.txt"),
    Signature("image/x-gimp-pat", {20: b"GPAT"}, "GIMP, devel-docs/pat.txt"),
)

_CAMERA_RAW = (
    Signature("image/x-canon-crw", {0: b"II\x1a\x00\x00\x00HEAPCCDR"}, "http://xyrion.org/ciff/CIFFspecV1R04.pdf"),
    Signature("image/x-fuji-raf", {0: b"FUJIFILMCCD-RAW "}, "https://libopenraw.freedesktop.org/formats/raf/"),
    Signature("image/x-minolta-mrw", {0: b"\x00MRM\x00"}, "https://exiftool.org/TagNames/MinoltaRaw.html"),
    Signature("image/x-olympus-orf", {0: b"IIRO"}, "https://libopenraw.freedesktop.org/formats/orf/"),
    Signature("image/x-olympus-orf", {0: b"IIRS"}, "https://libopenraw.freedesktop.org/formats/orf/"),
    Signature("image/x-olympus-orf", {0: b"MMOR"}, "https://libopenraw.freedesktop.org/formats/orf/"),
    Signature("image/x-panasonic-rw2", {0: b"IIU\x00"}, "https://libopenraw.freedesktop.org/formats/rw2/"),
    Signature("image/x-sigma-x3f", {0: b"FOVb"}, "https://libopenraw.freedesktop.org/formats/x3f/"),
)

_AUDIO = (
    Signature("audio/wav", {0: b"RIFF", 8: b"WAVE"}, _RIFF),
    Signature("audio/wav", {0: b"RF64", 8: b"WAVEds64"}, "EBU Tech 3306"),
    Signature("audio/wav", {0: b"BW64", 8: b"WAVEds64"}, "ITU-R BS.2088"),
    Signature("audio/qcelp", {0: b"RIFF", 8: b"QLCM"}, "RFC 3625"),
    Signature("audio/midi", {0: b"RIFF", 8: b"RMID"}, _RIFF),
    Signature("audio/midi", {0: b"MThd\x00\x00\x00\x06"}, "Standard MIDI Files 1.0"),
    Signature("audio/aiff", {0: b"FORM", 8: b"AIFF"}, _IFF),
    Signature("audio/aiff", {0: b"FORM", 8: b"AIFC"}, _IFF),
    Signature("audio/vnd.wave64", {0: b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"}, "Sony Wave64, 2"),
    Signature("audio/flac", {0: b"fLaC"}, "RFC 9639 8"),
    Signature("audio/amr", {0: b"#!AMR\n"}, "RFC 4867 5.1"),
    Signature("audio/amr-wb", {0: b"#!AMR-WB\n"}, "RFC 4867 5.1"),
    Signature("audio/basic", {0: b".snd\x00"}, "audio(5)"),
    Signature("audio/x-caf", {0: b"caff\x00\x01\x00\x00"}, "Apple Core Audio Format, 2"),
    Signature("audio/x-dsf", {0: b"DSD \x1c\x00\x00\x00"}, "DSF File Format Specification 1.01"),
    Signature("audio/x-dff", {0: b"FRM8", 12: b"DSD "}, "DSDIFF 1.5, 3.1"),
    Signature("audio/x-wavpack", {0: b"wvpk"}, "WavPack 4 and 5, 2.0"),
    Signature("audio/x-ape", {0: b"MAC "}, "Monkey's Audio SDK, APE_DESCRIPTOR"),
    Signature("audio/x-tta", {0: b"TTA1"}, "TTA1 Hardware Description"),
    Signature("audio/x-musepack", {0: b"MPCK"}, "Musepack SV8"),
    Signature("audio/x-musepack", {0: b"MP+"}, "Musepack SV7"),
    Signature("audio/x-voc", {0: b"Creative Voice File\x1a"}, _FILE + "audio"),
    Signature("audio/x-it", {0: b"IMPM"}, _FREEDESKTOP),
    Signature("audio/x-xm", {0: b"Extended Module: "}, _FREEDESKTOP),
    Signature("audio/x-s3m", {28: b"\x1a\x10\x00\x00", 44: b"SCRM"}, _FREEDESKTOP),
    *(
        Signature("audio/x-mod", {1080: mark}, _FREEDESKTOP)
        for mark in (b"M.K.", b"M!K!", b"FLT4", b"6CHN", b"8CHN")
    ),
    Signature("audio/x-realaudio", {0: b".ra\xfd"}, _FILE + "animation"),
    Signature("audio/vnd.dts", {0: b"\x7f\xfe\x80\x01"}, "ETSI TS 102 114, 5.3.1"),
    Signature("audio/vnd.dts", {0: b"\xfe\x7f\x01\x80"}, "ETSI TS 102 114, 5.3.1"),
    Signature("audio/x-mo3", {0: b"MO3\x03"}, _FREEDESKTOP),
    Signature("audio/x-mo3", {0: b"MO3\x05"}, _FREEDESKTOP),
    Signature("application/vnd.smaf", {0: b"MMMD\x00"}, _FREEDESKTOP),
)

_VIDEO = (
    Signature("video/x-msvideo", {0: b"RIFF", 8: b"AVI "}, _RIFF),
    Signature("application/x-navi-animation", {0: b"RIFF", 8: b"ACON"}, _RIFF),
    Signature("video/x-flv", {0: b"FLV\x01"}, "Adobe Flash Video File Format 10.1, E.2"),
    Signature("video/x-ms-asf", {0: b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"}, "Advanced Systems Format, 10.1"),
    Signature("video/mpeg", {0: b"\x00\x00\x01\xba"}, "ISO/IEC 13818-1, 2.5.3.3"),
    Signature("video/mpeg", {0: b"\x00\x00\x01\xb3"}, "ISO/IEC 13818-2, 6.2.2.1"),
    Signature("application/mxf", {0: b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01"}, "SMPTE 377-1, 7.1"),
    Signature("application/vnd.rn-realmedia", {0: b".RMF\x00\x00\x00"}, _FILE + "animation"),
    Signature("video/x-ivf", {0: b"DKIF\x00\x00\x20\x00"}, "https://wiki.multimedia.cx/index.php/Duck_IVF"),
    Signature("video/x-y4m", {0: b"YUV4MPEG2 "}, "yuv4mpeg(5)"),
)

TABLE: tuple[Signature, ...] = (
    *_ARCHIVES,
    *_DISKS,
    *_DOCUMENTS,
    *_PROGRAMS,
    *_SYSTEM,
    *_DATA,
    *_MODELS,
    *_FONTS,
    *_PICTURES,
    *_CAMERA_RAW,
    *_AUDIO,
    *_VIDEO,
)
