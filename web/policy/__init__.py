"""What the service says about itself: privacy, record of processing, disposal, accessibility.

One source for the pages and for `hemvist policy`; written from the settings and the municipality as they are.
"""
