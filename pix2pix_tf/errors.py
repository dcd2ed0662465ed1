"""The ways in which a command ends badly: what it was given is wrong, or it failed on its way."""


class InputError(ValueError):
    """Report something a user gave that cannot be used.

    The message is one line (a list of bad files may add lines): what was given, what was expected, what to do.
    The command line prints it and exits with status 2.
    """


class RunError(RuntimeError):
    """Report a failure of a run that had started well, such as a full disk or a loss that is not finite.

    The message is one line: what happened, at which step, and from where to go on.
    The command line prints it and exits with status 1.
    """


class DamageWarning(UserWarning):
    """Report something that was found damaged and could be replaced, such as a run's newest checkpoint."""


class NoteWarning(UserWarning):
    """Report something that goes on otherwise than may have been meant, such as a colour profile that is dropped.

    The command line prints it as a line and goes on.
    """


def readable(text):
    """Return text that can be printed and drawn on a line: bytes that are no UTF-8 as \\xNN, line ends as \\n."""
    text = str(text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def first(found, named=10):
    """Return the first items of a list of str, and one more that counts the rest if there is any."""
    rest = len(found) - named
    return found[:named] + ([f"and {rest} more"] if rest > 0 else [])


def raise_for(place, found, named=10):
    """Raise one error that lists what was found, if anything was.

    Args:
        place: the folder or archive in which it was found, the beginning of the message.
        found: list of str, one problem each, every one naming its file and what was expected.
        named: how many problems are written out; the rest is counted.

    Raises:
        errors.InputError: if `found` is not empty; one line for one problem, a line more for each of several.
    """
    if not found:
        return
    if len(found) == 1:
        raise InputError(f"{place}: {found[0]}")
    lines = [f"{place}: {len(found)} problems, mend or remove these files and start again"]
    lines += [f"  {problem}" for problem in found[:named]]
    if len(found) > named:
        lines.append(f"  ... and {len(found) - named} more")
    raise InputError("\n".join(lines))
