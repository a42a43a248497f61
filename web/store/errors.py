"""How the store fails."""


class StoreError(Exception):
    """The database does not do what it is asked now; the words hold no value that was to be kept."""


class NewerSchemaError(StoreError):
    """The database was written by a newer Hemvist."""
