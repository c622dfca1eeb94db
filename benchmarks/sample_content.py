"""What is uploaded: a text of 10 KiB, in a form."""

SIZE = 10 * 1024
CONTENT = (b"A line of the file that is uploaded.\n" * (SIZE // 36 + 1))[:SIZE]

FORM_TYPE = "multipart/form-data; boundary=boundary"


def make_form(name: str) -> bytes:
    """Return the body of an upload of the text under this name."""
    head = (
        f'--boundary\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    )
    return head.encode() + CONTENT + b"\r\n--boundary--\r\n"
