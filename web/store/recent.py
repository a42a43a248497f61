"""What visitors asked of late, as far as it is kept."""

from sqlalchemy import Connection, func, select

from web.store.models import Turn


def recent_questions(connection: Connection, municipality: str, most: int) -> list[tuple[str, str]]:
    """Return the last different questions to a municipality with their language, the newest first."""
    last = func.max(Turn.id)
    found = (
        select(Turn.language, Turn.question)
        .where(Turn.municipality == municipality, Turn.question.is_not(None))
        .group_by(Turn.language, Turn.question)
        .order_by(last.desc())
        .limit(most)
    )
    return [(row.language, row.question) for row in connection.execute(found)]
