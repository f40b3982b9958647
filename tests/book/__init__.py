"""Unit tests of the package `book`: no site is built, and no browser opened."""
