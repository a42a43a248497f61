"""The table of what staff decided about their municipality beside its files."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from web.store.models import NAME, Base, Utc
from web.store.staff_tables import EMAIL


class StaffSettingRow(Base):
    """One decision; the last of a setting holds. `value` is JSON; null: what the file says holds again."""

    __tablename__ = "staff_settings"
    __table_args__ = (Index("staff_settings_municipality", "municipality", "setting", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality: Mapped[str] = mapped_column(NAME)
    setting: Mapped[str] = mapped_column(String(20))
    value: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Utc)
    actor: Mapped[str] = mapped_column(EMAIL)
