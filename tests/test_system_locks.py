"""A lock holds against threads and processes, and a killed process leaves it open."""

import signal
import subprocess
import sys
import threading

import pytest

from pix2pix_tf import errors
from pix2pix_tf.system import locks

HOLD = """
import sys, time
from pix2pix_tf.system import locks
held = locks.take(sys.argv[1], "x")
print("taken", flush=True)
time.sleep(60)
"""


def test_one_at_a_time(tmp_path):
    inside, most = [], []

    def work():
        with locks.alone(tmp_path / "lock"):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_a_taken_lock_is_refused_until_it_is_released(tmp_path):
    held = locks.take(tmp_path / "lock", "in use")
    with pytest.raises(errors.InputError, match="in use"):
        locks.take(tmp_path / "lock", "in use")
    held.release()
    locks.take(tmp_path / "lock", "in use").release()


def test_a_killed_process_leaves_the_lock_open(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "lock"], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "taken\n"
    with pytest.raises(errors.InputError, match="in use"):
        locks.take(tmp_path / "lock", "in use")
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    locks.take(tmp_path / "lock", "in use").release()


def test_a_disk_that_knows_no_locks_is_used_without(tmp_path, monkeypatch):
    def unknown(*arguments, **options):
        raise NotImplementedError

    monkeypatch.setattr("filelock.FileLock.acquire", unknown)
    assert locks.take(tmp_path / "lock", "in use") is None
    with locks.alone(tmp_path / "lock"):
        pass
