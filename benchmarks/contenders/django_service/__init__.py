"""The service that this one replaces, in small: Django, Django REST framework and Celery on Redis.

It does what the original does for an upload: it stores the file in a folder and a row in PostgreSQL, and lets a
Celery worker set the row's flag. `manage.py runserver` serves it, as the original's container does.
"""
