"""The moving plan: a page, a calendar, a route of the API. What is answered here is never kept or logged."""
