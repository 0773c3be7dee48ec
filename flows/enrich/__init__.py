"""Enrichment, one step each.

A step is a module with one function:

    enrich(item: pystac.Item, shelf: Shelf, **options) -> pystac.Item

It completes the item and may put files on the item's shelf in the store. Running it twice equals
running it once. The options are those of the collection file's `enrich`. It raises Unreadable, with
file and reason, when a product turns out to be damaged.
"""
