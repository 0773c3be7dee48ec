"""The read path: the catalogue over HTTP."""
