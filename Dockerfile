# What docker compose runs: `chalice local`, and `chalice deploy` into LocalStack. Nothing of this image goes to AWS.
# Lambda's runtime follows from this version: the functions run in LocalStack on the same one.
FROM python:3.13-slim

RUN useradd --create-home file-loader && install -d -o file-loader /app
WORKDIR /app
COPY requirements.txt constraints.txt ./
# What infra/ imports besides is named, not left to what something else happens to need.
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt -c constraints.txt \
    chalice packaging PyYAML
COPY --chown=file-loader . .
USER file-loader
