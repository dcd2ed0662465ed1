"""What `--instances` and `--style` say of the images that are translated."""

from pix2pix_tf import editing, errors, ids, images, palettes, styles
from pix2pix_tf.datasets import folder_instances


class Choice:
    """Reads label maps, their instances and the styles that are wanted; of other runs than pix2pixHD's just images.

    Args:
        run: path of the run, for messages.
        translator: what translates.
        instances: path of a PNG of ids, or of a folder of such; None takes connected parts.
        wanted: texts, CLASS=NUMBER or ID=NUMBER.

    Raises:
        errors.InputError: if the run knows no instances, or no styles.
    """

    def __init__(self, run, translator, instances, wanted):
        self.editor = translator if isinstance(translator, editing.Editor) else None
        self.run, self.instances, self.wanted = run, instances, wanted
        if self.editor is None and instances is not None:
            raise errors.InputError(f"--instances {instances}: {run} has learned without instances; leave it out")
        if self.editor is None and wanted:
            raise errors.InputError(f"--style {wanted[0]}: {run} has learned without styles; leave it out")
        for text in wanted if self.editor and not self.editor.dimensions else ():
            styles.parse(text, None, ())
        if instances is not None and not instances.exists():
            raise errors.InputError(f"--instances {instances}: no such file or folder")

    def check_count(self, count):
        """Raise InputError if one file of instances is to serve several images, which have others."""
        if count > 1 and self.instances is not None and not self.instances.is_dir():
            raise errors.InputError(
                f"--instances {self.instances}: is one file, for {count} images; give a folder of one for each"
            )

    def read(self, path):
        """Return an image, uint8 (height, width, 3); label maps of ids in their colours, where the run learned such."""
        if self.editor is None:
            return images.read(path)
        if self.editor.planes.of_ids:
            return self._read_ids(path)
        image = images.read(path)
        if self.editor.planes.colours is not None:
            palettes.check_label_map(image, self.editor.planes.colours, path)
        return image

    def _read_ids(self, path):
        """Return a label map of ids in their colours; of a palette with other colours the indices are the ids."""
        image = None if ids.is_grey_file(path) else images.read(path)
        if image is None or (ids.has_palette(path) and None in self.editor.find_strange_ids(image)):
            image = ids.decode_classes(images.read_bytes(path), path)
        self._refuse_strange_ids(image, path)
        return image

    def _refuse_strange_ids(self, image, path):
        """Raise InputError if a label map, uint8 (height, width, 3), has classes that the run has not learned."""
        strange = self.editor.find_strange_ids(image)
        known = ids.of_colours(self.editor.planes.colours).tolist()
        expected = f"expected those that it has, {', '.join(errors.first([_name_id(one) for one in known], 40))}"
        if None in strange:
            raise errors.InputError(
                f"{path}: is no greyscale PNG or BMP of ids of classes, from which {self.run} has learned; {expected}"
            )
        if strange:
            named = ", ".join(errors.first([_name_id(one) for one in strange]))
            raise errors.InputError(
                f"{path}: has the class id{'s' * (len(strange) > 1)} {named}, not learned by {self.run}; {expected}"
            )

    def find_problems(self, path):
        """Return why an image cannot be translated with what was chosen, as a list of none or one."""
        try:
            self.choose(path)
        except errors.InputError as error:
            return [str(error)]
        return []

    def choose(self, path):
        """Return what the editor is told of an image beside it: "instances" and "styles", a dict."""
        if self.editor is None:
            return {}
        image = images.to_float(self.read(path))
        own = self._read_instances(path, image.shape)
        own = self.editor.find_instances(image[None])[0] if own is None else own
        chosen = {}
        for text in self.wanted:
            one = styles.parse(text, self.editor.names, own, path)
            key = one.instance if one.index is None else self.editor.names[one.index]
            if key in chosen:
                raise errors.InputError(f"--style {text}: another style is asked for the same; leave one of them out")
            try:
                self.editor.check_styles(image, own, {key: one.number})
            except errors.InputError as error:
                place = "" if one.instance is None else f"{path}: "  # which decides what an instance is
                raise errors.InputError(f"{place}--style {text}: {error}") from error
            chosen[key] = one.number
        return {"instances": own[None], **({"styles": chosen} if chosen else {})}

    def seed_of(self, seed, path):
        """Return the seed of an image: where styles are drawn, other images get others, by their names."""
        draws = self.editor is not None and self.editor.dimensions
        return editing.seed_of(seed, path.stem) if draws else seed

    def _read_instances(self, path, shape):
        """Return the instances of an image, int32 (height, width, 1), or None where none were given."""
        if self.instances is None:
            return None
        place = self.instances
        if place.is_dir():
            place = folder_instances.find_file(path, place)
        elif place.samefile(path):
            raise errors.InputError(f"--instances {place}: is the label map itself; give a PNG of its instances")
        own = images.read_ids(place)
        if own.shape[:2] != shape[:2]:
            sizes = [f"{side[1]}x{side[0]}" for side in (own.shape, shape)]
            raise errors.InputError(f"{place}: has {sizes[0]} pixels and {path} {sizes[1]}; make them the same size")
        return own


def _name_id(number):
    """Return how messages write the id of a class."""
    return f"{number} (unlabelled)" if number == ids.UNLABELLED else str(number)
