"""What the engine knows of an attempt."""

from __future__ import annotations

import threading

from assay.engine.executors.process import attempt


def test_engines_in_different_threads_do_not_receive_into_the_same_memory():
    rooms = [attempt._BUFFER.room]
    thread = threading.Thread(target=lambda: rooms.append(attempt._BUFFER.room))
    thread.start()
    thread.join()
    assert rooms[0] is not rooms[1]
    assert attempt._BUFFER.room is rooms[0]
