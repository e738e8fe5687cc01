"""Tests of transform/: the models on real databases, against figures that other code makes."""
