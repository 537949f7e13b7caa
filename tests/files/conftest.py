"""A file as somebody has left it."""

import pytest


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes as a file and gives its path."""

    def _write(content, name="x.yaml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write
