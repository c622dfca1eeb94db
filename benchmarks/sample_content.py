"""What is uploaded: a text of 10 KiB."""

SIZE = 10 * 1024
CONTENT = (b"A line of the file that is uploaded.\n" * (SIZE // 36 + 1))[:SIZE]
