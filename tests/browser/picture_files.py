"""The files that the pictures of the page show."""

import io
import json
import zipfile
from collections.abc import Mapping

from PIL import Image, ImageDraw

SIZE = (1200, 800)
Colour = tuple[int, int, int]


def landscape(sky: Colour, ground: Colour, sun: tuple[int, int]) -> Image.Image:
    """Return a picture of hills in front of a sky, with a sun in it."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(picture)
    for y in range(height):
        light = 60 * y // height
        draw.line([(0, y), (width, y)], fill=(min(255, sky[0] + light), min(255, sky[1] + light), sky[2]))
    draw.ellipse([sun[0] - 70, sun[1] - 70, sun[0] + 70, sun[1] + 70], fill=(255, 236, 190))
    for number in range(3):
        shade = (ground[0] - 22 * number, ground[1] - 22 * number, ground[2] - 18 * number)
        peaks = [(-100, height), (200 + 260 * number, 380 + 90 * number), (760 + 200 * number, height)]
        draw.polygon(peaks, fill=shade)
        draw.polygon([(x + 420, y) for x, y in peaks], fill=shade)
    return picture


def page_of_text() -> Image.Image:
    """Return a page with a heading, lines and a chart."""
    page = Image.new("RGB", (850, 1100), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle([80, 90, 560, 130], fill=(40, 60, 90))
    for line in range(16):
        draw.rectangle([80, 190 + 26 * line, 770 - line * 37 % 120, 200 + 26 * line], fill=(150, 155, 165))
    for bar in range(6):
        draw.rectangle([110 + 110 * bar, 1000 - 50 * (bar + 1), 180 + 110 * bar, 1000], fill=(31, 95, 153))
    return page


def as_bytes(picture: Image.Image, file_format: str) -> bytes:
    """Return the file of a picture."""
    file = io.BytesIO()
    picture.save(file, file_format)
    return file.getvalue()


def sample_files() -> Mapping[str, bytes]:
    """Return names and contents, the oldest first."""
    evening = landscape((120, 110, 190), (110, 100, 120), (880, 250))
    morning = landscape((130, 185, 235), (100, 140, 110), (300, 190))
    autumn = landscape((205, 170, 130), (170, 110, 70), (620, 210))
    orders = "order,customer,total\n" + "".join(f"{1000 + n},customer {n},{n * 17 % 90}.50\n" for n in range(40))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("photos/one.jpg", as_bytes(morning, "JPEG"))
        packed.writestr("photos/two.jpg", as_bytes(evening, "JPEG"))
    return {
        "settings.json": json.dumps({"language": "en", "sizes": [320, 768, 1440], "dark": True}).encode(),
        "holiday photos.zip": archive.getvalue(),
        "orders.csv": orders.encode(),
        "meeting notes.txt": b"Monday\n- the list is fast\n- the panel shows all facts\n",
        "annual report.pdf": as_bytes(page_of_text(), "PDF"),
        "scan.png": b"\x89PNG\r\n\x1a\n" + b"cut off",
        "really a photo.txt": as_bytes(autumn, "JPEG"),
        "autumn.jpg": as_bytes(autumn, "JPEG"),
        "evening in the mountains.jpg": as_bytes(evening, "JPEG"),
        "morning walk.png": as_bytes(morning, "PNG"),
    }
