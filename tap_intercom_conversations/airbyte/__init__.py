"""Airbyte's side: the same tap, over the Airbyte protocol."""
