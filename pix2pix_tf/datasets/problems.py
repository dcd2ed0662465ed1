"""Reports of many problems at once: a user mends a folder in one go, not file by file."""

from pix2pix_tf import errors


def first(found, named=10):
    """Return the first items of a list of str, and one more that counts the rest if there is any."""
    rest = len(found) - named
    return found[:named] + ([f"and {rest} more"] if rest > 0 else [])


def raise_for(place, found, named=10):
    """Raise one error that lists what was found, if anything was.

    Args:
        place: The folder or archive in which it was found, the beginning of the message.
        found: List of str, one problem each, every one naming its file and what was expected.
        named: How many problems are written out; the rest is counted.

    Raises:
        InputError: If `found` is not empty; one line for one problem, a line more for each of several.
    """
    if not found:
        return
    if len(found) == 1:
        raise errors.InputError(f"{place}: {found[0]}")
    lines = [f"{place}: {len(found)} problems, mend or remove these files and start again"]
    lines += [f"  {problem}" for problem in found[:named]]
    if len(found) > named:
        lines.append(f"  ... and {len(found) - named} more")
    raise errors.InputError("\n".join(lines))
