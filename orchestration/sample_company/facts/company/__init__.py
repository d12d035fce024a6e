"""What is the same for all people: goods, prices, stores, stock, campaigns, offers, the market."""
