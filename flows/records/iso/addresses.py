"""Addresses of a resource: transfer options, operations of services, pictures."""

from collections.abc import Iterator

from lxml import etree

from flows.records.elements import code, every, text
from flows.records.facts import Online

TRANSFERS = (
    "distributionInfo/*/transferOptions/*/onLine/*",
    "distributionInfo/*/distributor/*/distributorTransferOptions/*/onLine/*",
)
OPERATIONS = "identificationInfo/*/containsOperations/*"


def addresses(root: etree._Element) -> list[Online]:
    """Where the resource is, its services, and other forms of its record."""
    operations = (
        _online(point, text(operation, "operationName"))
        for operation in every(root, OPERATIONS)
        for point in every(operation, "connectPoint/*")
    )
    transfers = (_online(element) for element in every(root, *TRANSFERS))
    linkages = (_online(element) for element in every(root, "metadataLinkage/*"))
    return [*transfers, *operations, *linkages]


def pictures(root: etree._Element) -> Iterator[Online]:
    """Browse graphics."""
    for graphic in every(root, "identificationInfo/*/graphicOverview/*"):
        href = text(graphic, "fileName", "linkage/*/linkage")
        if href:
            yield Online(href, text(graphic, "fileDescription"), protocol=text(graphic, "fileType"))


def _online(element: etree._Element, operation: str | None = None) -> Online:
    return Online(
        href=text(element, "linkage") or "",
        title=text(element, "name"),
        description=text(element, "description"),
        protocol=text(element, "protocol"),
        function=code(element, "function"),
        operation=operation,
    )
