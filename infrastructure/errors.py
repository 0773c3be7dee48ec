"""Every error that Swath raises on purpose.

    SwathError
    ├── Transient            try again: the cause may pass (Prefect retries these)
    │   ├── Unreachable      a server or store did not answer
    │   └── Busy             somebody else holds the lock
    └── Permanent            trying again gives the same answer
        ├── Misconfigured    a setting or a collection file is wrong
        ├── Unreadable       a product cannot be understood; it goes to quarantine
        │   └── Private      an address leads into a private network, where it may not
        ├── Invalid          a document breaks its standard; it goes to quarantine
        ├── NotFound         no such collection, item, service ...
        └── Unavailable      the machine lacks a program or a right

The class says what to do about the error; its message is the sentence that the user reads.
Library errors are translated once, at the door of the module that calls the library.
"""


class SwathError(Exception):
    """Base of the tree; never raised itself."""


class Transient(SwathError):
    """Trying again may help."""


class Unreachable(Transient):
    """A server or store did not answer, or answered that it cannot just now."""


class Busy(Transient):
    """Another process holds the lock."""


class Permanent(SwathError):
    """Trying again gives the same answer."""


class Misconfigured(Permanent):
    """A setting or a collection file is wrong."""


class Unreadable(Permanent):
    """A product cannot be understood."""


class Private(Unreadable):
    """An address leads into a private network, where it may not."""


class Invalid(Permanent):
    """A document breaks its standard."""


class NotFound(Permanent):
    """No such collection, item, record or service."""


class Unavailable(Permanent):
    """The machine lacks a program or a right."""
