"""Upstreams, one protocol each.

A source is a module with one function:

    search(scope: Scope, **options) -> Iterator[Found]

It streams what the upstream has of what `scope` asks for (see flows/scope.py); the options are
the keys of the collection file's `source` that are its own. It adds to `scope.pushed` what the
upstream itself applies, before it yields anything. A module that can ask an upstream for what
changed since a moment says `INCREMENTAL = True`; every other search is a full sweep.

It reads by `scope.http` (or by a library that gets its credentials), follows pages to the last
one, and never ends early without an error: Unreachable when the upstream does not answer, or
breaks off; Unreadable when it answers what its protocol does not say, such as pages in a circle.
A single record that is broken is a `Found` with an `error`, and the others go on.
"""
