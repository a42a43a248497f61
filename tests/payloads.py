# ruff: noqa: E501 — what attackers write is easier to read unbroken
"""What attackers write, and a reply in which everything that can be written is such a text."""

from typing import Any

TEXTS = [
    "<script>document.title='x'</script>", "<img src=x onerror=\"document.title='x'\">", "<svg onload=\"document.title='x'\">",
    "\"><img src=x onerror=\"document.title='x'\">", "'><svg/onload=document.title='x'>", "</textarea><script>document.title='x'</script>",
    "<iframe srcdoc=\"<script>parent.document.title='x'</script>\"></iframe>", "<details open ontoggle=document.title='x'>",
    "<a href=javascript:document.title='x'>a</a>", "[a](javascript:document.title='x')", "[a](JaVaScRiPt:document.title='x')",
    "[a](java\tscript:document.title='x')", "[a](&#106;avascript:document.title='x')", "[a](data:text/html,<script>1</script>)",
    "[a](vbscript:msgbox)", "[a](//evil.example)", "[a](\\\\evil.example)", "[a](/\\evil.example)", "**<b>x</b>**", "*<i>x</i>*",
    "- <li>x</li>", "1. <script>1</script>", "![a](javascript:1)", "<link rel=stylesheet href=https://evil.example>",
    "<style>*{display:none}</style>", "<base href=https://evil.example>", "<meta http-equiv=refresh content=0>", "<form action=https://evil.example>",
    "<input autofocus onfocus=document.title='x'>", "<video><source onerror=document.title='x'>", "<math href=javascript:1>x</math>",
    "<template><script>1</script></template>", "<slot name=x></slot>", "<hemvist-chat inline></hemvist-chat>", "{{constructor.constructor('1')()}}",
    "${document.title='x'}", "%(place)s %s", "&lt;script&gt;1&lt;/script&gt;", "\u202e<b>\u0000", "__proto__",
]  # fmt: skip


def poisoned(text: str) -> dict[str, Any]:
    """A reply in which everything that can be written is `text`."""
    option = {"entry": text, "title": text, "link": f"javascript:{text}"}
    contact = {
        "name": text, "phone": text, "phone_link": "javascript:document.title='x'", "email": text, "url": "javascript:1", "address": text,
        "note": text, "languages": [{"code": text, "name": text}], "hours": {"state": text, "text": text, "week": [], "exceptions": []},
        "phone_hours": None,
    }  # fmt: skip
    record = {
        "id": text, "title": text, "badge": text, "status": text, "lines": [text], "details": [text], "example": True, "example_text": text,
        "url": None, "phone": text, "phone_link": "javascript:1",
    }  # fmt: skip
    other = {
        "municipality": text, "name": text, "entry": text, "title": text, "title_language": text, "text": text, "text_language": text,
        "link": "javascript:1", "total": 1, "records": [record], "list_link": "javascript:1",
    }  # fmt: skip
    return {
        "kind": "records", "language": "sv", "entry": text, "title": text, "text": text, "text_language": text, "source": None, "checked": None,
        "links": [{"url": "javascript:document.title='x'", "label": text}], "next": [option], "choices": [option], "link": "javascript:1",
        "records": [record], "total": 1, "filters": {}, "chips": [{"name": text, "text": text, "without": "javascript:1"}], "relaxed": None,
        "list_link": "javascript:1", "plan_link": None, "together": [], "municipality": text, "municipalities": [other], "contacts": [contact], "notices": [{"code": text, "text": text}], "confidence": 1,
        "comparison": {"columns": [text], "rows": [{"id": text, "label": text, "cells": [{"text": text, "source": None}]}]},
        "context": text, "context_ignored": False,
    }  # fmt: skip
