"""Product packages, one family each.

A reader is a module with two functions:

    recognises(found: Found) -> bool
    read(found: Found, **options) -> pystac.Item

A reader of documents may have a third, `document(found, **options) -> dict`: the same item as
`read`, without the cost of making it an object. It is used where no enrichment step follows.

`recognises` looks at names only and is quick; `read` makes a STAC 1.1 Item whose assets are the
source's own files, and raises Unreadable, with file and reason, rather than guess. The options are
those of the collection file's `reader_options`.
"""
