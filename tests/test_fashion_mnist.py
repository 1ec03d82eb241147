"""Fashion-MNIST: where it is looked for, how it is verified, and what an interruption leaves."""

import gc
import gzip
import hashlib
import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
import torch

from kldiv import _download, _idx, _repository, _torchvision, fashion_mnist
from kldiv._torchvision import datasets
from kldiv.fashion_mnist import DataNotFoundError, WrongDataError, load

SAMPLE = Path(__file__).parent / "data" / "fashion-mnist-sample"
NAMES = TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = tuple(_idx.CHECKSUMS)
PUBLISHED = _repository.root() / "data" / "fashion-mnist"


def sample_file(name):
    """The content of one file of the sample, unpacked."""
    return gzip.decompress((SAMPLE / f"{name}.gz").read_bytes())


def put_sample(folder, packed=True):
    """Copy the sample into `folder`, packed or not, and return that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        content = sample_file(name)
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    return folder


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The places that are looked in, all empty, below `tmp_path`; nothing can be downloaded."""
    monkeypatch.setenv("KLDIV_DATA", str(tmp_path / "named"))
    monkeypatch.setattr(_repository, "root", lambda: tmp_path / "checkout")
    cache = tmp_path / "cache" / "fashion-mnist"
    monkeypatch.setattr(fashion_mnist, "_cache_folder", lambda: cache)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [address_of_nobody()])
    return tmp_path


@pytest.fixture
def as_published(places, monkeypatch):
    """Let the sample count as the published data, for tests that download."""
    checksums = {name: hashlib.sha256(sample_file(name)).hexdigest() for name in NAMES}
    monkeypatch.setattr(_idx, "CHECKSUMS", checksums)
    monkeypatch.setattr(_idx, "FULL_SIZE", {"train": 200, "test": 100})
    monkeypatch.setattr(datasets.FashionMNIST, "resources", sample_resources())
    return places


def sample_resources():
    files = [SAMPLE / f"{name}.gz" for name in NAMES]
    return [(file.name, hashlib.md5(file.read_bytes()).hexdigest()) for file in files]


def address(server_socket):
    return f"http://127.0.0.1:{server_socket.getsockname()[1]}/"


def address_of_nobody():
    with socket.create_server(("127.0.0.1", 0)) as closed_at_once:
        return address(closed_at_once)


@pytest.fixture
def serve(monkeypatch):
    """Start a mirror on this machine that sends each file as `send` does; return its address."""
    servers = []

    def start(send):
        class Mirror(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                content = (SAMPLE / self.path.strip("/")).read_bytes()
                # torchvision asks once for redirects only, announced by this odd header.
                if self.headers["Method"] == "HEAD":
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                else:
                    send(self, content)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [address(server.socket)])
        return address(server.socket)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def send_all(request, content):
    send_part(request, content, len(content))


def send_half(request, content):
    send_part(request, content, len(content) // 2)


def send_part(request, content, size):
    """Announce all of it, send the first `size` bytes, hang up."""
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content[:size])
    request.wfile.flush()


# --- The data -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("split", "n"), [("train", 60_000), ("test", 10_000)])
def test_full_data(split, n):
    data = load(split, root=PUBLISHED)
    assert data.images.shape == (n, 28, 28) and data.images.dtype == torch.uint8
    assert data.labels.shape == (n,) and data.labels.dtype == torch.int64
    assert data.labels.bincount().tolist() == [n // 10] * 10
    assert data.is_full
    assert str(data) == f"Fashion-MNIST {split}: {n:,} images of 28 × 28 (full)"


def test_the_checkout_has_the_files_as_they_were_published():
    for archive, md5 in datasets.FashionMNIST.resources:
        assert hashlib.md5((PUBLISHED / archive).read_bytes()).hexdigest() == md5


def test_a_tensor_is_what_torchvision_reads(tmp_path):
    put_sample(tmp_path / "FashionMNIST" / "raw", packed=False)
    for split in ("train", "test"):
        ours = load(split, root=tmp_path, allow_sample=True)
        theirs = datasets.FashionMNIST(tmp_path, train=split == "train")
        assert torch.equal(ours.images, theirs.data) and torch.equal(ours.labels, theirs.targets)


def test_sample_is_read_and_says_that_it_is_one():
    train = load("train", root=SAMPLE, allow_sample=True)
    test = load("test", root=SAMPLE, allow_sample=True)
    assert train.images.shape == (200, 28, 28) and test.images.shape == (100, 28, 28)
    assert fashion_mnist.CLASSES[train.labels[0]] == "Ankle boot"
    assert not train.is_full
    assert repr(train) == "Fashion-MNIST train: 200 images of 28 × 28 (SAMPLE of 200 of 60,000)"
    content = torch.frombuffer(bytearray(sample_file(TRAIN_IMAGES)[16:]), dtype=torch.uint8)
    assert torch.equal(train.images.flatten(), content)


def test_pixels_are_rows_of_grey_levels_between_0_and_1():
    data = load("test", root=SAMPLE, allow_sample=True)
    assert data.pixels.shape == (100, 784) and data.pixels.dtype == torch.float32
    assert data.pixels.min() == 0 and data.pixels.max() == 1
    assert data.pixels[3, 28 * 10 + 7] == data.images[3, 10, 7].float() / 255


def test_classes_are_those_of_torchvision():
    assert list(fashion_mnist.CLASSES) == datasets.FashionMNIST.classes


def test_unknown_split_is_an_error():
    with pytest.raises(ValueError, match='split is \'valid\'; expected "train" or "test"'):
        load("valid")


# --- The places ---------------------------------------------------------------------------------


def test_places_are_tried_in_order(places):
    put_sample(places / "cache" / "fashion-mnist")
    assert load(allow_sample=True).source == "per-user cache"
    put_sample(places / "checkout" / "data")
    assert load(allow_sample=True).source == "data/ of the checkout"
    put_sample(places / "named")
    assert load(allow_sample=True).source == f"$KLDIV_DATA ({places / 'named'})"


@pytest.mark.parametrize("layout", [".", "FashionMNIST/raw", "fashion-mnist"])
@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
def test_layouts_of_a_folder(places, monkeypatch, layout, packed):
    put_sample(places / "named" / layout, packed)
    assert len(load(allow_sample=True).images) == 200
    monkeypatch.delenv("KLDIV_DATA")
    assert len(load("test", root=places / "named", allow_sample=True).images) == 100


def test_incomplete_place_is_passed_over(places):
    (put_sample(places / "named") / f"{TEST_LABELS}.gz").unlink()
    put_sample(places / "checkout" / "data")
    assert load(allow_sample=True).source == "data/ of the checkout"


def test_root_is_the_only_place(places):
    put_sample(places / "checkout" / "data")
    with pytest.raises(DataNotFoundError) as caught:
        load(root=places / "nowhere", allow_sample=True)
    assert f"there is no folder {places / 'nowhere'}" in str(caught.value)
    assert "data/ of the checkout:" not in str(caught.value)


def test_nothing_anywhere_names_every_place_and_every_remedy(places, monkeypatch):
    (places / "named").mkdir()
    (put_sample(places / "checkout" / "data") / f"{TRAIN_LABELS}.gz").unlink()
    monkeypatch.setattr(
        _idx, "CHECKSUMS", {n: hashlib.sha256(sample_file(n)).hexdigest() for n in NAMES}
    )
    with pytest.raises(DataNotFoundError) as caught:
        load()
    message = str(caught.value)
    assert (
        f"1. $KLDIV_DATA ({places / 'named'}): {places / 'named'} lacks {TRAIN_IMAGES}" in message
    )
    assert (
        f"2. data/ of the checkout: {places / 'checkout' / 'data'} lacks {TRAIN_LABELS} ("
        in message
    )
    assert f"3. per-user cache: there is no folder {places / 'cache'}" in message
    assert f"4. download: Error downloading {TRAIN_IMAGES}.gz" in message
    for remedy in ("git restore data", "KLDIV_DATA=FOLDER", "a connection"):
        assert remedy in message
    assert isinstance(caught.value.__cause__, RuntimeError)
    monkeypatch.delenv("KLDIV_DATA")
    with pytest.raises(DataNotFoundError, match=r"1\. \$KLDIV_DATA: not set"):
        load()


# --- Files that are not what was published ------------------------------------------------------


def flip_a_byte(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("name", NAMES)
def test_truncated_archive_is_named_and_not_used(places, name):
    path = put_sample(places / "named") / f"{name}.gz"
    path.write_bytes(path.read_bytes()[:-20])
    # A broken file is reported even where another place would do.
    put_sample(places / "checkout" / "data")
    with pytest.raises(WrongDataError, match=f"{name}.gz is not used: it is truncated or corrupt"):
        load(allow_sample=True)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda archive: b"", "truncated"),
        (lambda archive: b"<html>not found</html>", "truncated or corrupt"),
        (flip_a_byte, "truncated or corrupt"),
        (lambda archive: gzip.compress(b""), "truncated to 0 bytes"),
    ],
    ids=["empty", "a web page", "a flipped byte", "of nothing"],
)
def test_broken_archive_is_named(places, damage, problem):
    path = put_sample(places / "named") / f"{TRAIN_IMAGES}.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(WrongDataError, match=f"{TRAIN_IMAGES}.gz is not used: .*{problem}"):
        load(allow_sample=True)


@pytest.mark.parametrize(
    ("name", "damage", "problem"),
    [
        (TRAIN_IMAGES, lambda content: content[:-1], "156,815 bytes where .* announces 156,816"),
        (TRAIN_LABELS, lambda content: content + b"\0", "209 bytes where .* announces 208"),
        (TEST_IMAGES, lambda content: b"\0\0\x08\x01" + content[4:], "header is not that of"),
        (TEST_IMAGES, lambda content: content[:7], "truncated to 7 bytes"),
        (TEST_LABELS, lambda content: content[:-1] + b"\x0a", "labels beyond 9"),
    ],
)
def test_file_of_the_wrong_form_is_named(places, name, damage, problem):
    path = put_sample(places / "named", packed=False) / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(WrongDataError, match=f"{name} is not used: .*{problem}"):
        load(allow_sample=True)


def test_one_flipped_bit_in_the_full_data_is_found(as_published):
    path = put_sample(as_published / "named", packed=False) / TRAIN_IMAGES
    path.write_bytes(flip_a_byte(path.read_bytes()))
    with pytest.raises(WrongDataError, match=f"{TRAIN_IMAGES} is not used: its content is corrupt"):
        load(allow_sample=True)


def test_broken_file_in_an_incomplete_folder_is_named(places):
    (places / "named").mkdir()
    (places / "named" / f"{TRAIN_IMAGES}.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(WrongDataError, match=f"{TRAIN_IMAGES}.gz is not used"):
        load()


def test_sample_is_used_only_where_allowed():
    with pytest.raises(WrongDataError, match="a sample, 200 of 60,000, .*allow_sample=True"):
        load(root=SAMPLE)


def test_images_and_labels_must_agree_in_number(places):
    path = put_sample(places / "named", packed=False) / TRAIN_LABELS
    path.write_bytes(b"\0\0\x08\x01\0\0\0\x64" + path.read_bytes()[8:108])
    with pytest.raises(WrongDataError, match="holds 200 images, but train-labels.* 100 labels"):
        load(allow_sample=True)


# --- The download -------------------------------------------------------------------------------


def test_download_shows_progress_and_is_kept(as_published, serve, capsys, monkeypatch):
    serve(send_all)
    train = load()
    assert train.source == "download" and train.is_full and len(train.images) == 200
    progress = capsys.readouterr().err
    assert "Downloading Fashion-MNIST" in progress and "100%" in progress
    assert load().source == "per-user cache"
    cache = as_published / "cache" / "fashion-mnist"
    assert sorted(path.name for path in cache.iterdir()) == sorted(f"{n}.gz" for n in NAMES)
    assert socket.getdefaulttimeout() is None


def test_download_is_used_where_it_cannot_be_kept(as_published, serve, capsys):
    serve(send_all)
    (as_published / "cache").write_text("in the way of the folder")
    assert len(load().images) == 200
    assert "could not be kept" in capsys.readouterr().err


def assert_nothing_is_left(places, monkeypatch, serve):
    """A later run trusts nothing from before: cut off it finds no data, connected it has them."""
    assert not list(places.glob("cache/**/*.gz"))
    assert socket.getdefaulttimeout() is None
    with monkeypatch.context() as cut_off:
        cut_off.setattr(datasets.FashionMNIST, "mirrors", [address_of_nobody()])
        with pytest.raises(DataNotFoundError):
            load()
    serve(send_all)
    assert load().source == "download" and load().is_full


def send_corrupt(request, content):
    send_all(request, flip_a_byte(content))


def send_then_stall(request, content):
    request.connection.settimeout(5)
    send_half(request, content)
    request.connection.recv(1)  # until the reader gives up


@pytest.mark.parametrize("send", [send_half, send_corrupt, send_then_stall])
def test_failed_download_leaves_nothing(as_published, serve, monkeypatch, send):
    monkeypatch.setattr(_download, "STALL_SECONDS", 0.3)
    serve(send)
    with pytest.raises(DataNotFoundError, match="4. download: ") as caught:
        load()
    assert caught.value.__cause__ is not None
    assert not list((as_published / "temporary").iterdir())
    assert_nothing_is_left(as_published, monkeypatch, serve)


# torchvision leaves the socket of a refused request to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_refused_download_is_reported(as_published, serve):
    serve(lambda request, content: request.send_error(404))
    with pytest.raises(DataNotFoundError, match="4. download: .*HTTP Error 404"):
        load()
    gc.collect()


def test_keyboard_interrupt_leaves_nothing(as_published, serve, monkeypatch):
    serve(send_all)
    copyfile, copied = shutil.copyfile, []

    def interrupted(source, goal):
        copied.append(goal)
        if len(copied) == 2:
            raise KeyboardInterrupt
        return copyfile(source, goal)

    def interrupted_early(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("torchvision.datasets.mnist.download_and_extract_archive", interrupted_early)
        with pytest.raises(KeyboardInterrupt):
            load()
    assert not list((as_published / "temporary").iterdir())
    assert not (as_published / "cache").exists()

    # Interrupted later, while files move into the cache, it leaves whole files or none, and a set
    # that lacks some is not used.
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load()
    cache = as_published / "cache" / "fashion-mnist"
    assert [path.name for path in cache.iterdir()] == [f"{TRAIN_IMAGES}.gz"]
    assert load().source == "download" and load().source == "per-user cache"


KILLED = """
import sys
from pathlib import Path
from kldiv import _idx, fashion_mnist
from kldiv._torchvision import datasets

mirror, cache, resources = sys.argv[1], Path(sys.argv[2]), eval(sys.argv[3])
datasets.FashionMNIST.mirrors = [mirror]
datasets.FashionMNIST.resources = resources
fashion_mnist._checkout_folder = lambda: cache / "nowhere"
fashion_mnist._cache_folder = lambda: cache
fashion_mnist.load()
"""


def test_killed_download_leaves_nothing_that_is_trusted(as_published, serve, monkeypatch):
    halfway, let_go = threading.Event(), threading.Event()

    def send_and_wait(request, content):
        if TEST_IMAGES not in request.path:
            return send_all(request, content)
        send_half(request, content)
        halfway.set()
        let_go.wait(30)

    mirror = serve(send_and_wait)
    cache = as_published / "cache" / "fashion-mnist"
    environment = {**os.environ, "TMPDIR": str(as_published / "temporary")}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, mirror, str(cache), repr(sample_resources())],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert halfway.wait(60)
    finally:
        process.kill()
        process.wait()
        let_go.set()
    assert list((as_published / "temporary").iterdir())  # it was in the middle of it
    assert_nothing_is_left(as_published, monkeypatch, serve)


def test_concurrent_downloads_do_not_break_each_other(as_published):
    cache = as_published / "cache" / "fashion-mnist"
    errors = []

    def keep_and_read():
        try:
            for _ in range(10):
                _download.keep(SAMPLE.glob("*.gz"), cache)
                _idx.read_folder(cache, allow_sample=False)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=keep_and_read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


# --- The fingerprint and the command line -------------------------------------------------------


def test_fingerprint_follows_the_content_not_the_place(places):
    published = fashion_mnist.fingerprint()  # nothing is found: what a download would bring
    put_sample(places / "checkout" / "data")
    sample = fashion_mnist.fingerprint()
    put_sample(places / "named", packed=False)
    assert fashion_mnist.fingerprint() == sample != published
    assert len(sample) == 64


def test_command_line_says_where_the_data_are(places, capsys):
    put_sample(places / "checkout" / "data")
    assert fashion_mnist.main(["--allow-sample"]) == 0
    output = capsys.readouterr().out
    assert f"passed over $KLDIV_DATA ({places / 'named'}): there is no folder" in output
    assert "Fashion-MNIST: data/ of the checkout, 200 + 100 images, a SAMPLE" in output


def test_command_line_fails_with_the_message(places, capsys):
    assert fashion_mnist.main([]) == 1
    assert "Fashion-MNIST was not found. Looked in:" in capsys.readouterr().err
    put_sample(places / "named")
    assert fashion_mnist.main([]) == 1
    assert "it is a sample" in capsys.readouterr().err


# --- torchvision --------------------------------------------------------------------------------


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_torchvision_is_imported_late():
    result = run_python("import sys, kldiv.fashion_mnist; sys.exit('torch' in sys.modules)")
    assert result.returncode == 0, result.stderr


def test_torchvision_is_left_alone_where_its_operators_exist():
    # Where the extension cannot be loaded, declare the operators in its stead.
    stand_in = (
        "import torch\n"
        "extension = torch.library.Library('torchvision', 'FRAGMENT')\n"
        "for name in ('nms', 'qnms'):\n"
        "    extension.define(name + '(Tensor a, Tensor b, float c) -> Tensor')\n"
    )
    result = run_python(
        (stand_in if _torchvision._declarations else "") + "import torchvision\n"
        "from kldiv import _torchvision\n"
        "assert _torchvision._declarations == []\n"
        "assert _torchvision.datasets is torchvision.datasets\n"
    )
    assert result.returncode == 0, result.stderr


def test_torchvision_works_after_a_failed_import_elsewhere():
    result = run_python(
        "import torch\n"
        "try:\n"
        "    import torchvision\n"
        "except RuntimeError:\n"
        "    pass\n"
        "from kldiv import _torchvision\n"
        "import torchvision.utils\n"
        "assert torchvision.utils.make_grid(torch.zeros(4, 1, 8, 8)).shape == (3, 12, 42)\n"
        "assert torchvision.transforms.ToTensor() and torchvision.datasets.FashionMNIST\n"
        "import kldiv._torchvision\n"
    )
    assert result.returncode == 0, result.stderr
