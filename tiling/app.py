"""The tile service: `granian --interface wsgi --factory tiling.app:create_app`.

/                                  the collections that have a map, as JSON
/health                            what works, as JSON
/{collection}                      its addresses, as JSON
/{collection}/service              WMS 1.1.1 and 1.3.0, WMTS 1.0 by key and value
/{collection}/wmts/...             WMTS 1.0, RESTful
"""

from dataclasses import replace
from typing import Any

from mapproxy.request import Request

from infrastructure.errors import Misconfigured, NotFound, Transient
from infrastructure.settings import TilesSettings
from tiling.answer import PREFLIGHT, Answer, Environ, StartResponse, call
from tiling.capabilities import timed
from tiling.faults import Fault, Parameters, by_key, canonical, exception, fault, is_wms, parameters
from tiling.maps import Maps
from tiling.process import process_catalogue
from tiling.source import FAILED, Opener
from tiling.times import Moment, moment

CAPABILITIES = ("text/xml", "application/xml", "application/vnd.ogc.wms_xml")
XML = ("text/xml", "application/xml", "application/vnd.ogc.se_xml")


class TileService:
    """The WSGI application: HTTP on the outside, a MapProxy application per collection inside."""

    def __init__(self, maps: Maps) -> None:
        self.maps = maps

    def __call__(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        """Answer one request."""
        return self._answer(environ).send(environ, start_response)

    def _answer(self, environ: Environ) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return Answer(204, headers=dict(PREFLIGHT))
        if method not in ("GET", "HEAD"):
            return Answer(405, headers={"allow": PREFLIGHT["Allow"]})
        try:
            return self._route(environ)
        except NotFound as error:
            return Answer.text(str(error), 404)
        except Misconfigured as error:
            return Answer.text(f"This collection has no map just now: {error}", 503)
        except Transient:
            return Answer.text("The catalogue does not answer just now.", 503)

    def _route(self, environ: Environ) -> Answer:
        environ.setdefault("SCRIPT_NAME", "")
        # MapProxy's view of the request: it minds X-Forwarded-* and X-Script-Name.
        request = Request(environ)
        base = request.script_url
        collection, _, rest = request.path.lstrip("/").partition("/")
        if collection == "":
            return self._list(base)
        if collection == "health":
            return self._health()
        if rest == "":
            return Answer.json(self._describe(base, collection))
        return self._map(environ, collection, f"/{rest}")

    def _list(self, base: str) -> Answer:
        entries = self.maps.entries().items()
        shown = [name for name, entry in entries if entry.configuration is not None]
        return Answer.json({"collections": [self._describe(base, name) for name in shown]})

    def _describe(self, base: str, collection: str) -> dict[str, Any]:
        """The addresses of a collection's map services.

        Raises:
            NotFound: it has no map.
            Misconfigured: its configuration never was good.
        """
        configuration = self.maps.configuration(collection)
        root = f"{base}/{collection}"
        layers = [
            {
                "name": layer["name"],
                "title": layer["title"],
                "tiles": f"{root}/wmts/{layer['name']}/webmercator/{{z}}/{{x}}/{{y}}.png",
            }
            for layer in configuration["layers"]
        ]
        return {
            "id": collection,
            "title": configuration["services"]["wms"]["md"]["title"],
            "wms": f"{root}/service?SERVICE=WMS&REQUEST=GetCapabilities",
            "wmts": f"{root}/wmts/1.0.0/WMTSCapabilities.xml",
            "layers": layers,
        }

    def _health(self) -> Answer:
        try:
            broken, count = self.maps.broken(), len(self.maps.versions())
        except Transient:
            broken, count = {}, 0
        failing = self.maps.fault
        document = {
            "status": "failing" if failing else "degraded" if broken else "ok",
            "catalogue": failing or "ok",
            "collections": count,
            "broken": broken,
        }
        return Answer.json(document, 503 if failing else 200)

    def _map(self, environ: Environ, collection: str, path: str) -> Answer:
        app = self.maps.app(collection)
        params = parameters(environ.get("QUERY_STRING", ""))
        found = fault(path, params)
        if found:
            return exception(found, path, params)
        path, params = by_key(path, params)
        try:
            when = self._moment(collection, params)
        except ValueError as error:
            code = "InvalidDimensionValue" if is_wms(params) else "InvalidParameterValue"
            return exception(Fault(code, f"{error}.", "TIME"), path, params)
        answer = call(app, _inside(environ, collection, path, canonical(params, when.name)))
        if answer.status == 500:
            return _judged(answer, path, params)
        if answer.status == 200 and answer.kind in CAPABILITIES:
            return replace(answer, body=timed(answer.body, self.maps.days(collection)))
        return _told(answer, when)

    def _moment(self, collection: str, params: Parameters) -> Moment:
        """What the TIME of a request asks for.

        Raises:
            ValueError: it cannot be understood.
        """
        given = params.get("time", "")
        if not given or params.get("request", "").lower() == "getcapabilities":
            return Moment()
        return moment(given, self.maps.days(collection))


def _inside(environ: Environ, collection: str, path: str, query: str) -> Environ:
    """The request that a collection's MapProxy application sees."""
    return environ | {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": f"{environ['SCRIPT_NAME']}/{collection}",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_IF_NONE_MATCH": "",
    }


def _told(answer: Answer, when: Moment) -> Answer:
    """The answer, with the warning of WMS 1.3.0, C.4.3, where a value is the nearest one."""
    if not when.nearest:
        return answer
    warning = f'99 - "Nearest value used: time={when.name} ISO8601"'
    return replace(answer, headers=answer.headers | {"warning": warning})


def _judged(answer: Answer, path: str, params: dict[str, str]) -> Answer:
    """MapProxy calls every exception of its WMS an internal error; most are the client's."""
    if FAILED.encode() in answer.body:
        return exception(Fault("NoApplicableCode", FAILED), path, params, 503)
    if answer.kind in XML:
        return Answer(400, answer.body, answer.headers)
    return exception(Fault("NoApplicableCode", "The request failed."), path, params, 500)


def create_app(
    catalogue: Opener = process_catalogue, settings: TilesSettings | None = None
) -> TileService:
    """The application, by the environment's settings unless others are given."""
    return TileService(Maps(catalogue, settings or TilesSettings()))
