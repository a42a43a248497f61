"""Knowledge and engine held to account: checks, evaluation, benchmark."""
