"""The routes' views."""

from rest_framework import generics, serializers
from uploads.models import File
from uploads.tasks import process_file


class FileSerializer(serializers.ModelSerializer):
    """A file's JSON form."""

    class Meta:
        """Its fields."""

        model = File
        fields = ("id", "file", "uploaded_at", "processed")
        read_only_fields = ("processed",)


class UploadFile(generics.CreateAPIView):
    """Store a file and queue its processing."""

    serializer_class = FileSerializer

    def perform_create(self, serializer: FileSerializer) -> None:
        """Save the row and the file, and send the task."""
        process_file.delay(serializer.save().id)


class ListFiles(generics.ListAPIView):
    """List all files, the newest first."""

    queryset = File.objects.order_by("-uploaded_at")
    serializer_class = FileSerializer
