"""The routes."""

from django.contrib import admin
from django.urls import path
from uploads.views import ListFiles, UploadFile

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/upload/", UploadFile.as_view()),
    path("api/files/", ListFiles.as_view()),
]
