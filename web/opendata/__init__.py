"""Plots, jobs, places and contacts as everyone may have them: the list and its map, GeoJSON, JSON, CSV and Atom."""
