"""The framework that writes our OpenAPI document, kept behind this module.

flask-openapi3 describes the routes; it does not read requests. Its own binding builds a JSON Schema on every call,
answers 500 to deep nesting and accepts UTF-16, so bodies have `web.json_body`, parameters the few lines below.
"""

from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from threading import Lock
from typing import Any, Final, TypeVar

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.schema import Schema
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.utils import parse_parameters
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.datastructures import MultiDict

from bot import LANGUAGES
from web.errors import PROBLEMS, RequestError, note
from web.i18n import languages

TITLE: Final = "Hemvist"
VERSION: Final = "1"
SCHEMAS: Final = "#/components/schemas/"
BODY: Final = "x-hemvist-body"  # a model that is to be described as the body
DESCRIBING: Final = Lock()
NOTHING: Final[dict[Any, Any]] = {"description": "It is done. There is nothing to tell."}
# holds a character that stays when spaces and invisible characters are taken away
VISIBLE = (
    r"[^\s\u0000-\u001f\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff"
    "\U000e0000-\U000e007f]"
)
Responses = dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None]


class Problem(BaseModel):
    """What is wrong with a request (RFC 9457), told in the asked language and never repeating what was sent."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(description="urn:hemvist:problem: and the code")
    title: str
    status: int
    code: str = Field(json_schema_extra={"enum": [*sorted(PROBLEMS)]})
    field: str | None = Field(description="The member or parameter at fault")
    request_id: str = Field(description="Also in the header X-Request-ID")
    detail: str


class RepeatHeader(BaseModel):
    """How a repeated request is known."""

    key: str | None = Field(
        None,
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,128}$",
        description="Something random. The same request with the same key within ten minutes gets the same reply, and "
        "is not counted twice",
    )


def problems(*statuses: int) -> Responses:
    """Declare problem+json for `statuses` of a route."""
    schema = {"schema": {"$ref": f"{SCHEMAS}Problem"}}
    return {status: {"content": {"application/problem+json": schema}} for status in statuses}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """Declare `model` as the body of a route that reads it by itself."""
    return {BODY: model}


class Api(APIBlueprint):
    """A blueprint whose routes are described in the document; views take `path`, `query`, `header` as typed models.

    A start notes what there is to describe; it is worked out when the document is asked for.
    """

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        self._to_describe: list[Callable[[], object]] = []
        super().__init__(name, import_name, abp_responses=problems(405, 421, 500), **options)

    def gives(self, model: type[BaseModel], *kinds: str) -> dict[str, Any]:
        """Declare an answer that is a `model` written as each of `kinds`; a table is text to the document."""
        self._to_describe.append(lambda: self._add_schema(model))
        whole = {"schema": {"$ref": SCHEMAS + model.__name__}}
        return {"content": {kind: {"schema": {"type": "string"}} if kind == "text/csv" else whole for kind in kinds}}

    def describe(self) -> None:
        """Work out what is still to be described."""
        while self._to_describe:
            self._to_describe.pop(0)()

    def _add_schema(self, model: type[BaseModel]) -> None:
        schema = model.model_json_schema(mode="serialization", ref_template=SCHEMAS + "{model}")
        parts = {**schema.pop("$defs", {}), model.__name__: schema}
        self.components_schemas.update({name: Schema(**part) for name, part in parts.items()})

    def _collect_openapi_info(self, rule: str, func: Any, **told: Any) -> Any:
        """Return what the view takes; the framework calls this for each route, and would describe it at once."""
        self._to_describe.append(lambda: self._describe_route(rule, func, told))
        return parse_parameters(func, doc_ui=False)

    def _describe_route(self, rule: str, func: Any, told: dict[str, Any]) -> None:
        extensions = dict(told.get("openapi_extensions") or {})
        if model := extensions.pop(BODY, None):
            schema = {"application/json": {"schema": model.model_json_schema()}}
            extensions["requestBody"] = {"required": True, "content": schema}
        super()._collect_openapi_info(rule, func, **{**told, "openapi_extensions": extensions or None})

    @staticmethod
    def create_view_func(func: Any, header: Any, cookie: Any, path: Any, query: Any, *args: Any, **options: Any) -> Any:
        """Return the view of `func`; the framework calls this for each route."""

        def view(**kwargs: str) -> Response:
            given = {"path": typed(path, kwargs)} if path else {}
            if query:
                given["query"] = typed(query, single(request.args, query))
            if header:
                given["header"] = typed(header, _sent(header))
            response: Response = func(**given)
            return response

        view.__name__ = func.__name__
        return view


class Application(OpenAPI):
    """The Flask application; it collects the document of its `Api` blueprints, and serves it at /openapi.json."""

    def __init__(self, import_name: str) -> None:
        super().__init__(
            import_name,
            info=Info(title=TITLE, version=VERSION, description="Sourced answers for those who think of moving here."),
            security_schemes={},
            validation_error_model=Problem,
            doc_ui=False,
        )
        self._apis: list[Api] = []
        self.add_url_rule("/openapi.json", "openapi", self.document)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func` as it is: nothing here is a coroutine, and Flask would look at a dozen functions a request."""
        return func

    def register_api(self, api: APIBlueprint, **options: Any) -> None:
        """Add the routes of an `Api`, and remember it for the document."""
        super().register_api(api, **options)
        if isinstance(api, Api):
            self._apis.append(api)

    def document(self) -> dict[str, Any]:
        """Return the OpenAPI document, without the 422 that the framework declares where a route has none."""
        with DESCRIBING:
            for api in self._apis:
                api.describe()
                self.paths.update(api.paths)
                self.components_schemas.update(api.components_schemas)
            written: dict[str, Any] = self.api_doc
        for path in written["paths"].values():
            for operation in path.values():
                if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                    del operation["responses"]["422"]
        told: dict[str, Any] = _with_languages(written)
        return told

    def log_exception(self, exc_info: Any) -> None:
        """Log an error that nobody expected."""
        note(exc_info[1])


def _with_languages(part: Any) -> Any:
    """Return a part of the document with the languages that this server speaks where it was written for two."""
    if isinstance(part, list):
        return [*languages()] if part == [*LANGUAGES] else [_with_languages(inner) for inner in part]
    return {name: _with_languages(inner) for name, inner in part.items()} if isinstance(part, dict) else part


Model = TypeVar("Model", bound=BaseModel)


def single(given: "MultiDict[str, str]", model: type[BaseModel]) -> dict[str, str]:
    """Return the parameters by name; raises RequestError where one that `model` knows stands twice."""
    for name in model.model_fields:
        if len(given.getlist(name)) > 1:
            raise RequestError("parameter_twice", name, name=name)
    return given.to_dict()


def typed(model: type[Model], given: Mapping[str, str]) -> Model:
    """Return `given` as a `model`; raises RequestError, which says what is accepted."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refusal(model, error) from None


def _sent(model: type[BaseModel]) -> dict[str, str]:
    """Return the headers of this request that `model` names."""
    names = [field.alias or name for name, field in model.model_fields.items()]
    return {name: request.headers[name] for name in names if name in request.headers}


def _refusal(model: type[BaseModel], error: ValidationError) -> RequestError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = str(first["loc"][0])
    match first["type"]:
        case "extra_forbidden":
            return RequestError("parameter_unknown", accepted=", ".join(model.model_fields))
        case "missing":
            return RequestError(f"{field}_missing", field)
    if field == "language":
        return RequestError("language_unknown", field, accepted=", ".join(languages()))
    if field == "Idempotency-Key":
        return RequestError("idempotency_key_invalid", field)
    return _accepting(field, _described(model)[field])


def _accepting(field: str, accepted: Mapping[str, Any]) -> RequestError:
    """Say what the document says of a parameter."""
    if "enum" in accepted:
        return RequestError("parameter_invalid", field, name=field, accepted=", ".join(accepted["enum"]))
    if accepted.get("type") == "integer":
        least, most = accepted["minimum"], accepted["maximum"]
        return RequestError("parameter_no_number", field, name=field, least=least, most=most)
    return RequestError("parameter_no_text", field, name=field, limit=accepted["maxLength"])


@cache
def _described(model: type[BaseModel]) -> Mapping[str, Mapping[str, Any]]:
    properties: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    return properties
