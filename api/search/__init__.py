"""Searches of items: what is asked, in which order, of which collections, and how many match.

A search becomes one statement over pgstac's own table, planned anew for its values
(docs/decisions/0016-searches-are-planned-here.md).
"""
