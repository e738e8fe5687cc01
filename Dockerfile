# The tap in a container: as it is a source of Airbyte's, and with another entrypoint a plain tap:
#   docker build --tag tap-intercom-conversations .
#   docker run --rm tap-intercom-conversations spec
#   docker run --rm --entrypoint tap-intercom-conversations tap-intercom-conversations --about

FROM python:3.13-slim AS build
COPY . /source
# With the versions that were tested.
ENV PIP_CONSTRAINT=/source/constraints.txt PIP_BUILD_CONSTRAINT=/source/constraints.txt
RUN python -m venv /opt/tap && /opt/tap/bin/pip install --no-cache-dir /source

FROM python:3.13-slim
# Airbyte's labels: metadata.yaml says the same.
LABEL io.airbyte.name="tap-intercom-conversations" io.airbyte.version="0.2.0"
RUN useradd --uid 1000 --create-home tap
COPY --from=build /opt/tap /opt/tap
# Airbyte starts what AIRBYTE_ENTRYPOINT names; everybody else, the entrypoint.
ENV PATH="/opt/tap/bin:$PATH" AIRBYTE_ENTRYPOINT="/opt/tap/bin/source-intercom-conversations"
# By number: Kubernetes cannot tell of a name that it is not root's.
USER 1000
WORKDIR /home/tap
ENTRYPOINT ["/opt/tap/bin/source-intercom-conversations"]
