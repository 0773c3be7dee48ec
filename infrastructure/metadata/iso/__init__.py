"""The sections of an ISO record, each for the XML of 2003 (ISO/TS 19139) and of 2014 (19115-3).

Elements are named as in 2014; a `Dialect` writes them in the namespaces of either.
"""
