"""The public sets as a TFDS builder: versions, splits and storage are TensorFlow Datasets'."""

import hashlib
import io
import pathlib

import tensorflow_datasets as tfds

from pix2pix_tf.datasets import archives, catalogue, folder_layouts
from pix2pix_tf.system import downloads


class Pix2pixPairs(tfds.core.GeneratorBasedBuilder):
    """Build a set from its archive; images are stored as they came, of pairs the two sides in one image."""

    VERSION = tfds.core.Version(catalogue.VERSION)
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name=name, description=catalogue.find(name).description) for name in catalogue.PUBLIC
    ]

    def __init__(self, *, archive=None, **arguments):
        """Choose the source.

        Args:
            archive: path of the archive; None for a set that is prepared already.
            **arguments: those of any TFDS builder.
        """
        self._archive = archive
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
        entry, path = catalogue.find(self.builder_config.name), pathlib.Path(self._archive)
        found = archives.scan(path, entry, archives.known_digests(entry.name))
        ordered = {part: sorted(found[part], key=folder_layouts.natural) for part in entry.parts if part in found}
        self.info.metadata.update(
            archive=downloads.digest_of(path),
            names={part: [_stem(member) for member in members] for part, members in ordered.items()},
            digests={part: _digest(found[part], members) for part, members in ordered.items()},
        )
        return {part: self._generate_examples(path, members) for part, members in ordered.items()}

    def _generate_examples(self, path, members):
        keys = {member: key for key, member in enumerate(members)}
        for member, content in archives.walk(path, path.name, lambda member: _plain(member) in keys):
            yield keys[_plain(member)], {"image": io.BytesIO(content), "name": _stem(member)}


def _plain(member):
    """Return a member's name as `archives.scan` notes it, such as without "./" in front."""
    return str(pathlib.PurePosixPath(member))


def _stem(member):
    """Return the name of an archive's image without folder and suffix."""
    return pathlib.PurePosixPath(member).stem


def _digest(digests, members):
    """Hash the digests of a split's images, in order."""
    lines = "".join(f"{digests[member]}  {member}\n" for member in members)
    return hashlib.sha256(lines.encode()).hexdigest()
