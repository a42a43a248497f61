"""The chat body reader: every odd body has its own status and code, and none of them ends in a 500."""

import io
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import create_environ, run_wsgi_app

from web.chat.body import read_members
from web.errors import PROBLEMS, RequestError
from web.json_body import MAX_BYTES, parse

GOOD = {"question": "hej", "municipality": "norrby"}


def post(client: FlaskClient, data: bytes, **headers: str):
    return client.post("/api/v1/chat", data=data, content_type="application/json", headers=headers)


def body(**members: object) -> bytes:
    return json.dumps({**GOOD, **members}).encode()


REFUSED = {
    "1 empty body": (b"", "body_empty"),
    "1 only spaces": (b" \n", "body_empty"),
    "2 bare word": (b"hej", "json_invalid"),
    "3 cut off": (b'{"question":"he', "json_invalid"),
    "4 list": (b'["hej"]', "body_not_object"),
    "5 text": (b'"hej"', "body_not_object"),
    "6 null": (b"null", "body_not_object"),
    "7 number": (b"1", "body_not_object"),
    "8 no question": (b'{"municipality":"norrby"}', "question_missing"),
    "9 question null": (body(question=None), "question_not_text"),
    "10 question number": (body(question=1), "question_not_text"),
    "11 question list": (body(question=["a"]), "question_not_text"),
    "12 question object": (body(question={"$gt": ""}), "question_not_text"),
    "13 question true": (body(question=True), "question_not_text"),
    "14 question empty": (body(question=""), "question_empty"),
    "15 question of spaces": (body(question="   "), "question_empty"),
    "15 question of no-break spaces": (body(question="\u00a0\u00a0"), "question_empty"),
    "15 question of zero-width signs": (body(question="\u200b\u200d\ufeff"), "question_empty"),
    "16 501 characters": (body(question="å" * 501), "question_too_long"),
    "17 17 kB": (body(question="a" * 17_000), "body_too_large"),
    "19 only NUL": (body(question="\u0000"), "question_empty"),
    "20 lone surrogate": (b'{"question":"\\ud800","municipality":"norrby"}', "text_invalid"),
    "20 lone surrogate in municipality": (b'{"question":"hej","municipality":"\\udfff"}', "text_invalid"),
    "20 lone surrogate in context": (b'{"question":"hej","municipality":"norrby","context":"\\ud800"}', "text_invalid"),
    "20 surrogate as UTF-8 bytes": (b'{"question":"\xed\xa0\x80","municipality":"norrby"}', "not_utf8"),
    "21 Latin-1": ('{"question":"höst","municipality":"norrby"}'.encode("latin-1"), "not_utf8"),
    "22 UTF-16": (body().decode().encode("utf-16"), "not_utf8"),
    "22 UTF-16 without mark": (body().decode().encode("utf-16-le"), "not_utf8"),
    "22 UTF-32": (body().decode().encode("utf-32"), "not_utf8"),
    "24 name twice": (b'{"question":"hej","question":"hopp","municipality":"norrby"}', "json_duplicate_key"),
    "24 name twice inside": (b'{"question":{"a":1,"a":2},"municipality":"norrby"}', "json_duplicate_key"),
    "25 NaN": (b'{"question":NaN,"municipality":"norrby"}', "json_number"),
    "25 Infinity": (b'{"question":-Infinity,"municipality":"norrby"}', "json_number"),
    "25 infinity by exponent": (b'{"question":1e999,"municipality":"norrby"}', "json_number"),
    "26 500 deep": (b"[" * 500 + b"]" * 500, "json_too_deep"),
    "26 21 deep": (b"[" * 21 + b"]" * 21, "json_too_deep"),
    "26 8,000 brackets": (b"[" * 8_000, "json_too_deep"),
    "26 deep objects": (b'{"a":' * 30 + b"1" + b"}" * 30, "json_too_deep"),
    "27 5,000 digits": (b'{"question":' + b"9" * 5_000 + b',"municipality":"norrby"}', "json_number"),
    "28 trailing garbage": (body() + b"x", "json_invalid"),
    "28 two objects": (body() + body(), "json_invalid"),
    "29 single quotes": (b"{'question':'hej','municipality':'norrby'}", "json_invalid"),
    "30 comment": (b'{"question":"hej", // hello\n"municipality":"norrby"}', "json_invalid"),
    "31 unknown member": (body(admin=True), "field_unknown"),
    "31 unknown member of odd name": (body(**{"<script>": 1}), "field_unknown"),
    "32 unknown language": (body(language="de"), "language_unknown"),
    "33 language list": (body(language=["sv"]), "language_unknown"),
    "33 language number": (body(language=1), "language_unknown"),
    "municipality a number": (body(municipality=1), "municipality_not_text"),
    "municipality number": (body(municipality=2404), "municipality_not_text"),
    "municipality unknown": (body(municipality="nowhere"), "municipality_unknown"),
    "municipality path": (body(municipality="../norrby"), "municipality_unknown"),
    "34 context of another type": (body(context={"entry": "plots"}), "context_not_text"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED)
def test_odd_body_is_refused_with_its_code(client: FlaskClient, data: bytes, code: str) -> None:
    response = post(client, data)
    assert (response.status_code, response.json["code"]) == (PROBLEMS[code][0], code)
    assert response.content_type == "application/problem+json"


ANSWERED = {
    "15 spaces around": "  hej \u200b ",
    "16 500 characters": "å" * 500,
    "16 500 characters and invisible ones": "å" * 500 + "\u200b" * 50,
    "19 NUL inside": "hej\u0000",
    "37 only emoji": "😀😀",
    "38 only digits": "123456",
    "39 only stop words": "jag",
    "40 markup": "<script>alert(1)</script>",
    "40 SQL": "'; DROP TABLE entries; --",
    "40 template": "{{7*7}}",
    "40 format": "%s %(a)s ${x} {0}",
    "41 bidi": "hej \u202etxet\u202c",
    "41 tags": "hej\U000e0068\U000e0065",
    "half a thousand brackets in a text": "[" * 499,
}


@pytest.mark.parametrize("question", ANSWERED.values(), ids=ANSWERED)
def test_odd_question_is_text_and_is_answered(client: FlaskClient, question: str) -> None:
    response = post(client, body(question=question))
    assert response.status_code == 200
    assert response.json["kind"] in ("answer", "choices", "none")


@pytest.mark.parametrize("question", ["😀😀", "123456", "jag"])
def test_question_that_says_nothing_gets_no_guess(client: FlaskClient, question: str) -> None:
    assert post(client, body(question=question)).json["kind"] in ("choices", "none")


@pytest.mark.parametrize("question", ["he\u202ej", "h\u200bej", "hej\U000e0068", "\ufeffhej"])
def test_invisible_characters_change_no_answer(client: FlaskClient, question: str) -> None:
    seen, plain = post(client, body(question=question)).json, post(client, body(question="hej")).json
    assert {**seen, "context": ""} == {**plain, "context": ""}


def test_byte_order_mark_is_accepted(client: FlaskClient) -> None:
    assert post(client, b"\xef\xbb\xbf" + body()).status_code == 200


def test_twenty_levels_are_not_too_deep() -> None:
    assert parse(b"[" * 20 + b"]" * 20)


def test_brackets_in_texts_do_not_count_as_depth() -> None:
    assert parse(json.dumps(['"[[[' * 20, "{\\" * 30]).encode())


def test_unclosed_text_of_quotes_is_judged_at_once() -> None:
    with pytest.raises(RequestError, match="json_"):
        parse(b"[" * 21 + b'"' + b'\\"' * 8_000)


def test_null_members_are_as_if_absent() -> None:
    asked = read_members({**GOOD, "language": None, "context": None})
    assert (asked.language, asked.context) == (None, None)


def test_body_of_exactly_16_kb_is_read(client: FlaskClient) -> None:
    data = body()
    assert post(client, data + b" " * (MAX_BYTES - len(data))).status_code == 200
    assert post(client, data + b" " * (MAX_BYTES + 1 - len(data))).status_code == 413


class Endless(io.RawIOBase):
    """A chunked body that never ends, and says how much of it was read."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        buffer[:] = b" " * len(buffer)
        self.given += len(buffer)
        return len(buffer)


def test_18_endless_chunked_body_is_refused_after_16_kb(app: Flask) -> None:
    endless = Endless()
    environ = create_environ("/api/v1/chat", method="POST", content_type="application/json")
    environ |= {"wsgi.input": endless, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    _body, status, headers = run_wsgi_app(app, environ)
    assert (status, headers["Content-Type"]) == ("413 REQUEST ENTITY TOO LARGE", "application/problem+json")
    assert endless.given <= 4 * MAX_BYTES


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ""]
)
def test_35_other_kinds_of_content_are_refused(client: FlaskClient, content_type: str) -> None:
    response = client.post("/api/v1/chat", data=body(), content_type=content_type)
    assert (response.status_code, response.json["code"]) == (415, "content_type")


def test_compressed_body_is_refused(client: FlaskClient) -> None:
    response = post(client, body(), **{"Content-Encoding": "gzip"})
    assert (response.status_code, response.json["code"]) == (415, "content_encoding")


def test_charset_may_be_named(client: FlaskClient) -> None:
    response = client.post("/api/v1/chat", data=body(), content_type="application/json; charset=utf-8")
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_36_other_methods_are_refused_and_told_which(client: FlaskClient, method: str) -> None:
    response = client.open("/api/v1/chat", method=method)
    assert (response.status_code, response.json["code"]) == (405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]


def test_invalid_json_names_the_place(client: FlaskClient) -> None:
    detail = post(client, b'{"question":\n  hej}', **{"Accept-Language": "en"}).json["detail"]
    assert "line 2, column 3" in detail


def test_too_long_question_names_both_lengths(client: FlaskClient) -> None:
    detail = post(client, body(question="a" * 501)).json["detail"]
    assert "501" in detail
    assert "500" in detail


def test_unknown_language_names_those_known(client: FlaskClient) -> None:
    assert "sv, en" in post(client, body(language="de")).json["detail"]
