"""The table of files."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Create it."""

    initial = True
    operations = (
        migrations.CreateModel(
            "File",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("file", models.FileField(upload_to="uploads/")),
                ("uploaded_at", models.DateTimeField(auto_now_add=True)),
                ("processed", models.BooleanField(default=False)),
            ],
        ),
    )
