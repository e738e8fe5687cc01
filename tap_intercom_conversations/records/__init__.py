"""From an object of the API to a record of the schema."""
