"""Tests of singer/."""
