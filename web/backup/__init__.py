"""A backup: everything that an installation would miss, but for its keys, in one file; and the way back."""
