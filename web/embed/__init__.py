"""The chat on other sites: its script, its page for a frame, and how to put it there."""
