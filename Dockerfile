FROM python:3.13-slim AS build
WORKDIR /source
COPY requirements.lock requirements-test.lock ./
# of the second list psycopg and redis alone, with their hashes
RUN awk '/^[a-z]/ {wanted = /^(psycopg|psycopg-binary|redis)==/} wanted' requirements-test.lock > servers.lock \
    && python -m venv /opt/hemvist \
    && /opt/hemvist/bin/pip install --no-cache-dir --require-hashes -r requirements.lock -r servers.lock
COPY . .
RUN /opt/hemvist/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

# Runs without rights and on a root that cannot be written: docker run --read-only --tmpfs /tmp --cap-drop ALL
FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --no-create-home hemvist \
    && install -d -o hemvist -g hemvist -m 0700 /data
COPY --from=build /opt/hemvist /opt/hemvist
ENV PATH=/opt/hemvist/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HEMVIST_DATA=/data \
    HEMVIST_HOST=0.0.0.0
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["hemvist"]
CMD ["serve"]
