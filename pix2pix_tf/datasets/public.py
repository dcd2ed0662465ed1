"""The public sets as sources: prepared once through TFDS, then read at random from its records."""

import contextlib
import dataclasses
import functools
import hashlib
import io
import pathlib

import numpy as np

from pix2pix_tf import errors, images, streets
from pix2pix_tf.datasets import components, source
from pix2pix_tf.datasets import void as wedges
from pix2pix_tf.system import addresses, downloads, files, locks

ADVICE = "try again, set PIX2PIX_TF_MIRROR to another server, or fetch the archive elsewhere and give --archive FILE"


def prepare(entry, archive=None, data_dir=None, mirror=None, progress=False):
    """Make a public set ready for use: download or open its archive, check it and store it.

    Args:
        entry: its `catalogue.Entry`.
        archive: path of the archive; None takes the one that lies in `data_dir`, else downloads it. A set that is
            prepared already is prepared anew if this is another archive than the one it came from. An archive of one's
            own need not have the published digest, as a smaller one has not: every image of it is checked.
        data_dir: folder for downloads and prepared sets; None as in `downloads.data_folder`.
        mirror: as of `downloads.fetch`.
        progress: whether to show progress bars.

    Returns:
        The TFDS builder.

    Raises:
        errors.InputError: if the archive cannot be had, or is not what it should be.
        errors.RunError: if it cannot be stored.
    """
    folder = downloads.data_folder(data_dir)
    beside = folder / entry.archive
    chosen = archive or (beside if beside.exists() else None)
    builder = _open_builder(entry, folder, chosen)
    if builder.data_path.exists() and (archive is None or _is_made_of(builder, archive)):
        return builder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locks.alone(folder / f".{entry.name}.lock"):
            builder = _open_builder(entry, folder, chosen)  # another process may have prepared it meanwhile
            if not builder.data_path.exists() or (archive is not None and not _is_made_of(builder, archive)):
                _make(entry, folder, chosen, mirror, progress)
    except OSError as error:
        raise files.explain_unwritable(folder, error) from error
    return _open_builder(entry, folder, chosen)


def _make(entry, folder, chosen, mirror, progress):
    """Store a set from its archive: the chosen one, else a download, fetched anew if one from before is damaged."""
    if chosen is not None:
        _store(entry, folder, pathlib.Path(chosen), progress)
        return
    address, digest = addresses.ARCHIVES[entry.name]
    target = folder / "downloads"
    was_there = (target / address.rpartition("/")[2]).exists()
    path = downloads.fetch(address, digest, None, target, progress, mirror, ADVICE)
    try:
        _store(entry, folder, path, progress)
    except errors.InputError:
        path.unlink(missing_ok=True)  # or the same bad file would be taken the next time
        if not was_there:
            raise
        _store(entry, folder, downloads.fetch(address, digest, None, target, progress, mirror, ADVICE), progress)


def _store(entry, folder, archive, progress):
    """Make the records of a set from an archive on disk."""
    import tensorflow_datasets as tfds

    mode = tfds.download.GenerateMode.REUSE_CACHE_IF_EXISTS
    config = tfds.download.DownloadConfig(download_mode=mode, try_download_gcs=False)
    with _quiet(progress):
        _open_builder(entry, folder, archive).download_and_prepare(
            download_dir=folder / "downloads", download_config=config
        )


def describe_pairs(
    entry, split="train", archive=None, data_dir=None, mirror=None, progress=False, void=False, instances=False
):
    """Describe a split of a public set of pairs, which is prepared if need be; other arguments as of `prepare`.

    Args:
        split: "train", "val" or "test".
        void: whether a mask of the wedges in its photos is wanted, a third side, where the set has such.
        instances: whether the connected parts of its label maps are wanted, the last side; for sets of which the
            colours of the classes are known.

    Returns:
        A `source.Source`.

    Raises:
        errors.InputError: if the set cannot be had, or has no such split.
    """
    if not entry.paired:
        raise errors.InputError(
            f"{entry.name}: holds unpaired images, and pairs are needed; CycleGAN learns from those"
        )
    builder = prepare(entry, archive, data_dir, mirror, progress)
    sides, cut = (), images.halves
    if void and entry.has_wedges:
        sides, cut = (source.VOID,), _cut_with_void
    instances = instances and entry.name in streets.LABELLED
    if instances:
        sides, cut = (*sides, source.INSTANCES), functools.partial(_cut_with_instances, cut)
    described = _describe_part(builder, entry, split, split, cut)
    return dataclasses.replace(described, sides=(*described.sides, *sides), has_components=instances)


def describe_domains(entry, split="train", archive=None, data_dir=None, mirror=None, progress=False):
    """Describe a split of a public set of two domains, which is prepared if need be; other arguments as of `prepare`.

    Args:
        split: "train", "val" or "test".

    Returns:
        A `source.Domains`.

    Raises:
        errors.InputError: if the set cannot be had, or has no such split.
    """
    builder = prepare(entry, archive, data_dir, mirror, progress)
    a, b = (_describe_part(builder, entry, split, f"{split}{side}", lambda image, _: (image,)) for side in "AB")
    digest = hashlib.sha256(f"{a.verify(None)} {b.verify(None)}\n".encode()).hexdigest()
    return source.Domains(entry.name, split, counts(builder), a, b, lambda *keeps: digest)


def counts(builder):
    """Return the number of pairs of every split of a prepared set, or of images of its two domains."""
    found = {part: len(names) for part, names in builder.info.metadata["names"].items()}
    splits = dict.fromkeys(part.rstrip("AB") for part in found)
    return {split: found[split] if split in found else (found[f"{split}A"], found[f"{split}B"]) for split in splits}


def _cut_with_void(image, name):
    """Cut a side-by-side pair in two, and find the void of A, the photo: its wedges are 1 in a third side."""
    a, b = images.halves(image, name)
    return a, b, wedges.find_void(a).astype(np.uint8)[..., None]


def _cut_with_instances(cut, image, name):
    """Cut a side-by-side pair as `cut` does, and number the parts of B, the labels, in a further side."""
    a, b, *others = cut(image, name)
    known = np.array([colour for _, colour in streets.LABELS], np.uint8)
    return a, b, *others, components.find_components(b, known)


def _describe_part(builder, entry, split, part, cut):
    """Describe a part of a prepared set, a split or one domain of it; `cut` makes sides of a decoded image."""
    import tensorflow_datasets as tfds

    names, digests = builder.info.metadata["names"], builder.info.metadata["digests"]
    if part not in names:
        raise errors.InputError(f"{entry.name}: its archive had no split {split!r}, only {', '.join(counts(builder))}")
    data = builder.as_data_source(part, decoders={"image": tfds.decode.SkipDecoding()})

    def read(index, size):
        member = f"{entry.name}/{part}/{names[part][index]}"
        try:
            return cut(images.decode(data[index]["image"], member), member)
        except errors.InputError:
            raise
        except Exception as error:  # of many types, of a damaged file of records
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise errors.InputError(
                f"{builder.data_path}: is damaged ({reason}); remove the folder, and the set is prepared anew"
            ) from error

    return source.Source(
        name=entry.name,
        split=split,
        names=names[part],
        counts={key: len(value) for key, value in names.items() if key.endswith(part.removeprefix(split))},
        direction=entry.direction,
        sides=source.name_sides(entry.label_sides if entry.paired else [False]),
        read=read,
        verify=lambda keep: digests[part],  # the content was checked when it was stored
    )


def _open_builder(entry, folder, archive):
    """Return the TFDS builder of a set, prepared or not."""
    from pix2pix_tf.datasets import builder

    random_access = "array_record"
    return builder.Pix2pixPairs(data_dir=folder, config=entry.name, archive=archive, file_format=random_access)


def _is_made_of(builder, archive):
    """Tell whether a prepared set comes from an archive, which may not exist."""
    try:
        return downloads.digest_of(archive) == builder.info.metadata.get("archive")
    except OSError:
        return False


@contextlib.contextmanager
def _quiet(progress):
    """Keep TFDS from printing, apart from its progress bars where they are wanted."""
    import tensorflow_datasets as tfds

    with contextlib.redirect_stdout(io.StringIO()):
        if not progress:
            tfds.disable_progress_bar()
        try:
            yield
        finally:
            tfds.enable_progress_bar()
