"""Questions about things: words → filters → plots, jobs and places that fit, compared and with their opening hours."""
