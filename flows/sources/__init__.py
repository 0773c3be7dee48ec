"""Upstreams, one protocol each.

A source is a module with one function:

    search(since: datetime | None, *, base: Path, **options) -> Iterator[Found]

It streams what the upstream has, all of it, or all that changed after `since` when the upstream
can tell. `base` is the folder of the collection file, for relative addresses; the options are the
other keys of the collection file's `source`. It raises Unreachable when the upstream does not
answer, and never ends early without an error.
"""
