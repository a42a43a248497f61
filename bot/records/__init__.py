"""What can be listed or looked up beside the answers, and how a question asks for it."""
