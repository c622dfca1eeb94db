"""Reading office documents: their metadata, and what can be counted in them."""
