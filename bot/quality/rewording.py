"""What an edit of the words does, which all questions are read by: everything is asked again in an index made anew."""

from bot.content.loading import Knowledge
from bot.dialogue.assistant import Assistant
from bot.quality.effect import Before, Effect, Moved


def reworded(before: Before, after: Knowledge) -> Effect:
    """Say which questions are answered otherwise when the knowledge becomes `after`; it takes a second or two."""
    anew = Before(Assistant(after), before.municipality, before.probes, before.day)
    pairs = ((probe, before.verdict(probe), anew.verdict(probe)) for probe in before.probes)
    moved = tuple(Moved(probe, was, now) for probe, was, now in pairs if was != now)
    return Effect("", (), moved, len(before.probes))
