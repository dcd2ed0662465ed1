"""The public sets as a TFDS builder: download, cache, versions, splits and storage are TensorFlow Datasets'."""

import hashlib
import io
import pathlib

import tensorflow_datasets as tfds

from pix2pix_tf import errors
from pix2pix_tf.datasets import archives, catalogue, folder_layouts
from pix2pix_tf.datasets import members as reading


class Pix2pixPairs(tfds.core.GeneratorBasedBuilder):
    """Build a set from its archive; images are stored as they came, of pairs the two sides in one image."""

    VERSION = tfds.core.Version(catalogue.VERSION)
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name=name, description=catalogue.find(name).description) for name in catalogue.PUBLIC
    ]

    def __init__(self, *, archive=None, mirror=None, **arguments):
        """Choose the source.

        Args:
            archive: Path of an archive on disk; None downloads it.
            mirror: See `archives.url`.
            **arguments: As of any TFDS builder.
        """
        self._archive, self._mirror = archive, mirror
        super().__init__(**arguments)

    def _info(self):
        entry = catalogue.find(self.builder_config.name)
        features = {"image": tfds.features.Image(shape=(None, None, 3)), "name": tfds.features.Text()}
        return tfds.core.DatasetInfo(
            builder=self,
            description=entry.description,
            features=tfds.features.FeaturesDict(features),
            homepage=entry.homepage,
            license=entry.licence,
            disable_shuffling=True,  # records lie in the order of their keys, and so of `names`
            metadata=tfds.core.MetadataDict(),
        )

    def _split_generators(self, dl_manager):
        name = self.builder_config.name
        path = pathlib.Path(self._archive or dl_manager.download(archives.url(name, self._mirror)))
        try:
            found = archives.scan(path, name, archives.known_digests(name))
        except errors.InputError:
            if not self._archive:  # or TFDS would take the same bad file from its cache the next time
                path.unlink(missing_ok=True)
                path.with_name(f"{path.name}.INFO").unlink(missing_ok=True)
            raise
        ordered = {
            split: sorted(found[split], key=folder_layouts.natural) for split in archives.parts(name) if split in found
        }
        self.info.metadata.update(
            archive=archives.file_digest(path),
            names={split: [_stem(member) for member in members] for split, members in ordered.items()},
            digests={split: _digest(found[split], members) for split, members in ordered.items()},
        )
        return {split: self._generate_examples(dl_manager, path, members) for split, members in ordered.items()}

    def _generate_examples(self, dl_manager, path, members):
        keys = {member: key for key, member in enumerate(members)}
        method = tfds.download.ExtractMethod.ZIP if reading.is_zip(path) else tfds.download.ExtractMethod.TAR_GZ
        archive = tfds.download.Resource(path=path, extract_method=method)
        for member, file in dl_manager.iter_archive(archive):
            if member in keys:
                yield keys[member], {"image": io.BytesIO(file.read()), "name": _stem(member)}


def _stem(member):
    """Return the name of an archive's image without folder and suffix."""
    return pathlib.PurePosixPath(member).stem


def _digest(digests, members):
    """Hash the digests of a split's images, in order."""
    lines = "".join(f"{digests[member]}  {member}\n" for member in members)
    return hashlib.sha256(lines.encode()).hexdigest()
