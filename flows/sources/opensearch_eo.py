"""OpenSearch for Earth observation: a description, and results in GeoJSON or Atom.

It speaks OpenSearch 1.1 with the extensions Geo and Time (OGC 10-032r8), EO (OGC 13-026r8) and
Parameter, as Resto (CREODIAS, Copernicus Data Space), FedEO and pycsw do.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flows.csw.namesakes import Namesakes
from flows.found import Found
from flows.scope import Scope
from flows.upstream.description import Template, template
from flows.upstream.listing import Listing

INCREMENTAL = True

CHANGES = ("eo:modificationDate", "dc:date", "resto:publishedAfter")
"""Parameters that ask for what changed, the most exact first."""


def search(  # noqa: PLR0913 - the options of a collection file
    scope: Scope,
    *,
    url: str,
    format: str | None = None,  # noqa: A002 - the word of those who write collection files
    parameters: dict[str, Any] | None = None,
    page: int = 100,
    counted: bool = True,
    longitude_first: bool = False,
) -> Iterator[Found]:
    """Search an OpenSearch server for products, until its last page.

    Place and time of the collection file's source, and what changed since the last harvest, are
    asked of the server where its description has parameters for them. A changed product is asked
    for by `eo:modificationDate`, else by Resto's `updated`, else by `resto:publishedAfter`, which
    finds what is new, but no changes; without any of them, every harvest is a full listing.
    The time is not asked of a Catalogue Service with OpenSearch in front (pycsw): it gives records
    that lie within it only. The harvest holds it against the records itself.

    Every property gets its value from where Earth-observation catalogues usually have it, unless
    the source's `mapping` says where; what STAC has no word for is kept in `swath:upstream`.

    Args:
        scope: What the harvest asks for.
        url: Address of the OpenSearch description (`describe.xml`, `description.xml`).
        format: Media type of the answers, such as `application/atom+xml`; the best that the server
            offers if left out.
        parameters: Further parameters of the search, by the server's own name (`productType`), or
            by that of the standard (`eo:productType`).
        page: Records per page, asked of the server.
        counted: Whether the number of records that the server tells is exact. Say `false` for one
            that estimates it.
        longitude_first: Whether the server writes the longitude first in GeoRSS and GML, where it
            should be second.

    Raises:
        Unreachable: the server does not answer, or breaks off.
        Unreadable: it answers what is no OpenSearch, its pages go in a circle, it does not say how
            to go on, or it lists fewer records than it says that it has.
        Misconfigured: it does not offer the format, or must be told a parameter.
    """
    description = scope.http.get(url)
    form = template(description.content, url, format)
    questions = {**_questions(scope, form), "count": min(page, form.most or page)}
    listing = Listing(scope, url, form, questions, parameters or {}, longitude_first)
    namesakes = Namesakes()
    yield from namesakes.apart(listing.records())
    if counted:
        listing.tally.check(url, namesakes.repeated)


def _questions(scope: Scope, form: Template) -> dict[str, Any]:
    """Values of the template's parameters, of what the harvest asks for."""
    names = form.names()
    values: dict[str, Any] = {}
    if scope.bbox and "geo:box" in names and scope.bbox[0] <= scope.bbox[2]:
        values["geo:box"] = ",".join(map(str, scope.bbox))
        scope.pushed.add("bbox")
    if scope.time and {"time:start", "time:end"} <= names and not form.is_csw:
        values["time:start"], values["time:end"] = (end and _utc(end) for end in scope.time)
        scope.pushed.add("time")
    return {**values, **_changes(scope, names)}


def _changes(scope: Scope, names: set[str]) -> dict[str, Any]:
    """What asks for products that changed; intervals as OGC 13-026r8, 7.2 has them."""
    asked = next((name for name in CHANGES if name in names), None)
    if scope.since is None or asked is None:
        return {}
    scope.pushed.add("since")
    since = _utc(scope.since)
    if asked != "eo:modificationDate":
        return {asked: since}
    if scope.until is None:
        return {asked: f"[{since}"}
    scope.pushed.add("until")
    return {asked: f"[{since},{_utc(scope.until)}["}


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
