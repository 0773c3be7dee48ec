"""Folders and buckets of products: listing them, and telling which files are one product."""
