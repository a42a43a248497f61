"""Answers are Markdown; pages show the part of it that the script knows too: paragraphs, lists, bold and links."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

RULES: Final = ("list", "emphasis", "link")
SCHEMES: Final = ("https://", "http://", "mailto:", "tel:")
CALLABLE: Final = re.compile(r"\+?\d[\d\u00a0-]{2,14}")

Rendered = Callable[[Sequence[Token], int, Any, Any], str]


def render(text: str) -> Markup:
    """Return `text` as HTML in which no tag, script or foreign address of the writer's survives."""
    return Markup(_parser().render(_kept_together(text)))  # noqa: S704 — html=False: markdown-it escapes every tag in the text


def render_with_calls(text: str) -> Markup:
    """Return `text` as `render` does, with each number in bold made a link that calls it (crisis texts)."""
    return Markup(_calling_parser().render(_kept_together(text)))  # noqa: S704 — as in render; the link holds digits alone


def is_safe_link(url: str) -> bool:
    """Whether `url` is of a kind that a page may link to."""
    return url.strip().lower().startswith(SCHEMES)


def _kept_together(text: str) -> str:
    """No line breaks inside 113 13 or 150 000."""
    return re.sub(r"(?<=\d) (?=\d)", "\u00a0", text)


@cache
def _parser() -> MarkdownIt:
    return _new_parser()


def _new_parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False}).enable(list(RULES))
    parser.validateLink = is_safe_link  # type: ignore[method-assign]  # the documented way to restrict links
    parser.add_render_rule("link_open", _guarded_link)
    return parser


def _guarded_link(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener")
    return self.renderToken(tokens, index, options, env)


@cache
def _calling_parser() -> MarkdownIt:
    parser = _new_parser()
    parser.add_render_rule("text", _number)
    return parser


def _number(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    text = tokens[index].content
    if index and tokens[index - 1].type == "strong_open" and CALLABLE.fullmatch(text):
        digits = text.replace("\u00a0", "")
        return f'<a href="tel:{digits}">{escape(text)}</a>'
    return str(escape(text))
