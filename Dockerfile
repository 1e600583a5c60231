# The image that every task of a Kubeflow run uses.

FROM python:3.11-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
WORKDIR /app
COPY pyproject.toml uv.lock ./
# The locked versions, without what only developing needs; bytecode is compiled once, not in every pod.
RUN uv sync --frozen --no-cache --no-dev --compile-bytecode

FROM python:3.11-slim
# Nothing to build with; a user of its own, who may write where the launcher puts its copies.
RUN useradd --create-home --uid 1000 recommender \
    && mkdir -p /minio /s3 /gcs \
    && chown recommender /minio /s3 /gcs
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY pyproject.toml setup.py local_runner.py kubeflow_runner.py LICENSE ./
COPY schema schema
COPY modules modules
COPY components components
COPY datasets datasets
COPY pipeline pipeline
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    TF_USE_LEGACY_KERAS=1 \
    TF_CPP_MIN_LOG_LEVEL=2
USER recommender
ENTRYPOINT ["python", "-m", "components.kubeflow.entrypoint"]
