"""The routes."""

from django.urls import path
from uploads.views import ListFiles, UploadFile

urlpatterns = [path("api/upload/", UploadFile.as_view()), path("api/files/", ListFiles.as_view())]
