"""Asking and being answered: the JSON view, the pages, and what both share. Nothing here is imported by another blueprint."""
