"""The one door: a question goes in, a reply comes out."""
