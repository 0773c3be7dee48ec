"""The elements that INSPIRE asks for, and where records of ISO have them.

Regulation (EC) No 1205/2008, annex, part B; Regulation (EU) No 1089/2010, article 13.
"""

PARTY = "organisationName"
OF = "identificationInfo"
RESULT = "dataQualityInfo/report/result"

INSPIRE = [
    ("1.1 Resource title", (f"{OF}/citation/title",)),
    ("1.2 Resource abstract", (f"{OF}/abstract",)),
    ("1.3 Resource type", ("hierarchyLevel", "metadataScope/resourceScope")),
    ("1.4 Resource locator", ("distributionInfo/transferOptions/onLine/linkage",)),
    ("1.5 Unique resource identifier", (f"{OF}/citation/identifier/code",
                                        f"{OF}/citation/identifier/codeSpace")),
    ("1.6 Coupled resource", (f"{OF}/operatesOn/@href", f"{OF}/operatesOn/@uuidref")),
    ("1.7 Resource language", (f"{OF}/language", f"{OF}/defaultLocale/language")),
    ("2.1 Topic category", (f"{OF}/topicCategory",)),
    ("2.2 Spatial data service type", (f"{OF}/serviceType",)),
    ("3.1 Keyword value", (f"{OF}/descriptiveKeywords/keyword",)),
    ("3.2 Originating controlled vocabulary", (f"{OF}/descriptiveKeywords/thesaurusName/title",
                                               f"{OF}/descriptiveKeywords/thesaurusName/date/date",
                                               f"{OF}/descriptiveKeywords/thesaurusName/date/dateType")),
    ("4.1 Geographic bounding box", tuple(f"{OF}/extent/geographicElement/{side}" for side in (
        "westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude"))),
    ("5.1 Temporal extent", (f"{OF}/extent/temporalElement/extent/beginPosition",
                             f"{OF}/extent/temporalElement/extent/endPosition")),
    ("5.2 to 5.4 Dates of publication, revision, creation", (f"{OF}/citation/date/date",
                                                             f"{OF}/citation/date/dateType")),
    ("6.1 Lineage", ("dataQualityInfo/lineage/statement", "resourceLineage/statement")),
    ("6.2 Spatial resolution", (f"{OF}/spatialResolution/equivalentScale/denominator",
                                f"{OF}/spatialResolution/distance")),
    ("7.1 Specification", (f"{RESULT}/specification/title", f"{RESULT}/specification/date/date",
                           f"{RESULT}/specification/date/dateType")),
    ("7.2 Degree", (f"{RESULT}/pass",)),
    ("8.1 Conditions applying to access and use", (f"{OF}/resourceConstraints/useConstraints",
                                                   f"{OF}/resourceConstraints/useLimitation")),
    ("8.2 Limitations on public access", (f"{OF}/resourceConstraints/accessConstraints",
                                          f"{OF}/resourceConstraints/otherConstraints",
                                          f"{OF}/resourceConstraints/otherConstraints/@href")),
    ("9.1 Responsible party", (f"{OF}/pointOfContact/{PARTY}", f"{OF}/pointOfContact/party/name",
                               f"{OF}/pointOfContact/contactInfo/address/electronicMailAddress")),
    ("9.2 Responsible party role", (f"{OF}/pointOfContact/role",)),
    ("10.1 Metadata point of contact", (f"contact/{PARTY}", "contact/party/name",
                                        "contact/contactInfo/address/electronicMailAddress")),
    ("10.2 Metadata date", ("dateStamp",)),
    ("10.3 Metadata language", ("language", "defaultLocale/language")),
    ("Coordinate reference system", ("referenceSystemInfo/referenceSystemIdentifier/code",
                                     "referenceSystemInfo/referenceSystemIdentifier/codeSpace")),
    ("Encoding", ("distributionInfo/distributionFormat/name",
                  "distributionInfo/distributionFormat/version")),
    ("Spatial representation type", (f"{OF}/spatialRepresentationType",)),
]  # fmt: skip
"""Element of INSPIRE, and where records have it."""
