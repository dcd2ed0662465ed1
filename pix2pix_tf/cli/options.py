"""The options of the methods on the command line: made from the registry's rows, shown method by method."""

import functools
import inspect
import math
from typing import Annotated, Literal

import typer

from pix2pix_tf import errors, registry
from pix2pix_tf.datasets import catalogue


class GroupedCommand(typer.core.TyperCommand):
    """A command whose help has a section for each group of options."""

    def format_options(self, ctx, formatter):
        """Write the options group by group, those of no group first."""
        groups = {}
        for parameter in self.get_params(ctx):
            row = parameter.get_help_record(ctx)
            if row:
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or "Options", []).append(row)
        for title, rows in groups.items():
            with formatter.section(title):
                formatter.write_dl(rows)


def with_options(command):
    """Give a command the options of all methods; it finds their values in `context.params`.

    Args:
        command: function whose first argument is a `typer.Context`.

    Returns:
        The same function with more options in its signature.
    """
    own = inspect.signature(command).parameters

    @functools.wraps(command)
    def extended(**values):
        return command(**{name: value for name, value in values.items() if name in own})

    added = [_parameter(name, rows) for name, rows in _by_name().items()]
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own.values()]
    extended.__signature__ = inspect.Signature([*parameters, *added])
    extended.__annotations__ = {parameter.name: parameter.annotation for parameter in (*parameters, *added)}
    return extended


def describe_data():
    """Say what each method learns from where nothing is given: "synthetic; for cyclegan day2night"."""
    return _join({method: row.data for method, row in registry.METHODS.items()})


def describe_recipe():
    """Say which recipe each method takes where none is given."""
    return _join({method: row.recipe for method, row in registry.METHODS.items()})


def describe_batch_size():
    """Say how large a batch each method takes where nothing is given."""
    return _join({method: str(row.batch_size) for method, row in registry.METHODS.items()})


def describe_small(name):
    """Say what a size or width is where nothing is given: "128 for synthetic, 64 for day2night, 256 for others"."""
    sets, papers = {}, {}
    for method, row in registry.METHODS.items():
        if name in row.small:
            sets.setdefault(row.small[name], []).append(row.data)
            papers[method] = f"{row.sizes(False, row.recipe)[name]} for others"
    small = [f"{value} for {' and '.join(dict.fromkeys(data))}" for value, data in sets.items()]
    return ", ".join([*small, _join(papers)])


def find_foreign(method, is_paired, given):
    """Return which of the options that were given are not the method's.

    Args:
        method: its name.
        is_paired: whether it learns from pairs, and so has a direction.
        given: names of options.
    """
    row = registry.METHODS[method]
    own = {option.name for option in row.options} | ({"direction"} if is_paired else set())
    others = {"direction", *row.lacks, *_by_name()} - own
    return [name for name in given if name in others]


def find_keywords(method):
    """Return the names of the options that are keywords of a method's model, a set."""
    row = registry.METHODS[method]
    return {option.name for option in row.options} | {"image_size", "filters", "precision", "seed"} - set(row.lacks)


def find_wrong_word(method, given):
    """Return which of the options that were given, a dict, has a word that other methods have alone, or None."""
    for option in registry.METHODS[method].options:
        value = given.get(option.name, "")
        if option.name in given and isinstance(option.kind, tuple) and (value or "none") not in option.kind:
            return option
    return None


def complete(method, options):
    """Return the options with a value for each that was not given; for drawn sets, small networks.

    Args:
        method: its name.
        options: dict of those that have a value.

    Raises:
        errors.InputError: for a number that is not finite, with which nothing can be learned.
    """
    for name, value in options.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise errors.InputError(f"--{name.replace('_', '-')} is {value}; expected a finite number")
    row = registry.METHODS[method]
    data = row.data_of_task.get(options.get("task"), row.data)
    options = {"data": data, "recipe": row.recipe, "batch_size": row.batch_size, **options}
    options = {**row.sizes(options["data"] in catalogue.DRAWN, options["recipe"]), **options}
    defaults = {option.name: option.default for option in row.options if option.default is not None}
    improved = row.improve(options) if options["recipe"] == "improved" else {}
    return {**defaults, **improved, **row.derive(options), **options}


def select_keywords(model_class, options):
    """Return those of the completed options that the class of a model takes."""
    known = inspect.signature(model_class).parameters
    return {name: value for name, value in options.items() if name in known}


def _by_name():
    """Return the methods' options by name: dict of name to dict of method to `registry.Option`."""
    found = {}
    for method, row in registry.METHODS.items():
        for option in row.options:
            found.setdefault(option.name, {})[method] = option
    return found


def _parameter(name, options):
    """Return an option as a parameter of a command's signature, None where it is not given."""
    first = next(iter(options.values()))
    if all(isinstance(option.kind, tuple) for option in options.values()):  # what is no word of a method it refuses
        kind = Literal[tuple(dict.fromkeys(word for option in options.values() for word in option.kind))]
    elif any((option.kind, option.least) != (first.kind, first.least) for option in options.values()):
        raise errors.InputError(f"the methods {', '.join(options)} differ in what {name} may be; expected one kind")
    else:
        kind = first.kind
    shown = _join({method: option.shown or format(option.default) for method, option in options.items()})
    extra = typer.Option(
        help=first.help, min=first.least, show_default=shown, rich_help_panel=f"Options of {' and '.join(options)}"
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, extra]
    )


def _join(texts):
    """Return texts by method as one: the first, and those that differ from it with their method."""
    first, *others = texts.items()
    return "; ".join([first[1], *(f"for {method} {text}" for method, text in others if text != first[1])])
