# The book's JupyterLab: docker build -t kldiv . && docker run --rm -p 8888:8888 kldiv
# (The address that it prints has the password in it.)
FROM python:3.12-slim-bookworm

RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium dataset-fashion-mnist git make \
 && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home reader
USER reader
WORKDIR /home/reader/book

# Before the rest, so that a change of the text does not install everything again.
COPY --chown=reader requirements.txt pyproject.toml README.md LICENSE Makefile ./
COPY --chown=reader src src
RUN make .venv/installed

COPY --chown=reader . .
EXPOSE 8888
CMD ["make", "lab", "LAB=--ip=0.0.0.0 --no-browser"]
