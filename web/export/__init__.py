"""The static copy: every answer, list and contact as plain files, for when nothing else works."""
