"""A question → ranked entries → how sure we are. Knows phrasings and words, nothing of dialogue."""
