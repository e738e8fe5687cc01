"""Tests of airbyte/."""
