# The book's JupyterLab: docker build -t kldiv . && docker run -it --rm -p 8888:8888 kldiv
# (The address that it prints has the password in it.)
FROM python:3.12-slim-bookworm

RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium git make \
 && rm -rf /var/lib/apt/lists/*

# Made here rather than by WORKDIR, which would give it to root.
RUN useradd --create-home reader && install -d -o reader -g reader /home/reader/book
USER reader
WORKDIR /home/reader/book

# Beside the book's folder, because a development container mounts the host's over that.
ENV VENV=/home/reader/venv TORCH_INDEX=https://download.pytorch.org/whl/cpu PIP_NO_CACHE_DIR=1

# Before the rest, so that a change of the text does not install everything again.
COPY --chown=reader requirements.txt pyproject.toml README.md LICENSE Makefile ./
COPY --chown=reader src src
RUN python3 -m venv $VENV && make packages && touch $VENV/installed

COPY --chown=reader . .
# The installation is newer than the files, whenever those were copied.
RUN touch $VENV/installed
EXPOSE 8888
CMD ["make", "lab", "LAB=--ip=0.0.0.0 --no-browser"]
