"""Checks of arguments. A bad one is a ``ValueError`` with one line: argument, value, what is allowed."""

import operator
import os

import numpy as np

# Maximum length of a value in a message; the type stands for longer ones.
MAX_LENGTH = 80


def invalid(field, value, allowed):
    """Return the ``ValueError`` for an argument."""
    try:
        text = str(value)
    except Exception:
        text = ""
    if text.isprintable() and 0 < len(text) <= MAX_LENGTH:
        return ValueError(f"{field} = {text}: must be {allowed}")
    return ValueError(f"{field} is of type {type(value).__name__}: must be {allowed}")


def check_count(field, value, least):
    """Return a whole number that is at least ``least``."""
    try:
        count = operator.index(value)
    except Exception:
        count = -1
    if isinstance(value, (bool, np.bool_)) or not least <= count < 2**53:
        raise invalid(field, value, f"a whole number, {least} or more")
    return count


def as_text(field, value, allowed):
    """Return a text."""
    if not isinstance(value, str):
        raise invalid(field, value, allowed)
    return str(value)


def as_path(field, value, allowed="a path"):
    """Return a path as text."""
    try:
        path = os.fsdecode(value)
    except Exception:
        path = ""
    # No operating system has a path with a null character.
    if isinstance(value, bytes) or not path or "\0" in path:
        raise invalid(field, value, allowed)
    return path


def reject_masked(values, name):
    """Reject a masked array: its mask would be lost."""
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} are a masked array: must be an array without a mask, such as values.filled(0)")


def write_text(path, text):
    """Write a file. A reader finds the old file or the whole new one."""
    if os.path.isdir(path):
        raise ValueError(f"path = {path}: is a folder; must be a file")
    partial = f"{path}.{os.getpid()}.partial"
    try:
        with open(partial, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(partial, path)
    except BaseException as error:
        if os.path.exists(partial):
            os.remove(partial)
        if isinstance(error, OSError):
            # The name of the temporary file is of no use.
            raise OSError(error.errno, error.strerror, path) from None
        raise
