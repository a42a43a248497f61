"""Markdown becomes the few kinds of HTML that we mean, and nothing a writer slips in becomes more."""

import pytest

from web.markdown import is_safe_link, render, render_with_calls


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Ett stycke.\n\nEtt till.", "<p>Ett stycke.</p>\n<p>Ett till.</p>\n"),
        ("Ring **växeln** nu.", "<p>Ring <strong>växeln</strong> nu.</p>\n"),
        ("Först:\n\n- a\n- b", "<p>Först:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"),
        ("[karta](https://a.se/x)", '<p><a href="https://a.se/x" rel="noopener">karta</a></p>\n'),
        ("[ring](tel:112)", '<p><a href="tel:112" rel="noopener">ring</a></p>\n'),
        ("kostar 150 000 kr", "<p>kostar 150\u00a0000 kr</p>\n"),
    ],
    ids=["paragraphs", "bold", "list", "steps", "link", "call", "number kept together"],
)
def test_the_known_part_is_shown(text: str, html: str) -> None:
    assert render(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "![x](https://a.se/spy.png)",
        "# rubrik",
        "`kod`",
        "<!-- x -->",
        "&lt;b&gt;",
    ],
)
def test_everything_else_stays_text(text: str) -> None:
    html = render(text)
    assert not {"<script", "<img", "<h1", "<code", "<!--", "<b>"} & {
        html[at : at + size] for at in range(len(html)) for size in (3, 4, 5, 7)
    }


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6A;avascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "//evil.example",
        "\\\\evil.example",
        "file:///etc/passwd",
        "/vindeln/sv/",
    ],
)
def test_no_other_kind_of_address_becomes_a_link(address: str) -> None:
    assert "<a" not in render(f"[x]({address})")
    assert "<a" not in render(f"[x](<{address}>)")
    assert not is_safe_link(address)


def test_numbers_in_bold_can_be_called_in_a_crisis_text() -> None:
    html = render_with_calls("Ring **112** eller **020-50 50 50**, **nu**.")
    assert '<strong><a href="tel:112">112</a></strong>' in html
    assert '<a href="tel:020-505050">020-50\u00a050\u00a050</a>' in html
    assert "<strong>nu</strong>" in html


def test_numbers_in_other_texts_are_not_links() -> None:
    assert "<a" not in render("Det kostar **150 000** kr.")


def test_a_crisis_text_is_escaped_too() -> None:
    assert "<b>" not in render_with_calls("**<b>112</b>** <b>x</b>")
