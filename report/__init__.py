"""A report on support, as one HTML page, made from the models that dbt builds."""
