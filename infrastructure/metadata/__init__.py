"""STAC Items and Collections as metadata records of other standards: one module per schema.

Each schema is a module with `MEDIA_TYPE`, `TITLE` and `SCHEMA`, an output schema of pygeometa; what
it writes is made of the Metadata Control File that `mcf` makes of the documents. Records say what
the documents say and nothing of the moment they are made: the same documents give the same bytes.
"""
