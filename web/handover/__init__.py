"""A person instead of the chatbot: when one is there, how to call, and a form. No other blueprint imports it."""
