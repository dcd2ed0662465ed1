"""What is known of a user's files that have not changed: they were read and found good, and had these digests."""

import contextlib
import hashlib
import json
import os
import pathlib
import time

from pix2pix_tf.system import downloads, files

VERSION = 2  # to be raised when more is asked of a good file than before
SETTLED_SECONDS = 2  # a file that was changed so shortly before may change once more within its disk's grain of time


class Known:
    """The digests of the good files of one folder, kept in the data folder.

    A file counts as unchanged while its name, its size and the time of its last change are the same.
    """

    def __init__(self, folder, kind, data_dir=None):
        """Read what is kept.

        Args:
            folder: pathlib.Path of the set.
            kind: what the files were found good for, such as "pairs" or "images".
            data_dir: the data folder; None as in `downloads.data_folder`.
        """
        self.folder, self.kind = folder, kind
        name = hashlib.sha256(os.fsencode(folder.resolve()) + kind.encode()).hexdigest()[:32]
        self.path = pathlib.Path(downloads.data_folder(data_dir), "known_files", f"{name}.json")
        self.entries, self.changed = {}, False
        with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):  # not there or damaged: read anew
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            if kept["version"] == VERSION:
                self.entries = {str(key): (str(state), str(digests)) for key, (state, digests) in kept["files"].items()}

    def observe(self, example):
        """Return what tells whether the files of an example (`folder_layouts.Files`) have changed; None if unknown."""
        try:
            found = [os.stat(path) for path in example.paths]
        except OSError:
            return None
        if time.time() - max(one.st_mtime for one in found) < SETTLED_SECONDS:
            return None
        return " ".join(f"{one.st_size} {one.st_mtime_ns}" for one in found)

    def recall(self, example):
        """Return the digests of an example's files if they are known and the files unchanged, else None."""
        state, digests = self.entries.get(self._key(example), (None, None))
        return digests if state is not None and state == self.observe(example) else None

    def count_known(self, examples):
        """Count the examples of which something is known."""
        return sum(self._key(example) in self.entries for example in examples)

    def remember(self, example, state, digests):
        """Note the digests of an example's files, observed in a state before they were read."""
        if state is not None and state == self.observe(example):
            self.entries[self._key(example)] = (state, digests)
            self.changed = True

    def store(self):
        """Keep what is known, where the data folder can be written to."""
        if not self.changed:
            return
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with files.whole(self.path) as unfinished:
                kept = {"version": VERSION, "folder": str(self.folder), "files": self.entries}
                unfinished.write_text(json.dumps(kept), encoding="utf-8")

    def _key(self, example):
        """Return the names of an example's files, within the folder."""
        return "\n".join(str(path.relative_to(self.folder)) for path in example.paths)
