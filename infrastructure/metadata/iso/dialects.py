"""The three ISO standards of metadata in XML that records are written in."""

from infrastructure.metadata.iso.tree import Dialect

_2005 = "http://www.isotc211.org/2005"
_2014 = "http://standards.iso.org/iso/19115/-3"

XLINK = {"xlink": "http://www.w3.org/1999/xlink"}
XSI = {"xsi": "http://www.w3.org/2001/XMLSchema-instance"}

PREFIXES_2014 = {
    "mdb": f"{_2014}/mdb/2.0", "cit": f"{_2014}/cit/2.0", "gcx": f"{_2014}/gcx/1.0",
    "gex": f"{_2014}/gex/1.0", "lan": f"{_2014}/lan/1.0", "mac": f"{_2014}/mac/2.0",
    "mcc": f"{_2014}/mcc/1.0", "mco": f"{_2014}/mco/1.0", "mmi": f"{_2014}/mmi/1.0",
    "mrc": f"{_2014}/mrc/2.0", "mrd": f"{_2014}/mrd/1.0", "mri": f"{_2014}/mri/1.0",
    "mrl": f"{_2014}/mrl/2.0", "mrs": f"{_2014}/mrs/1.0", "srv": f"{_2014}/srv/2.0",
    "gco": f"{_2014}/gco/1.0", "mdq": "http://standards.iso.org/iso/19157/-2/mdq/1.0",
    "gml": "http://www.opengis.net/gml/3.2",
}  # fmt: skip


def _of_2003(gml: str, **more: str) -> tuple[dict[str, str], dict[str, str]]:
    """Namespaces of 2003 by the prefixes of 2014, and by their own."""
    own = {
        "gmd": f"{_2005}/gmd", "gco": f"{_2005}/gco", "gmx": f"{_2005}/gmx", "gml": gml,
        "srv": f"{_2005}/srv", **more, **XLINK, **XSI,
    }  # fmt: skip
    others = {"gcx": own["gmx"], "mac": more.get("gmi", own["gmd"])}
    return {**dict.fromkeys(PREFIXES_2014, own["gmd"]), **own, **others}, own


_SPACES_19139, _PREFIXES_19139 = _of_2003("http://www.opengis.net/gml")
_SPACES_2, _PREFIXES_2 = _of_2003("http://www.opengis.net/gml/3.2", gmi=f"{_2005}/gmi")

ISO_19139 = Dialect(
    "mdb:MD_Metadata", _SPACES_19139, _PREFIXES_19139, has_acquisition=False,
    title="ISO 19115:2003 - Geographic information - Metadata",
)  # fmt: skip
"""ISO 19115:2003 as XML of ISO/TS 19139 (schemas of 2006-05-04, GML 3.2.0)."""

ISO_19115_2 = Dialect(
    "mac:MI_Metadata", _SPACES_2, _PREFIXES_2,
    title="ISO 19115-2:2009 - Geographic information - Metadata - Part 2",
)  # fmt: skip
"""ISO 19115-2:2009 as XML of ISO/TS 19139-2 (schemas of 2007-04-17, GML 3.2.1)."""

ISO_19115_3 = Dialect(
    "mdb:MD_Metadata", {**PREFIXES_2014, **XLINK, **XSI}, {**PREFIXES_2014, **XLINK, **XSI},
    is_2014=True, title="ISO 19115-3",
)  # fmt: skip
"""ISO 19115-1:2014 as XML of ISO/TS 19115-3:2016 (mdb 2.0)."""
