"""Tests of reading/."""
