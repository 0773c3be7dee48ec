"""Metadata records in XML: what their standards have in common, and how they become items.

The readers of flows/readers take a record apart with one path per fact, by the names of elements
without their namespaces: so one reader knows ISO 19139, its profiles, 19115-2 and 19115-3, whose
names are the same. OWSLib's parsers are not used: of several extents, dates and contacts they keep
one, and the acquisition, the Swiss profile and records without a time period they do not read.
"""

from flows.records.standards import known, standard

__all__ = ["known", "standard"]
