"""Assistant.reply: safety, language, matching, decision, reply."""

from bot.content.layers import View
from bot.content.loading import Knowledge
from bot.models import Answer, Entry, Explanation, Language, NoAnswer, Option, Question, Reply


class Assistant:
    """Answers questions from one `Knowledge`. Build a new one when the knowledge changes; it is safe to share by threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def reply(self, question: Question) -> Reply:
        """Answer `question`; raises UnknownMunicipalityError."""
        view = self.knowledge.view(question.municipality)
        return NoAnswer(question.prior, 0.0, view.contacts_of(Entry("none")))

    def explain(self, question: Question) -> Explanation:
        """Say why `reply` answers as it does."""
        raise NotImplementedError

    def answer(self, entry: str, question: Question) -> Answer | None:
        """Give the answer of `entry` itself, as on its own page; None where it does not exist or may not be given."""
        raise NotImplementedError
