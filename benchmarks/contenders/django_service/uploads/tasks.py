"""What the worker does."""

from service import app
from uploads.models import File


@app.task
def process_file(file_id: int) -> None:
    """Set the flag of a file, as the original does."""
    file = File.objects.get(id=file_id)
    file.processed = True
    file.save()
