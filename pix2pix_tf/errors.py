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
