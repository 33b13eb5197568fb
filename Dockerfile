# Convenor in a container: built in one stage, run in another that has no compiler, no pip cache and no root.
# docs/deploy.md says how it is used. The target "scale" also has the programs that back PostgreSQL up.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.txt ./
RUN python -m venv /opt/convenor \
    && /opt/convenor/bin/pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY adapters adapters
COPY bot bot
COPY config config
COPY digests digests
RUN /opt/convenor/bin/pip install --no-deps . \
    && /opt/convenor/bin/pip uninstall --yes pip

FROM python:3.13-slim AS alone
RUN groupadd --system --gid 10001 convenor \
    && useradd --system --uid 10001 --gid convenor --home-dir /data --no-create-home convenor \
    && install --directory --owner convenor --group convenor --mode 0700 /data /backups /config
COPY --from=build /opt/convenor /opt/convenor
ENV PATH=/opt/convenor/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CONVENOR_HOST=0.0.0.0 \
    CONVENOR_PORT=8080 \
    CONVENOR_DATABASE_URL=sqlite:////data/convenor.db \
    CONVENOR_BACKUP_DIR=/backups \
    CONVENOR_CONFIG_DIR=/config \
    CONVENOR_LOG_FORMAT=json
USER convenor
WORKDIR /data
VOLUME ["/data", "/backups", "/config"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['CONVENOR_PORT'] + '/health', timeout=4)"]
ENTRYPOINT ["convenor"]
CMD ["run"]

FROM alone AS scale
USER root
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
USER convenor

# What is built where no target is named.
FROM alone
