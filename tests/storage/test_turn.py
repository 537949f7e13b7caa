"""The writer's turn across processes: one at a time, whoever asks and by which way."""

import pytest
from filelock import FileLock, Timeout

from storage.turn import Turn


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "sanzhang.db.lock")


def test_a_turn_is_one_processs_at_a_time(path):
    with Turn(path).taken(1), pytest.raises(Timeout), Turn(path).taken(0.05):
        pass


def test_a_turn_is_free_again_when_its_work_has_failed(path):
    turn = Turn(path)
    with pytest.raises(ValueError, match="no"), turn.taken(1):
        raise ValueError("no")
    with turn.taken(0.05), pytest.raises(Timeout), turn.taken(0.05):
        pass


def test_who_locks_the_file_in_the_usual_way_is_waited_for(path):
    with (
        FileLock(path, is_singleton=False),
        pytest.raises(Timeout),
        Turn(path).taken(0.05),
    ):
        pass


def test_a_turn_holds_off_who_locks_the_file_in_the_usual_way(path):
    with Turn(path).taken(1), pytest.raises(Timeout):
        FileLock(path, is_singleton=False).acquire(timeout=0.05)
