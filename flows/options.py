"""Options of a collection file, held against the parameters of the plug-in that they are for."""

import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from infrastructure.errors import Misconfigured


def check(function: Callable[..., Any], given: int, options: dict[str, Any]) -> None:
    """Check that a plug-in takes its options, before it is called.

    Args:
        function: The plug-in's function.
        given: How many of its first parameters are no options.
        options: Name -> value, as YAML has it.

    Raises:
        Misconfigured: one is missing, unknown, or no value for its parameter.
    """
    try:
        inspect.signature(function).bind(*[None] * given, **options)
    except TypeError as error:
        raise Misconfigured(str(error)) from error
    hints = get_type_hints(function, include_extras=True)
    for name in options.keys() & hints.keys():
        try:
            TypeAdapter(hints[name]).validate_python(options[name], strict=True)
        except ValidationError as error:
            said = "; or ".join(fault["msg"] for fault in error.errors(include_url=False))
            raise Misconfigured(f"`{name}` is {options[name]!r}: {said}") from error
