"""Who the people are: names, families, homes, contact points, devices, and what they allow."""
