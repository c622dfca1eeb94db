"""The table of files."""

from django.db import models


class File(models.Model):
    """An uploaded file."""

    id = models.BigAutoField(primary_key=True)
    file = models.FileField(upload_to="uploads/")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    processed = models.BooleanField(default=False)
