"""What people buy and why, what goes wrong, and why they leave."""
