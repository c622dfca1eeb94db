# The image of docker compose: it serves the routes, and deploys into LocalStack. It is never deployed to AWS.
# This Python version decides Lambda's runtime: the functions run in LocalStack on the same version.
FROM python:3.13-slim AS web
WORKDIR /app
COPY requirements-node.txt constraints.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements-node.txt
COPY web web
RUN mkdir chalicelib && python -m web

FROM python:3.13-slim
RUN useradd --create-home file-loader && install -d -o file-loader /app
WORKDIR /app
COPY requirements.txt constraints.txt ./
# What infra/ and emulator.serve import besides is named here, not left to another package's dependencies.
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt -c constraints.txt \
    chalice packaging PyYAML waitress
COPY --chown=file-loader . .
COPY --chown=file-loader --from=web /app/chalicelib/web chalicelib/web
USER file-loader
