"""The public sets as sources: prepared once through TFDS, then read at random from its records."""

import contextlib
import errno
import hashlib
import io
import shutil

import requests

from pix2pix_tf import errors, images
from pix2pix_tf.datasets import archives, catalogue, sources
from pix2pix_tf.system import downloads

UNFINISHED = "downloads/*/*.tmp.*"  # where TFDS leaves what it could not download to the end


def prepare(name, archive=None, data_dir=None, mirror=None, progress=False):
    """Make a public set ready for use: download or open its archive, check it and store it.

    Args:
        name: One of `catalogue.PUBLIC`.
        archive: Path of the archive; None takes `NAME.tar.gz`, or `NAME.zip` of a set of two domains, from `data_dir`
            if it lies there, else downloads it.
            A set that is prepared already is prepared anew if this is another archive than the one it came from.
        data_dir: Folder for downloads and prepared sets; None as in `downloads.data_folder`.
        mirror: See `archives.url`.
        progress: Whether TFDS shows its progress bars.

    Returns:
        The TFDS builder.

    Raises:
        InputError: If the archive cannot be had, or is not what it should be.
        RunError: If it cannot be stored.
    """
    import tensorflow_datasets as tfds

    folder = downloads.data_folder(data_dir)
    given = archive
    if archive is None and (folder / catalogue.archive(name)).exists():
        archive = folder / catalogue.archive(name)
    builder = _builder(name, folder, archive, mirror)
    prepared = builder.data_path.exists()
    if prepared and (given is None or archives.file_digest(given) == builder.info.metadata.get("archive")):
        return builder
    if archive is None:
        archives.probe(archives.url(name, mirror))
    mode = tfds.download.GenerateMode.REUSE_CACHE_IF_EXISTS
    config = tfds.download.DownloadConfig(download_mode=mode, try_download_gcs=False)
    with _quiet(progress), _plain_errors(name, folder, mirror):
        builder.download_and_prepare(download_dir=folder / "downloads", download_config=config)
    return _builder(name, folder, archive, mirror)


def source(name, split="train", archive=None, data_dir=None, mirror=None, progress=False):
    """Describe a split of a public set, which is prepared if need be; arguments as of `prepare`.

    Args:
        split: "train", "val" or "test".

    Returns:
        A `sources.Source`.

    Raises:
        InputError: If the set cannot be had, or has no such split.
    """
    if not catalogue.find(name).paired:
        raise errors.InputError(f"{name}: holds unpaired images, and pairs are needed; CycleGAN learns from those")
    builder = prepare(name, archive, data_dir, mirror, progress)
    return _part(builder, name, split, split, images.halves)


def domains(name, split="train", archive=None, data_dir=None, mirror=None, progress=False):
    """Describe a split of a public set of two domains, which is prepared if need be; arguments as of `prepare`.

    Args:
        split: "train", "val" or "test".

    Returns:
        A `sources.Domains`.

    Raises:
        InputError: If the set cannot be had, or has no such split.
    """
    builder = prepare(name, archive, data_dir, mirror, progress)
    a, b = (_part(builder, name, split, f"{split}{side}", lambda image, _: (image,)) for side in "AB")
    digest = hashlib.sha256(f"{a.verify(None)} {b.verify(None)}\n".encode()).hexdigest()
    return sources.Domains(name, split, counts(builder), a, b, lambda *keeps: digest)


def counts(builder):
    """Return the number of pairs of every split of a prepared set, or of images of its two domains."""
    found = {part: len(names) for part, names in builder.info.metadata["names"].items()}
    splits = dict.fromkeys(part.rstrip("AB") for part in found)
    return {split: found[split] if split in found else (found[f"{split}A"], found[f"{split}B"]) for split in splits}


def _part(builder, name, split, part, cut):
    """Describe a part of a prepared set, a split or one domain of it; `cut` makes sides of a decoded image."""
    import tensorflow_datasets as tfds

    names, digests = builder.info.metadata["names"], builder.info.metadata["digests"]
    if part not in names:
        raise errors.InputError(f"{name}: its archive had no split {split!r}, only {', '.join(counts(builder))}")
    data = builder.as_data_source(part, decoders={"image": tfds.decode.SkipDecoding()})
    entry = catalogue.find(name)

    def read(index, size):
        member = f"{name}/{part}/{names[part][index]}"
        return cut(images.decode(data[index]["image"], member), member)

    return sources.Source(
        name=name,
        split=split,
        names=names[part],
        counts={key: len(value) for key, value in names.items() if key.endswith(part.removeprefix(split))},
        direction=entry.direction,
        label_sides=entry.label_sides if entry.paired else (False,),
        read=read,
        verify=lambda keep: digests[part],  # the content was checked when it was stored
    )


def _builder(name, folder, archive, mirror):
    from pix2pix_tf.datasets import builder

    random_access = "array_record"
    return builder.Pix2pixPairs(data_dir=folder, config=name, archive=archive, mirror=mirror, file_format=random_access)


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


@contextlib.contextmanager
def _plain_errors(name, folder, mirror):
    """Turn what can go wrong while TFDS downloads and stores into one line each."""
    import tensorflow_datasets as tfds

    unfinished = set(folder.glob(UNFINISHED))
    try:
        yield
    except (errors.InputError, errors.RunError):
        raise
    except requests.RequestException as error:
        raise archives.unreachable(archives.url(name, mirror), error) from error
    except tfds.download.DownloadError as error:
        raise errors.InputError(f"{archives.url(name, mirror)}: {error} {archives.advice()}") from error
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise errors.InputError(
                f"{folder}: cannot be written to ({error.strerror}); choose another data folder"
            ) from error
        raise errors.RunError(
            f"{folder}: {name} could not be stored ({error.strerror or error}); check the free space"
        ) from error
    finally:
        for path in set(folder.glob(UNFINISHED)) - unfinished:
            shutil.rmtree(path, ignore_errors=True)
