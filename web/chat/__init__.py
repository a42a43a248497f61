"""Asking and being answered: the JSON view, the pages, and what both share. No other blueprint imports from here."""
