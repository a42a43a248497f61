"""/openapi.json: a true document of the API, held against the API itself."""

import json
import os
import re
import tempfile
from http import HTTPStatus
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from schemathesis import Case

from web.app import create_app
from web.chat.body import MAX_QUESTION, MEMBERS
from web.errors import PROBLEMS
from web.settings import read_settings

UNDESCRIBED = {"static", "openapi", "metrics.page"}
PAGES = ("pages.", "lists.", "plans.", "search.", "about.", "embed.", "manuals.", "manual.", "person.", "staff.")


@pytest.fixture(scope="module")
def document(app: Flask) -> dict:
    return app.test_client().get("/openapi.json").json


def operations(document: dict) -> dict[tuple[str, str], dict]:
    return {(path, method): found for path, item in document["paths"].items() for method, found in item.items()}


def test_every_route_that_is_no_page_is_described(app: Flask, document: dict) -> None:
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith(PAGES) and rule.endpoint not in UNDESCRIBED
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert set(operations(document)) == routes


def test_document_is_openapi_3_1_and_refers_to_nothing_missing(document: dict) -> None:
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    referred = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert referred <= set(document["components"]["schemas"])
    assert document["components"].get("securitySchemes", {}) is not None


def test_every_operation_has_a_summary_an_id_and_an_answer(document: dict) -> None:
    for operation in operations(document).values():
        assert operation["summary"].endswith(".")
        assert operation["operationId"]
        assert {"200", "204"} & set(operation["responses"])


def test_every_error_is_described_as_a_problem(document: dict) -> None:
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            kinds = set(response.get("content", {}))
            if operation["operationId"] == "ready":
                assert kinds <= {
                    "application/json",
                    "application/problem+json",
                }  # one that is down says why in its own shape
            elif status == "200":
                assert kinds <= {"application/json", "application/geo+json", "text/csv"}
            else:
                assert kinds == (set() if status == "204" else {"application/problem+json"})
            assert response["description"]


def test_every_error_code_is_listed(document: dict) -> None:
    assert document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == sorted(PROBLEMS)


def test_every_status_of_a_code_is_described_where_it_can_happen(document: dict) -> None:
    described = {status for operation in operations(document).values() for status in operation["responses"]}
    assert {str(status) for status, _text in PROBLEMS.values()} <= described


def test_question_of_the_document_is_the_question_that_is_read(document: dict) -> None:
    body = document["paths"]["/api/v1/chat"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == set(MEMBERS)
    assert body["additionalProperties"] is False
    assert body["required"] == ["question"]
    assert body["properties"]["question"]["maxLength"] == MAX_QUESTION


def test_document_is_not_for_writing(client: FlaskClient) -> None:
    assert client.post("/openapi.json").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_whatever_is_of_a_municipality_is_tried_with_one_that_exists(document: dict) -> None:
    asks = {path for (path, _), operation in operations(document).items() if "municipality" in json.dumps(operation)}
    assert asks
    assert [path for path in asks if not re.search(OF_A_MUNICIPALITY, path)] == []


# the document against the API: schemathesis tries what it allows and what it forbids, with all of its checks


# made here and not in a fixture: schemathesis reads the routes while tests are collected
DATA = tempfile.TemporaryDirectory()
SETTINGS = read_settings(
    {
        "HEMVIST_KNOWLEDGE": str(Path(__file__).parent / "knowledge"),
        "HEMVIST_DATA": DATA.name,
        "HEMVIST_SECRET_KEY": "k3y-" * 16,
    }
)
api = schemathesis.openapi.from_wsgi("/openapi.json", create_app(SETTINGS))
EXAMPLES = 600 if os.environ.get("NIGHTLY") else 100  # of each operation
OF_A_MUNICIPALITY = "chat|messages|entries|plan|plots|jobs|places|contacts|figures|titles|welcome"
thorough = settings(max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@api.parametrize()
@thorough
def test_api_keeps_to_its_document(case: Case) -> None:
    case.call_and_validate()


@api.include(path_regex=OF_A_MUNICIPALITY).parametrize()
@thorough
def test_api_keeps_to_its_document_where_the_municipality_exists(case: Case) -> None:
    if "entry_id" in case.path_parameters:
        case.path_parameters["entry_id"] = "plots"
    for part in (case.body, case.query):
        if isinstance(part, dict) and isinstance(part.get("municipality"), str):
            part["municipality"] = "norrby"
    case.call_and_validate()
