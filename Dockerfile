# Build: every tool that an install needs stays in this stage.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/safety-gate
COPY constraints.txt pyproject.toml README.md LICENSE NOTICE ./
RUN /opt/safety-gate/bin/pip install --constraint constraints.txt hatchling
COPY rules rules
COPY models models
COPY admin_ui admin_ui
COPY safety safety
RUN /opt/safety-gate/bin/pip install --constraint constraints.txt --no-build-isolation ".[fast,postgres]" \
    && /opt/safety-gate/bin/pip uninstall --yes hatchling pip setuptools \
    && /opt/safety-gate/bin/python -m compileall -q -j 0 /opt/safety-gate/lib

# Serve: the environment as it was built, compiled, owned by root and run by somebody else.
FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin safety \
    && install --directory --owner 10001 --mode 0700 /data
COPY --from=build /opt/safety-gate /opt/safety-gate
# The image's root may be read-only: the service writes to /data alone, and no bytecode.
ENV PATH=/opt/safety-gate/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SAFETY_DATA_DIR=/data \
    SAFETY_ENVIRONMENT=production \
    SAFETY_HOST=0.0.0.0
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('SAFETY_PORT', '8000') + '/healthz', timeout=2)"]
ENTRYPOINT ["safety-gate"]
CMD ["serve"]
