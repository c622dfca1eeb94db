"""Readers of office documents: their metadata, and counts of words, slides and sheets."""
