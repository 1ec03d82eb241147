"""CIFAR-10: found, downloaded, verified before it is unpickled; with a small archive."""

import gc
import hashlib
import http.server
import io
import pickle
import socket
import tarfile
import tempfile
import threading

import numpy as np
import pytest
import torch

from kldiv import _cifar10_torchvision, cifar10
from kldiv._download import WrongDataError
from kldiv._torchvision import datasets
from kldiv.cifar10 import DataNotFoundError, load

BATCHES = [f"data_batch_{number}" for number in range(1, 6)]
NAMES = [*BATCHES, "test_batch", "batches.meta"]


class OldPickler(pickle._Pickler):
    """Writes arrays as NumPy did in 2009: the flags of a data type are integers."""

    def reducer_override(self, item):
        if isinstance(item, np.dtype):
            return np.dtype, (item.str[1:], 0, 1), (3, "|", None, None, None, -1, -1, 0)
        return NotImplemented


def pickled(content):
    file = io.BytesIO()
    OldPickler(file, protocol=2).dump(content)
    return file.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def rows(name, n=20):
    return np.random.default_rng(NAMES.index(name)).integers(256, size=(n, 3072), dtype=np.uint8)


def batch(name):
    labels = [int(label) for label in rows(name)[:, 0] % 10]
    return {"batch_label": name, "labels": labels, "data": rows(name), "filenames": ["-.png"] * 20}


CONTENTS = {name: pickled(batch(name)) for name in NAMES[:6]}
CONTENTS["batches.meta"] = pickled({"label_names": list(cifar10.CLASSES), "num_vis": 3072})


def archive():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in CONTENTS.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file.getvalue()


ARCHIVE = archive()


def md5(content):
    return hashlib.md5(content).hexdigest()


def put(folder):
    """Lay the unpacked files into `folder` and return where they are."""
    files = folder / "cifar-10-batches-py"
    files.mkdir(parents=True)
    for name, content in CONTENTS.items():
        (files / name).write_bytes(content)
    return files


def address_of_nobody():
    with socket.create_server(("127.0.0.1", 0)) as closed_at_once:
        return f"http://127.0.0.1:{closed_at_once.getsockname()[1]}/cifar-10-python.tar.gz"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Empty places to look in, no connection; the small archive counts as the published one."""
    monkeypatch.setenv("KLDIV_DATA", str(tmp_path / "named"))
    monkeypatch.setattr(cifar10, "_cache_folder", lambda: tmp_path / "cache" / "cifar-10")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    published = datasets.CIFAR10
    monkeypatch.setattr(published, "url", address_of_nobody())
    monkeypatch.setattr(published, "tgz_md5", md5(ARCHIVE))
    monkeypatch.setattr(published, "train_list", [[name, md5(CONTENTS[name])] for name in BATCHES])
    monkeypatch.setattr(published, "test_list", [["test_batch", md5(CONTENTS["test_batch"])]])
    meta = {**published.meta, "md5": md5(CONTENTS["batches.meta"])}
    monkeypatch.setattr(published, "meta", meta)
    return tmp_path


@pytest.fixture
def serve(monkeypatch):
    """Start a server on this machine that answers as `send` does."""
    servers = []

    def start(send):
        class Server(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                # torchvision asks once for redirects only, announced by this odd header.
                if self.headers["Method"] == "HEAD":
                    send_part(self, b"", 0)
                else:
                    send(self)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_port}/cifar-10-python.tar.gz"
        monkeypatch.setattr(datasets.CIFAR10, "url", url)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def send_part(request, content, size):
    """Announce all of it, send the first `size` bytes, hang up."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content[:size])


def send_all(request):
    send_part(request, ARCHIVE, len(ARCHIVE))


def send_half(request):
    send_part(request, ARCHIVE, len(ARCHIVE) // 2)


def send_corrupt(request):
    send_part(request, ARCHIVE[:-50] + bytes(50), len(ARCHIVE))


def send_then_stall(request):
    request.connection.settimeout(5)
    send_half(request)
    request.wfile.flush()
    request.connection.recv(1)  # until the reader gives up


# --- The data -----------------------------------------------------------------------------------


def test_images_and_labels_are_those_of_the_files(places):
    put(places / "here")
    train, test = load("train", root=places / "here"), load("test", root=str(places / "here"))
    assert train.images.shape == (100, 3, 32, 32) and train.images.dtype == torch.uint8
    assert train.images.is_contiguous()
    expected = np.concatenate([rows(name) for name in BATCHES])
    assert np.array_equal(train.images.flatten(1), expected)
    assert train.labels.dtype == torch.int64
    assert train.labels.tolist() == (expected[:, 0] % 10).tolist()
    assert np.array_equal(test.images.flatten(1), rows("test_batch"))
    assert repr(test) == "CIFAR-10 test: 20 images of 32 × 32 × 3"


def test_dequantised_gives_the_bytes_back(places):
    put(places / "named")
    data = load("test")
    x = data.dequantised(seed=1)
    assert x.shape == (20, 3072) and x.dtype == torch.float32 and x.min() >= 0 and x.max() < 1
    assert torch.equal((256 * x).floor().to(torch.uint8), data.images.flatten(1))


def test_unknown_split_is_an_error():
    with pytest.raises(ValueError, match='split is \'valid\'; expected "train" or "test"'):
        load("valid")


# --- The places ---------------------------------------------------------------------------------


def test_named_folder_comes_before_the_cache(places, monkeypatch):
    cached = put(places / "cache" / "cifar-10")
    assert len(load("test").images) == 20
    named = put(places / "named")
    (cached / "test_batch").write_bytes(b"")  # would be an error, were it looked at
    assert len(load("test").images) == 20
    (named / "test_batch").unlink()  # incomplete: passed over
    with pytest.raises(WrongDataError, match="cache"):
        load("test")


def test_nothing_anywhere_names_every_place_and_every_remedy(places, monkeypatch):
    (put(places / "named") / "batches.meta").unlink()
    with pytest.raises(DataNotFoundError) as caught:
        load()
    message = str(caught.value)
    lacking = "cifar-10-batches-py/batches.meta\n"
    assert f"1. $KLDIV_DATA: {places / 'named'} lacks {lacking}" in message
    assert f"2. per-user cache: {places / 'cache' / 'cifar-10'} lacks" in message
    assert "3. download: " in message and "refused" in message
    for remedy in ("a connection", datasets.CIFAR10.url, "tar -xzf", "KLDIV_DATA=FOLDER"):
        assert remedy in message
    assert isinstance(caught.value.__cause__, OSError)
    monkeypatch.delenv("KLDIV_DATA")
    with pytest.raises(DataNotFoundError, match=r"1\. \$KLDIV_DATA: not set"):
        load()


def test_root_is_the_only_place(places):
    put(places / "named")
    with pytest.raises(DataNotFoundError) as caught:
        load(root=places / "nowhere")
    assert f"1. root: {places / 'nowhere'} lacks" in str(caught.value)
    assert "2." not in str(caught.value)


class Intruder:
    """Unpickled, it would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("name", NAMES)
def test_file_that_was_not_published_is_named_and_never_unpickled(places, name):
    trace = places / "trace"
    (put(places / "named") / name).write_bytes(pickle.dumps(Intruder(trace)))
    with pytest.raises(WrongDataError, match=f"{name} is not used: its MD5 is not that of"):
        load("test")
    assert not trace.exists()


# --- The download -------------------------------------------------------------------------------


def test_download_shows_progress_and_is_kept(places, serve, capsys, monkeypatch):
    serve(send_all)
    assert np.array_equal(load("test").images.flatten(1), rows("test_batch"))
    progress = capsys.readouterr().err
    assert "Downloading CIFAR-10 (170 MB)" in progress and "100%" in progress
    assert socket.getdefaulttimeout() is None
    assert not list((places / "temporary").iterdir())
    kept = places / "cache" / "cifar-10" / "cifar-10-batches-py"
    assert sorted(path.name for path in kept.iterdir()) == sorted(NAMES)
    monkeypatch.setattr(datasets.CIFAR10, "url", address_of_nobody())
    assert len(load("train").images) == 100


def test_download_is_used_where_it_cannot_be_kept(places, serve, capsys):
    serve(send_all)
    (places / "cache").write_text("in the way of the folder")
    assert len(load("test").images) == 20
    assert "could not be kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("send", "problem"),
    [
        (send_half, "corrupted"),
        (send_corrupt, "corrupted"),
        (send_then_stall, "timed out"),
        (lambda request: request.connection.close(), "without response"),
        (lambda request: request.send_error(404), "HTTP Error 404"),
    ],
    ids=["half of it", "corrupt", "stalled", "hung up", "not found"],
)
# torchvision leaves the socket of a refused request to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored.*unclosed")
def test_failed_download_is_reported_and_leaves_nothing(places, serve, monkeypatch, send, problem):
    monkeypatch.setattr(_cifar10_torchvision, "STALL_SECONDS", 0.3)
    serve(send)
    with pytest.raises(DataNotFoundError, match=f"3. download: .*{problem}") as caught:
        load("test")
    assert caught.value.__cause__ is not None
    assert not list((places / "temporary").iterdir())
    assert not (places / "cache").exists()
    assert socket.getdefaulttimeout() is None
    gc.collect()
    serve(send_all)
    assert len(load("test").images) == 20


def test_archive_with_a_file_that_was_not_published_is_not_read(places, serve, monkeypatch):
    monkeypatch.setattr(datasets.CIFAR10, "test_list", [["test_batch", "0" * 32]])
    serve(send_all)
    with pytest.raises(DataNotFoundError, match="3. download: .*corrupted"):
        load("test")
    assert not (places / "cache").exists()
