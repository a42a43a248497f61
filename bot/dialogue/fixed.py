"""The crisis texts that stand even where the knowledge has none. Numbers as in `bot.content.layers.SAFETY`."""

from collections.abc import Mapping

from bot.models import AnswerTexts, Entry, Phrases

FIXED: Mapping[str, Entry] = {
    entry.id: entry
    for entry in (
        Entry(
            "emergency",
            Phrases(("Ring 112 vid fara",), ("Call 112 in danger",)),
            AnswerTexts(
                "Ring **112** nu om någon är i fara. Vid råd om vård: ring 1177.",
                "Call **112** now if anyone is in danger. For health advice, call 1177.",
            ),
        ),
        Entry(
            "crisis-support",
            Phrases(("Hjälp vid självmordstankar",), ("Help with thoughts of suicide",)),
            AnswerTexts(
                "Du är inte ensam. Ring **112** om det är akut. Mind Självmordslinjen: 90101. Råd om vård: 1177.",
                "You are not alone. Call **112** if it is urgent. Mind's suicide line: 90101. Health advice: 1177.",
            ),
        ),
        Entry(
            "violence-support",
            Phrases(("Hjälp vid våld i nära relation",), ("Help against violence at home",)),
            AnswerTexts(
                "Det är inte ditt fel. Ring **112** om det är akut. Kvinnofridslinjen: 020-50 50 50, dygnet runt.",
                "It is not your fault. Call **112** if it is urgent. Women's helpline: 020-50 50 50, day and night.",
            ),
        ),
    )
}
