"""Integrity: what a product's own manifest says of its files, held against the files."""
