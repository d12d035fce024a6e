"""What the product concluded, held against what is true: the claims, and the table of them."""
