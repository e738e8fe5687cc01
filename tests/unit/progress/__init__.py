"""Tests of progress/."""
