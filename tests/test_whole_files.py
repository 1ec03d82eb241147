"""A file that is written is there whole or not at all."""

import os

import pytest

from kldiv._whole_files import written_whole


def test_a_file_and_its_folders_are_made(tmp_path):
    path = tmp_path / "new" / "folder" / "table.json"
    with written_whole(path) as unfinished:
        unfinished.write_text("all of it", "utf-8")
        assert not path.exists()
    assert path.read_text("utf-8") == "all of it"
    assert list(path.parent.iterdir()) == [path]


def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "table.json"
    path.write_text("old", "utf-8")
    with pytest.raises(ZeroDivisionError), written_whole(path) as unfinished:
        unfinished.write_text(f"n{1 / 0}", "utf-8")
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_no_worse(tmp_path, monkeypatch, step):
    def full(*_):
        raise OSError("no space left on device")

    path = tmp_path / "table.json"
    path.write_text("old", "utf-8")
    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="no space"), written_whole(path) as unfinished:
        unfinished.write_text("new", "utf-8")
    assert path.read_text("utf-8") == "old"
